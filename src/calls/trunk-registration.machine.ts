import type { Machine, Step, Time } from '../base/index.ts';

/**
 * Our registration at one trunk (RFC 3261 §10.2).
 *
 *   resting --wake--> trying
 *   trying --registered--> registered --refresh time--> trying
 *   trying --longer, challenge--> trying, in the words that were asked for
 *   trying --refused, unreachable--> resting, longer each time
 *   any --close--> leaving --answered--> gone
 */
export type State =
  /** The next try comes at `until`; `failures` tries in a row came to nothing. */
  | { readonly at: 'resting'; readonly until: number; readonly failures: number; readonly words: string }
  | { readonly at: 'trying'; readonly failures: number; readonly again: number }
  | { readonly at: 'registered'; readonly refreshAt: number }
  /** Expires: 0 is out. */
  | { readonly at: 'leaving'; readonly until: number }
  | { readonly at: 'gone' };

export type Input =
  | { readonly type: 'registered'; readonly seconds: number }
  /** 423 or a challenge: the same in other words. */
  | { readonly type: 'again' }
  | { readonly type: 'refused' | 'unreachable'; readonly words: string }
  /** Its document changed, or its server is known to be up again: do not wait. */
  | { readonly type: 'wake' | 'close' | 'answered' };

export type Effect =
  | { readonly do: 'register' }
  | { readonly do: 'unregister' }
  /** The next server is to be tried. */
  | { readonly do: 'next-server' }
  | { readonly do: 'tell'; readonly state: 'registered' | 'failed'; readonly words?: string };

/** Waits after failures, in ms: doubled each time (RFC 5626 §4.5). */
const FIRST_WAIT = 15_000;
const LONGEST_WAIT = 600_000;
/** How often one try is said again in other words. */
const MOST_AGAIN = 4;
/** How long a goodbye may stay unanswered, in ms. */
const GOODBYE = 1_000;

const stay = (state: State): Step<State, Effect> => ({ state, effects: [] });

function tried(state: State & { at: 'trying' }, input: Input | Time, now: number): Step<State, Effect> {
  switch (input.type) {
    case 'registered': {
      // Half of the time for long ones, all but 30 s for short ones: early enough for a second try.
      const wait = Math.max(5, input.seconds > 120 ? input.seconds / 2 : input.seconds - 30) * 1000;
      return { state: { at: 'registered', refreshAt: now + wait }, effects: [{ do: 'tell', state: 'registered' }] };
    }
    case 'again':
      if (state.again >= MOST_AGAIN) return failed(state, { now, words: 'the far end asks for other words again and again' });
      return { state: { ...state, again: state.again + 1 }, effects: [{ do: 'register' }] };
    case 'refused':
    case 'unreachable':
      return failed(state, { now, words: input.words });
    default:
      return stay(state);
  }
}

function failed(
  { failures }: State & { at: 'trying' },
  { now, words }: { readonly now: number; readonly words: string },
): Step<State, Effect> {
  const wait = Math.min(FIRST_WAIT * 2 ** failures, LONGEST_WAIT);
  return {
    state: { at: 'resting', until: now + wait, failures: failures + 1, words },
    effects: [{ do: 'next-server' }, { do: 'tell', state: 'failed', words }],
  };
}

const tryNow = (failures: number): Step<State, Effect> => ({ state: { at: 'trying', failures, again: 0 }, effects: [{ do: 'register' }] });

function closed(state: State, now: number): Step<State, Effect> {
  if (state.at === 'gone' || state.at === 'leaving') return stay(state);
  if (state.at === 'resting') return stay({ at: 'gone' });
  return { state: { at: 'leaving', until: now + GOODBYE }, effects: [{ do: 'unregister' }] };
}

/** Whether a state that waits has waited long enough. */
const isDue = (input: Input | Time, { until, now }: { readonly until: number; readonly now: number }): boolean =>
  input.type === 'wake' || (input.type === 'time' && now >= until);

/** The machine; see the drawing. */
export const trunkRegistrationMachine: Machine<State, Input, Effect> = {
  step(state, input, now) {
    if (input.type === 'close') return closed(state, now);
    switch (state.at) {
      case 'resting':
        return isDue(input, { until: state.until, now }) ? tryNow(state.failures) : stay(state);
      case 'registered':
        return isDue(input, { until: state.refreshAt, now }) ? tryNow(0) : stay(state);
      case 'trying':
        return tried(state, input, now);
      case 'leaving':
        return input.type === 'answered' || isDue(input, { until: state.until, now }) ? stay({ at: 'gone' }) : stay(state);
      default:
        return stay(state);
    }
  },
  deadline(state) {
    if (state.at === 'registered') return state.refreshAt;
    return 'until' in state ? state.until : undefined;
  },
};
