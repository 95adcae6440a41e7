import type { Machine, Step } from '../base/index.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { type TransportKind, transactionTimeout } from './timers.ts';

/**
 * Non-INVITE server transaction, RFC 3261 §17.2.2.
 *
 *   trying --1xx--> proceeding
 *   trying, proceeding --200..699--> completed --J--> terminated
 *   proceeding, completed: the last answer is resent for each request
 *   proceeding, completed --transport failure--> terminated
 */
export type State =
  | { readonly at: 'trying'; readonly reliable: boolean }
  | { readonly at: 'proceeding'; readonly reliable: boolean; readonly last: SipResponse }
  | { readonly at: 'completed'; readonly last: SipResponse; readonly until: number }
  | { readonly at: 'terminated' };

export type Input =
  | { readonly type: 'request'; readonly message: SipRequest }
  | { readonly type: 'respond'; readonly message: SipResponse }
  | { readonly type: 'transport-failed' };

export type Effect = { readonly do: 'send'; readonly message: SipResponse } | { readonly do: 'fail'; readonly why: 'transport' };

/** The state right after the request was passed to the user of the transaction. */
const start = (_now: number, { reliable }: TransportKind): State => ({ at: 'trying', reliable });

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });
const send = (state: State, message: SipResponse): Step<State, Effect> => ({ state, effects: [{ do: 'send', message }] });

function respond(reliable: boolean, last: SipResponse, now: number): Step<State, Effect> {
  if (last.status < 200) return send({ at: 'proceeding', reliable, last }, last);
  return send(reliable ? { at: 'terminated' } : { at: 'completed', last, until: now + transactionTimeout }, last);
}

/** The non-INVITE server transaction. */
export const nonInviteServer: Machine<State, Input, Effect> & { readonly start: typeof start } = {
  start,
  deadline: (state) => (state.at === 'completed' ? state.until : undefined),
  step(state, input, now) {
    if (state.at === 'terminated') return stay(state);
    switch (input.type) {
      case 'request':
        return state.at === 'trying' ? stay(state) : send(state, state.last);
      case 'respond':
        return state.at === 'completed' ? stay(state) : respond(state.reliable, input.message, now);
      case 'transport-failed':
        return { state: { at: 'terminated' }, effects: [{ do: 'fail', why: 'transport' }] };
      case 'time':
        return state.at === 'completed' && now >= state.until ? stay({ at: 'terminated' }) : stay(state);
    }
  },
};
