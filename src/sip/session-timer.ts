import { header, lists } from './headers.ts';
import type { Headers, SipRequest, SipResponse } from './message.ts';
import { parseParams } from './uri.ts';

/** What both ends agreed on, RFC 4028. */
export interface SessionTimer {
  readonly intervalSeconds: number;
  /** Who refreshes, as seen by the transaction that agreed on it. */
  readonly refresher: 'uac' | 'uas';
}

/** What we want. */
export interface SessionTimerWish {
  /** The longest interval that we accept, seconds. Default 1800. */
  readonly intervalSeconds?: number;
  /** The shortest interval that we accept, seconds, at least 90. Default 90. */
  readonly minSeconds?: number;
}

/** Reads Session-Expires or Min-SE. */
function seconds(
  message: SipRequest | SipResponse,
  name: string,
): { readonly value: number; readonly refresher: string | undefined } | undefined {
  const match = /^(\d{1,9})[ \t]*(;.*)?$/s.exec(header(message, name) ?? '');
  const params = match === null ? undefined : parseParams(match[2] ?? '');
  return params === undefined ? undefined : { value: Number(match?.[1]), refresher: params.get('refresher')?.toLowerCase() };
}

/** What the called party answers to an INVITE or UPDATE. */
export type SessionTimerAnswer =
  /** Answer 422 with these headers. */
  | { readonly refuse: 422; readonly headers: Headers }
  /** Put these headers into the 2xx. */
  | { readonly timer: SessionTimer; readonly headers: Headers };

/** Negotiates as the called party, RFC 4028 §9. A caller that does not know timers is refreshed by us. */
export function answerSessionTimer(
  request: SipRequest,
  { intervalSeconds = 1_800, minSeconds = 90 }: SessionTimerWish = {},
): SessionTimerAnswer {
  const knows = lists(request, 'Supported', 'timer') || lists(request, 'Require', 'timer');
  const asked = seconds(request, 'Session-Expires');
  if (knows && asked !== undefined && asked.value < minSeconds) return { refuse: 422, headers: [['Min-SE', String(minSeconds)]] };
  const floor = Math.max(minSeconds, seconds(request, 'Min-SE')?.value ?? 0);
  const interval = Math.max(floor, Math.min(asked?.value ?? intervalSeconds, intervalSeconds));
  const refresher = knows && asked?.refresher !== 'uas' ? 'uac' : 'uas';
  const headers: [string, string][] = [];
  if (knows || asked !== undefined) headers.push(['Session-Expires', `${interval};refresher=${refresher}`]);
  if (refresher === 'uac') headers.push(['Require', 'timer']);
  return { timer: { intervalSeconds: interval, refresher }, headers };
}

/** The headers with which a caller asks for a timer, RFC 4028 §7.1. The caller lists `timer` in Supported. In a refresh name the refresher. */
export function offerSessionTimer({ intervalSeconds = 1_800, minSeconds = 90 }: SessionTimerWish = {}, refresher?: 'uac' | 'uas'): Headers {
  return [
    ['Session-Expires', refresher === undefined ? String(intervalSeconds) : `${intervalSeconds};refresher=${refresher}`],
    ['Min-SE', String(minSeconds)],
  ];
}

/** What a 2xx agreed to as the caller sees it, RFC 4028 §7.2; undefined when there is no timer. */
export function agreedSessionTimer(response: SipResponse): SessionTimer | undefined {
  const agreed = seconds(response, 'Session-Expires');
  if (agreed === undefined || agreed.value < 1) return undefined;
  return { intervalSeconds: agreed.value, refresher: agreed.refresher === 'uas' ? 'uas' : 'uac' };
}

/** What to ask for after a 422, RFC 4028 §7.3; undefined when the answer does not say. */
export function wishAfter422(response: SipResponse): SessionTimerWish | undefined {
  const least = seconds(response, 'Min-SE')?.value;
  return least === undefined ? undefined : { intervalSeconds: least, minSeconds: least };
}

/** When to act after the timer was agreed on or refreshed, in ms: the refresher at half time, the other ends the call shortly before its end (RFC 4028 §10). */
export function sessionTimerWaits({ intervalSeconds }: SessionTimer): { readonly refreshAfter: number; readonly endAfter: number } {
  const early = Math.min(32, Math.floor(intervalSeconds / 3));
  return { refreshAfter: intervalSeconds * 500, endAfter: (intervalSeconds - early) * 1_000 };
}
