import type { Machine, Step } from '../base/index.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { T1, T2, T4, type TransportKind, transactionTimeout } from './timers.ts';

/**
 * INVITE server transaction, RFC 3261 §17.2.1 as corrected by RFC 6026 §7.1.
 *
 *   proceeding --2xx--> accepted --L--> terminated
 *   proceeding --300..699--> completed --ACK--> confirmed --I--> terminated
 *   completed: the answer is resent after G and for each INVITE
 *   completed --H--> terminated
 *   proceeding, completed --transport failure--> terminated
 */
export type State =
  | { readonly at: 'proceeding'; readonly reliable: boolean; readonly last: SipResponse | undefined }
  | {
      readonly at: 'completed';
      readonly reliable: boolean;
      readonly last: SipResponse;
      readonly resendAt: number;
      readonly resendEvery: number;
      readonly giveUpAt: number;
    }
  | { readonly at: 'confirmed' | 'accepted'; readonly until: number }
  | { readonly at: 'terminated' };

export type Input =
  /** The INVITE again, or an ACK. */
  | { readonly type: 'request'; readonly message: SipRequest }
  /** What the user of the transaction answers. */
  | { readonly type: 'respond'; readonly message: SipResponse }
  | { readonly type: 'transport-failed' };

export type Effect =
  | { readonly do: 'send'; readonly message: SipResponse }
  /** An ACK that acknowledges a 2xx. */
  | { readonly do: 'pass'; readonly message: SipRequest }
  | { readonly do: 'fail'; readonly why: 'timeout' | 'transport' };

/** The state right after the INVITE was passed to the user of the transaction. */
const start = (_now: number, { reliable }: TransportKind): State => ({ at: 'proceeding', reliable, last: undefined });

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });
const send = (state: State, message: SipResponse | undefined): Step<State, Effect> =>
  message === undefined ? stay(state) : { state, effects: [{ do: 'send', message }] };
const end = (why: 'timeout' | 'transport'): Step<State, Effect> => ({ state: { at: 'terminated' }, effects: [{ do: 'fail', why }] });

type At<Name extends State['at']> = Extract<State, { at: Name }>;

function proceeding(state: At<'proceeding'>, input: Exclude<Input, { type: 'transport-failed' }>, now: number): Step<State, Effect> {
  if (input.type === 'request') return input.message.method === 'ACK' ? stay(state) : send(state, state.last);
  const { message } = input;
  if (message.status < 200) return send({ ...state, last: message }, message);
  const giveUpAt = now + transactionTimeout;
  if (message.status < 300) return send({ at: 'accepted', until: giveUpAt }, message);
  const resendAt = state.reliable ? Number.POSITIVE_INFINITY : now + T1;
  return send({ at: 'completed', reliable: state.reliable, last: message, resendAt, resendEvery: T1, giveUpAt }, message);
}

function completed(state: At<'completed'>, input: Input | { type: 'time' }, now: number): Step<State, Effect> {
  if (input.type === 'request') {
    if (input.message.method !== 'ACK') return send(state, state.last);
    return stay(state.reliable ? { at: 'terminated' } : { at: 'confirmed', until: now + T4 });
  }
  if (input.type !== 'time') return stay(state);
  if (now >= state.giveUpAt) return end('timeout');
  if (now < state.resendAt) return stay(state);
  const resendEvery = Math.min(state.resendEvery * 2, T2);
  return send({ ...state, resendEvery, resendAt: now + resendEvery }, state.last);
}

/** RFC 6026: the transaction stays so that resent INVITEs are absorbed; 2xx are resent by their user (acceptance.machine.ts). */
function accepted(state: At<'accepted'>, input: Exclude<Input, { type: 'transport-failed' }>): Step<State, Effect> {
  if (input.type === 'respond') return input.message.status >= 200 && input.message.status < 300 ? send(state, input.message) : stay(state);
  return input.message.method === 'ACK' ? { state, effects: [{ do: 'pass', message: input.message }] } : stay(state);
}

/** The INVITE server transaction. Its user sends 2xx again until the ACK comes. */
export const inviteServer: Machine<State, Input, Effect> & { readonly start: typeof start } = {
  start,
  deadline(state) {
    if (state.at === 'completed') return Math.min(state.resendAt, state.giveUpAt);
    return state.at === 'confirmed' || state.at === 'accepted' ? state.until : undefined;
  },
  step(state, input, now) {
    if (state.at === 'completed' && input.type !== 'transport-failed') return completed(state, input, now);
    if (state.at === 'terminated') return stay(state);
    if (input.type === 'time') return 'until' in state && now >= state.until ? stay({ at: 'terminated' }) : stay(state);
    if (input.type === 'transport-failed') {
      if (state.at === 'accepted') return { state, effects: [{ do: 'fail', why: 'transport' }] };
      return state.at === 'confirmed' ? stay(state) : end('transport');
    }
    if (state.at === 'proceeding') return proceeding(state, input, now);
    return state.at === 'accepted' ? accepted(state as At<'accepted'>, input) : stay(state);
  },
};
