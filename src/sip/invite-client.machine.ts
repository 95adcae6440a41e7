import type { Machine, Step } from '../base/index.ts';
import { type Effect as ClientEffect, end, type Input, resend, type Sent, sent, stay } from './client-transaction.ts';
import { acknowledge } from './follow-up.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { type TransportKind, transactionTimeout } from './timers.ts';

/**
 * INVITE client transaction, RFC 3261 §17.1.1 as corrected by RFC 6026 §7.2.
 *
 *   calling --1xx--> proceeding
 *   calling: the request is resent after A
 *   calling, proceeding --2xx--> accepted --M--> terminated
 *   calling, proceeding --300..699, ACK--> completed --D--> terminated
 *   calling --B--> terminated
 *   calling, proceeding, completed --transport failure--> terminated
 */
export type State =
  | ({ readonly at: 'calling' } & Sent)
  | { readonly at: 'proceeding'; readonly request: SipRequest; readonly reliable: boolean }
  | { readonly at: 'completed'; readonly ack: SipRequest; readonly until: number }
  | { readonly at: 'accepted'; readonly until: number }
  | { readonly at: 'terminated' };

export type { Input } from './client-transaction.ts';

export type Effect =
  | ClientEffect
  /** The ACK of an answer that is no 2xx; its user sends the ACK of a 2xx. */
  | { readonly do: 'ack'; readonly message: SipRequest };

/** Timer D: how long resent final answers are still acknowledged, ms; at least 32 s. */
const answersResent = 32_000;

/** The state right after the caller first sent the INVITE. */
const start = (now: number, kind: TransportKind & { readonly request: SipRequest }): State => ({ at: 'calling', ...sent(now, kind) });

type At<Name extends State['at']> = Extract<State, { at: Name }>;

function answered({ request, reliable }: At<'calling' | 'proceeding'>, message: SipResponse, now: number): Step<State, Effect> {
  const pass = { do: 'pass', message } as const;
  if (message.status < 200) return { state: { at: 'proceeding', request, reliable }, effects: [pass] };
  if (message.status < 300) return { state: { at: 'accepted', until: now + transactionTimeout }, effects: [pass] };
  const ack = acknowledge(request, message);
  return {
    state: reliable ? { at: 'terminated' } : { at: 'completed', ack, until: now + answersResent },
    effects: [{ do: 'ack', message: ack }, pass],
  };
}

function response(state: State, message: SipResponse, now: number): Step<State, Effect> {
  switch (state.at) {
    case 'calling':
    case 'proceeding':
      return answered(state, message, now);
    case 'completed':
      return message.status >= 300 ? { state, effects: [{ do: 'ack', message: state.ack }] } : stay(state);
    case 'accepted':
      // Each 2xx goes up: one may come from another branch of a fork, and each resent one needs its ACK again.
      return message.status >= 200 && message.status < 300 ? { state, effects: [{ do: 'pass', message }] } : stay(state);
    case 'terminated':
      return stay(state);
  }
}

function time(state: State, now: number): Step<State, Effect> {
  if (state.at === 'calling') return resend(state, now, Number.POSITIVE_INFINITY);
  return 'until' in state && now >= state.until ? stay({ at: 'terminated' }) : stay(state);
}

/** The INVITE client transaction. */
export const inviteClient: Machine<State, Input, Effect> & { readonly start: typeof start } = {
  start,
  deadline(state) {
    if (state.at === 'calling') return Math.min(state.resendAt, state.giveUpAt);
    return 'until' in state ? state.until : undefined;
  },
  step(state, input, now) {
    if (input.type === 'time') return time(state, now);
    if (input.type === 'response') return response(state, input.message, now);
    return state.at === 'accepted' || state.at === 'terminated' ? stay(state) : end('transport');
  },
};
