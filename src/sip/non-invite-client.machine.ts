import type { Machine, Step } from '../base/index.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { T1, T2, T4, type TransportKind, transactionTimeout } from './timers.ts';

/**
 * Non-INVITE client transaction, RFC 3261 §17.1.2.
 *
 *   trying --1xx--> proceeding
 *   trying, proceeding: the request is resent after E
 *   trying, proceeding --200..699--> completed --K--> terminated
 *   trying, proceeding --F, transport failure--> terminated
 */
export type State =
  | {
      readonly at: 'trying' | 'proceeding';
      readonly request: SipRequest;
      readonly reliable: boolean;
      readonly resendAt: number;
      readonly resendEvery: number;
      readonly giveUpAt: number;
    }
  | { readonly at: 'completed'; readonly until: number }
  | { readonly at: 'terminated' };

export type Input = { readonly type: 'response'; readonly message: SipResponse } | { readonly type: 'transport-failed' };

export type Effect =
  /** The request again. */
  | { readonly do: 'send'; readonly message: SipRequest }
  | { readonly do: 'pass'; readonly message: SipResponse }
  | { readonly do: 'fail'; readonly why: 'timeout' | 'transport' };

/** The state right after the caller first sent the request. */
const start = (now: number, { reliable, request }: TransportKind & { readonly request: SipRequest }): State => ({
  at: 'trying',
  request,
  reliable,
  resendAt: reliable ? Number.POSITIVE_INFINITY : now + T1,
  resendEvery: T1,
  giveUpAt: now + transactionTimeout,
});

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });
const end = (why: 'timeout' | 'transport'): Step<State, Effect> => ({ state: { at: 'terminated' }, effects: [{ do: 'fail', why }] });

type Waiting = Extract<State, { at: 'trying' | 'proceeding' }>;

function answered(state: Waiting, message: SipResponse, now: number): Step<State, Effect> {
  const effects = [{ do: 'pass', message }] as const;
  // In "proceeding" the request is resent every T2, whatever the interval was before.
  if (message.status < 200) return { state: { ...state, at: 'proceeding', resendEvery: T2 }, effects };
  return { state: state.reliable ? { at: 'terminated' } : { at: 'completed', until: now + T4 }, effects };
}

function time(state: Waiting, now: number): Step<State, Effect> {
  if (now >= state.giveUpAt) return end('timeout');
  if (now < state.resendAt) return stay(state);
  const resendEvery = Math.min(state.resendEvery * 2, T2);
  return { state: { ...state, resendEvery, resendAt: now + resendEvery }, effects: [{ do: 'send', message: state.request }] };
}

/** The non-INVITE client transaction. */
export const nonInviteClient: Machine<State, Input, Effect> & { readonly start: typeof start } = {
  start,
  deadline(state) {
    if (state.at === 'terminated') return undefined;
    return state.at === 'completed' ? state.until : Math.min(state.resendAt, state.giveUpAt);
  },
  step(state, input, now) {
    if (state.at === 'terminated') return stay(state);
    if (state.at === 'completed') return input.type === 'time' && now >= state.until ? stay({ at: 'terminated' }) : stay(state);
    if (input.type === 'time') return time(state, now);
    return input.type === 'response' ? answered(state, input.message, now) : end('transport');
  },
};
