import type { Machine, Step, Time } from '../../base/index.ts';

/**
 * One INVITE of ours, until it is a call or comes to nothing (RFC 3261 §13.2, §9.1).
 *
 *   calling --provisional--> ringing
 *   calling, ringing --again--> calling
 *   calling, ringing --success--> up
 *   calling, ringing --failure--> over
 *   calling --cancel--> leaving --provisional--> cancelling
 *   ringing --cancel--> cancelling
 *   leaving, cancelling --success--> over, after ACK and BYE
 *   leaving, cancelling --failure, again--> over
 *   cancelling --64*T1--> over
 *
 * A CANCEL waits for the first provisional answer. `again`: the far end asked for the same INVITE in other words (401, 407, 422), and it is out.
 */
export type State =
  | { readonly at: 'calling' | 'ringing' | 'leaving' | 'up' | 'over' }
  /** CANCEL is out. */
  | { readonly at: 'cancelling'; readonly until: number };

export type Input = { readonly type: 'provisional' | 'again' | 'success' | 'failure' | 'cancel' };

export type Effect =
  | { readonly do: 'cancel' }
  /** The far end took the call. */
  | { readonly do: 'connect' }
  /** It took it too late: ACK, then BYE. */
  | { readonly do: 'decline' }
  | { readonly do: 'fail' }
  /** Nothing more will come of it. */
  | { readonly do: 'forget' };

/** 64*T1: how long a cancelled INVITE may stay without its final answer (RFC 3261 §9.1), in ms. */
const CANCEL_TIME = 32_000;

const to = (at: Exclude<State['at'], 'cancelling'>, ...effects: Effect[]): Step<State, Effect> => ({ state: { at }, effects });
const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });
const cancelled = (now: number): Step<State, Effect> => ({
  state: { at: 'cancelling', until: now + CANCEL_TIME },
  effects: [{ do: 'cancel' }],
});

function wanted(state: State, input: Input | Time, now: number): Step<State, Effect> {
  switch (input.type) {
    case 'provisional':
      return to('ringing');
    case 'again':
      return to('calling');
    case 'success':
      return to('up', { do: 'connect' });
    case 'failure':
      return to('over', { do: 'fail' }, { do: 'forget' });
    case 'cancel':
      return state.at === 'ringing' ? cancelled(now) : to('leaving');
    default:
      return stay(state);
  }
}

function unwanted(state: State, input: Input | Time, now: number): Step<State, Effect> {
  switch (input.type) {
    case 'provisional':
      return state.at === 'leaving' ? cancelled(now) : stay(state);
    case 'success':
      return to('over', { do: 'decline' }, { do: 'forget' });
    case 'again':
    case 'failure':
      return to('over', { do: 'forget' });
    case 'time':
      return state.at === 'cancelling' && now >= state.until ? to('over', { do: 'forget' }) : stay(state);
    default:
      return stay(state);
  }
}

/** The machine; see the drawing. */
export const attemptMachine: Machine<State, Input, Effect> = {
  step(state, input, now) {
    switch (state.at) {
      case 'calling':
      case 'ringing':
        return wanted(state, input, now);
      case 'leaving':
      case 'cancelling':
        return unwanted(state, input, now);
      default:
        return stay(state);
    }
  },
  deadline: (state) => (state.at === 'cancelling' ? state.until : undefined),
};
