import type { Step } from '../base/index.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { T1, type TransportKind, transactionTimeout } from './timers.ts';

/** What a client transaction of any method keeps of a request that it may have to send again, RFC 3261 §17.1. */
export interface Sent {
  readonly request: SipRequest;
  readonly reliable: boolean;
  /** Timer A or E. */
  readonly resendAt: number;
  readonly resendEvery: number;
  /** Timer B or F. */
  readonly giveUpAt: number;
}

/** What both sorts of client transaction are told. */
export type Input = { readonly type: 'response'; readonly message: SipResponse } | { readonly type: 'transport-failed' };

/** What both sorts of client transaction do. */
export type Effect =
  /** The request again. */
  | { readonly do: 'send'; readonly message: SipRequest }
  | { readonly do: 'pass'; readonly message: SipResponse }
  | { readonly do: 'fail'; readonly why: 'timeout' | 'transport' };

/** The request was sent for the first time. */
export const sent = (now: number, { reliable, request }: TransportKind & { readonly request: SipRequest }): Sent => ({
  request,
  reliable,
  resendAt: reliable ? Number.POSITIVE_INFINITY : now + T1,
  resendEvery: T1,
  giveUpAt: now + transactionTimeout,
});

/** Nothing changes. */
export const stay = <State>(state: State): Step<State, never> => ({ state, effects: [] });

/** No answer will come. */
export const end = (why: 'timeout' | 'transport'): Step<{ readonly at: 'terminated' }, Effect> => ({
  state: { at: 'terminated' },
  effects: [{ do: 'fail', why }],
});

/** The clock strikes while the request is unanswered; the wait doubles up to `longest`. */
export function resend<State extends Sent>(
  state: State,
  now: number,
  longest: number,
): Step<State | { readonly at: 'terminated' }, Effect> {
  if (now >= state.giveUpAt) return end('timeout');
  if (now < state.resendAt) return stay(state);
  const resendEvery = Math.min(state.resendEvery * 2, longest);
  return { state: { ...state, resendEvery, resendAt: now + resendEvery }, effects: [{ do: 'send', message: state.request }] };
}
