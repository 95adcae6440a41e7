import { isObject, type Json, type JsonObject } from '../../../base/index.ts';
import type { Refusal } from '../../reasons.ts';
import { act, type Connection, type RunEffect, type RunInput, type Turn } from '../act.ts';
import { DAY, flagOf, mapOf, numberOf, textOf } from './option.ts';

interface Wanted extends Omit<Connection, 'connect'> {
  /** Once somebody has answered nothing comes behind it (KAZOO's modules). */
  readonly endsWhenAnswered: boolean;
  /** Where it goes on by the reason why nobody answered. */
  readonly failures: Readonly<Record<string, string>>;
}

interface Connecting {
  readonly connect: number;
  /** What the caller hears meanwhile. */
  readonly ringback: number | undefined;
  readonly wanted: Wanted;
}

/** What is heard while it rings (ITU-T E.180: one second in five). */
const RINGBACK = 'tone_stream://v=-20;%(1000,4000,425)';
const MOST = 100;

/** Calls somebody for the caller and lets them talk: VoIPBIN's `connect`, KAZOO's modules device, user, ring_group, offnet. */
export const connect = act<Wanted, Connecting>({
  answers: false,
  ofCall: true,
  read(option): Wanted {
    const { destinations } = option;
    const number = textOf(isObject(option['source']) ? option['source'] : {}, 'target');
    return {
      destinations: Array.isArray(destinations) ? destinations.slice(0, MOST).flatMap(destinationOf) : [],
      timeoutMs: numberOf(option, 'timeout', { least: 1000, most: DAY, otherwise: 20_000 }),
      strategy: option['strategy'] === 'single' ? 'single' : 'simultaneous',
      callerId: { ...(number === '' ? {} : { number }), ...(textOf(option, 'anonymous') === 'yes' ? { hidden: true } : {}) },
      endsWhenAnswered: flagOf(option, 'ends_when_answered'),
      failures: mapOf(option, 'failures'),
    };
  },
  begin(wanted, { next, isUp, call }) {
    if (wanted.destinations.length === 0) return { turn: 'go', failed: 'it does not say whom to call' };
    const { destinations, timeoutMs, strategy } = wanted;
    const callerId = { ...(call === undefined ? {} : { name: call.callerName, number: call.callerNumber }), ...wanted.callerId };
    const ringing: RunEffect = isUp ? { do: 'play', play: next, sources: [RINGBACK], loops: 0 } : { do: 'ring' };
    const state = { connect: next + 1, ringback: isUp ? next : undefined, wanted };
    return { turn: 'stay', state, effects: [ringing, { do: 'connect', connect: next + 1, destinations, timeoutMs, strategy, callerId }] };
  },
  hear: (state, input, { isUp }) => heard(state, input, isUp),
});

function heard(state: Connecting, input: RunInput, isUp: boolean): Turn<Connecting> | undefined {
  if (input.type !== 'connection' || input.connect !== state.connect) return undefined;
  const quiet: readonly RunEffect[] = state.ringback === undefined ? [] : [{ do: 'hush', play: state.ringback }];
  if (input.what === 'connected') {
    const effects: readonly RunEffect[] = isUp ? quiet : [{ do: 'answer' }];
    return { turn: 'stay', state: { ...state, ringback: undefined }, effects };
  }
  if (input.what === 'parted') return state.wanted.endsWhenAnswered ? { turn: 'end' } : { turn: 'go' };
  const to = wayOut(state.wanted.failures, input.what);
  return { turn: 'go', effects: quiet, failed: input.what.words, ...(to === undefined ? {} : { to }) };
}

/** KAZOO's names of causes, by the SIP status that tells them. */
const CAUSES: Readonly<Record<number, readonly string[]>> = {
  403: ['CALL_REJECTED'],
  404: ['UNALLOCATED_NUMBER'],
  408: ['NO_ANSWER', 'NO_USER_RESPONSE', 'ORIGINATOR_CANCEL'],
  480: ['NO_ANSWER', 'NO_USER_RESPONSE', 'SUBSCRIBER_ABSENT', 'USER_NOT_REGISTERED'],
  486: ['USER_BUSY'],
  487: ['NO_ANSWER', 'ORIGINATOR_CANCEL'],
  600: ['USER_BUSY'],
  603: ['CALL_REJECTED'],
};

function wayOut(failures: Readonly<Record<string, string>>, { status = 480 }: Refusal): string | undefined {
  const name = [...(CAUSES[status] ?? []), String(status)].find((each) => Object.hasOwn(failures, each));
  return name === undefined ? undefined : failures[name];
}

/** An address (voipbin-facts §2.6), or the text of one. */
function destinationOf(value: Json): Connection['destinations'] {
  if (typeof value === 'string') return value === '' ? [] : [{ target: value }];
  const address: JsonObject = isObject(value) ? value : {};
  const target = textOf(address, 'target');
  if (target === '') return [];
  const time = { least: 0, most: DAY, otherwise: 0 };
  const delayMs = numberOf(address, 'delay', time);
  const timeoutMs = numberOf(address, 'timeout', time);
  return [{ target, ...(delayMs === 0 ? {} : { delayMs }), ...(timeoutMs === 0 ? {} : { timeoutMs }) }];
}
