import type { Machine, Step } from '../base/index.ts';
import type { SipResponse } from './message.ts';
import { T1, T2, transactionTimeout } from './timers.ts';

/**
 * How a called party sees that its 2xx arrived, RFC 3261 §13.3.1.4. It is resent over every transport.
 *
 *   waiting: the 2xx is resent after T1, doubling up to T2
 *   waiting --ACK--> acknowledged
 *   waiting --64*T1--> abandoned
 */
export type State =
  | {
      readonly at: 'waiting';
      readonly response: SipResponse;
      readonly resendAt: number;
      readonly resendEvery: number;
      readonly giveUpAt: number;
    }
  | { readonly at: 'acknowledged' | 'abandoned' };

export type Input = { readonly type: 'ack' };

export type Effect =
  /** The 2xx again. */
  | { readonly do: 'send'; readonly message: SipResponse }
  /** Nobody acknowledged: end the call with BYE. */
  | { readonly do: 'fail'; readonly why: 'timeout' };

/** The state right after the 2xx was first sent. */
const start = (now: number, { response }: { readonly response: SipResponse }): State => ({
  at: 'waiting',
  response,
  resendAt: now + T1,
  resendEvery: T1,
  giveUpAt: now + transactionTimeout,
});

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });

/** Resends a 2xx until its ACK comes. */
export const acceptance: Machine<State, Input, Effect> & { readonly start: typeof start } = {
  start,
  deadline: (state) => (state.at === 'waiting' ? Math.min(state.resendAt, state.giveUpAt) : undefined),
  step(state, input, now) {
    if (state.at !== 'waiting') return stay(state);
    if (input.type === 'ack') return stay({ at: 'acknowledged' });
    if (now >= state.giveUpAt) return { state: { at: 'abandoned' }, effects: [{ do: 'fail', why: 'timeout' }] };
    if (now < state.resendAt) return stay(state);
    const resendEvery = Math.min(state.resendEvery * 2, T2);
    return { state: { ...state, resendEvery, resendAt: now + resendEvery }, effects: [{ do: 'send', message: state.response }] };
  },
};
