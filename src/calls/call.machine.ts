import type { Machine, Step, Time } from '../base/index.ts';
import type { LeaveReason } from '../conference/index.ts';

/**
 * The life of one inbound call, from its INVITE until nothing of it is left.
 *
 *   arriving --answer--> opening --opened--> answering --ack--> up
 *   arriving, opening --refuse, cancel, hang-up--> gone
 *   answering --hang-up--> leaving --ack--> ending
 *   answering, leaving, up --bye--> gone
 *   answering, leaving --unacknowledged--> ending
 *   up --hang-up, session expired--> ending
 *   answering, leaving, up --shut-down--> ending
 *   ending --bye answered, bye received, 64*T1--> gone
 *
 * A BYE of ours waits for the ACK (RFC 3261 §15), except at shutdown, when nothing can wait.
 */
export type State =
  /** The domain was asked; the INVITE has no final answer. */
  | { readonly at: 'arriving' }
  /** The domain said yes; a leg is being opened. */
  | { readonly at: 'opening' }
  /** 200 is out; its ACK is awaited. */
  | { readonly at: 'answering' }
  /** As answering, but the call is to end as soon as the ACK allows it. */
  | { readonly at: 'leaving'; readonly reason: LeaveReason }
  | { readonly at: 'up'; readonly session: SessionTimes | undefined }
  /** BYE is out. */
  | { readonly at: 'ending'; readonly until: number }
  | { readonly at: 'gone' };

/** Deadlines of RFC 4028, on the monotonic clock. `refreshAt` is there when refreshing is our duty. */
export interface SessionTimes {
  readonly refreshAt: number | undefined;
  readonly expiresAt: number;
}

export type Input =
  | { readonly type: 'answer' | 'opened' | 'unacknowledged' | 'cancel' | 'bye' | 'bye-answered' }
  /** The refresh met a request of the far end (491). */
  | { readonly type: 'refresh-later' }
  | { readonly type: 'ack'; readonly session: SessionTimes | undefined }
  | { readonly type: 'session'; readonly session: SessionTimes | undefined }
  | { readonly type: 'refuse'; readonly status: number }
  /** `status`: of the INVITE, where it has no final answer yet. */
  | { readonly type: 'hang-up'; readonly reason: LeaveReason; readonly status?: number | undefined }
  | { readonly type: 'shut-down' };

export type Effect =
  | { readonly do: 'open-leg' | 'tell-answered' | 'refresh' | 'end-leg' | 'forget' }
  | { readonly do: 'send-bye'; readonly reason: LeaveReason }
  /** The INVITE's final answer. */
  | { readonly do: 'refuse'; readonly status: number }
  | { readonly do: 'tell-ended'; readonly reason: LeaveReason };

/** 64*T1 of RFC 3261: how long a BYE may stay without an answer. */
const BYE_TIME = 32_000;

/** The party that was called tries again within 2 s (RFC 3261 §14.1), in ms. */
const REFRESH_AGAIN = 1_500;

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });

/** Nothing is left to say: the leg goes, the domain is told, the call is forgotten. */
const go = (reason: LeaveReason, ...before: Effect[]): Step<State, Effect> => ({
  state: { at: 'gone' },
  effects: [...before, { do: 'tell-ended', reason }, { do: 'end-leg' }, { do: 'forget' }],
});

const endWithBye = (reason: LeaveReason, now: number): Step<State, Effect> => ({
  state: { at: 'ending', until: now + BYE_TIME },
  effects: [{ do: 'send-bye', reason }, { do: 'tell-ended', reason }, { do: 'end-leg' }],
});

/** The answer to an INVITE whose call the domain sends away before it was up. */
const refusalOf = (reason: LeaveReason): number => (reason === 'shutdown' ? 503 : reason === 'refused' ? 403 : 480);

function unanswered(state: State, input: Input | Time): Step<State, Effect> {
  switch (input.type) {
    case 'answer':
      return state.at === 'arriving' ? { state: { at: 'opening' }, effects: [{ do: 'open-leg' }] } : stay(state);
    case 'opened':
      return state.at === 'opening' ? stay({ at: 'answering' }) : stay(state);
    case 'refuse':
      return go('refused', { do: 'refuse', status: input.status });
    case 'cancel':
      return go('hung-up', { do: 'refuse', status: 487 });
    case 'hang-up':
      return go(input.reason, { do: 'refuse', status: input.status ?? refusalOf(input.reason) });
    case 'shut-down':
      return go('shutdown', { do: 'refuse', status: 503 });
    default:
      return stay(state);
  }
}

function answering(state: State & { at: 'answering' | 'leaving' }, input: Input | Time, now: number): Step<State, Effect> {
  switch (input.type) {
    case 'ack':
      if (state.at === 'leaving')
        return { state: { at: 'ending', until: now + BYE_TIME }, effects: [{ do: 'send-bye', reason: state.reason }] };
      return { state: { at: 'up', session: input.session }, effects: [{ do: 'tell-answered' }] };
    case 'hang-up':
      if (state.at === 'leaving') return stay(state);
      return { state: { at: 'leaving', reason: input.reason }, effects: [{ do: 'tell-ended', reason: input.reason }, { do: 'end-leg' }] };
    case 'unacknowledged':
      if (state.at === 'leaving')
        return { state: { at: 'ending', until: now + BYE_TIME }, effects: [{ do: 'send-bye', reason: state.reason }] };
      return endWithBye('failed', now);
    case 'bye':
      return state.at === 'leaving' ? { state: { at: 'gone' }, effects: [{ do: 'forget' }] } : go('hung-up');
    case 'shut-down':
      if (state.at === 'leaving')
        return { state: { at: 'ending', until: now + BYE_TIME }, effects: [{ do: 'send-bye', reason: state.reason }] };
      return endWithBye('shutdown', now);
    default:
      return stay(state);
  }
}

function up(state: State & { at: 'up' }, input: Input | Time, now: number): Step<State, Effect> {
  switch (input.type) {
    case 'time':
      return clockStruck(state, now);
    case 'refresh-later':
      return state.session === undefined ? stay(state) : stay({ at: 'up', session: { ...state.session, refreshAt: now + REFRESH_AGAIN } });
    case 'session':
      return stay({ at: 'up', session: input.session });
    case 'hang-up':
      return endWithBye(input.reason, now);
    case 'unacknowledged':
      return endWithBye('failed', now);
    case 'shut-down':
      return endWithBye('shutdown', now);
    case 'bye':
      return go('hung-up');
    default:
      return stay(state);
  }
}

function clockStruck(state: State & { at: 'up' }, now: number): Step<State, Effect> {
  const { session } = state;
  if (session === undefined) return stay(state);
  if (now >= session.expiresAt) return endWithBye('failed', now);
  if (session.refreshAt === undefined || now < session.refreshAt) return stay(state);
  return { state: { at: 'up', session: { ...session, refreshAt: undefined } }, effects: [{ do: 'refresh' }] };
}

/** The machine; see the drawing. */
export const callMachine: Machine<State, Input, Effect> = {
  step(state, input, now) {
    switch (state.at) {
      case 'arriving':
      case 'opening':
        return unanswered(state, input);
      case 'answering':
      case 'leaving':
        return answering(state, input, now);
      case 'up':
        return up(state, input, now);
      case 'ending': {
        const over = input.type === 'bye-answered' || input.type === 'bye' || (input.type === 'time' && now >= state.until);
        return over ? { state: { at: 'gone' }, effects: [{ do: 'forget' }] } : stay(state);
      }
      default:
        return stay(state);
    }
  },
  deadline(state) {
    if (state.at === 'ending') return state.until;
    if (state.at !== 'up' || state.session === undefined) return undefined;
    return Math.min(state.session.refreshAt ?? state.session.expiresAt, state.session.expiresAt);
  },
};
