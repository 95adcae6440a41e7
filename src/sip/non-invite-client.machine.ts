import type { Machine, Step } from '../base/index.ts';
import { type Effect, end, type Input, resend, type Sent, sent, stay } from './client-transaction.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { T2, T4, type TransportKind } from './timers.ts';

/**
 * Non-INVITE client transaction, RFC 3261 §17.1.2.
 *
 *   trying --1xx--> proceeding
 *   trying, proceeding: the request is resent after E
 *   trying, proceeding --200..699--> completed --K--> terminated
 *   trying, proceeding --F, transport failure--> terminated
 */
export type State =
  | ({ readonly at: 'trying' | 'proceeding' } & Sent)
  | { readonly at: 'completed'; readonly until: number }
  | { readonly at: 'terminated' };

export type { Effect, Input } from './client-transaction.ts';

/** The state right after the caller first sent the request. */
const start = (now: number, kind: TransportKind & { readonly request: SipRequest }): State => ({ at: 'trying', ...sent(now, kind) });

type Waiting = Extract<State, { at: 'trying' | 'proceeding' }>;

function answered(state: Waiting, message: SipResponse, now: number): Step<State, Effect> {
  const effects = [{ do: 'pass', message }] as const;
  // In "proceeding" the request is resent every T2, whatever the interval was before.
  if (message.status < 200) return { state: { ...state, at: 'proceeding', resendEvery: T2 }, effects };
  return { state: state.reliable ? { at: 'terminated' } : { at: 'completed', until: now + T4 }, effects };
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
    if (input.type === 'time') return resend(state, now, T2);
    return input.type === 'response' ? answered(state, input.message, now) : end('transport');
  },
};
