import type { Machine, Step, Time } from '../base/index.ts';

/**
 * One subscription (RFC 6665 §4.2) to the state of a conference. One NOTIFY is under way at a time; what changes meanwhile is told with the next.
 *
 *   telling --answered, nothing changed since--> resting
 *   telling --answered, changed since--> waiting
 *   telling --answered, refreshed since--> telling
 *   telling --answered, ended since--> ending
 *   telling --refused, timed out--> gone
 *   resting --changed, a second has passed--> telling
 *   resting --changed sooner--> waiting
 *   resting --refreshed--> telling
 *   resting --ended, expired--> ending
 *   waiting --a second has passed--> telling
 *   waiting --refreshed--> telling
 *   waiting --ended, expired--> ending
 *   ending --answered, refused, timed out--> gone
 *
 * It begins in telling: every SUBSCRIBE, the first and each that refreshes, is followed by a NOTIFY with everything, however soon. Whoever asks only once
 * begins in ending.
 */
export type State =
  | { readonly at: 'telling'; readonly expiresAt: number; readonly toldAt: number; readonly next: Next }
  | { readonly at: 'resting'; readonly expiresAt: number; readonly toldAt: number }
  | { readonly at: 'waiting'; readonly expiresAt: number; readonly toldAt: number }
  | { readonly at: 'ending' }
  | { readonly at: 'gone' };

/** What follows the NOTIFY that is under way; the later ones outweigh the earlier. */
type Next =
  | { readonly do: 'rest' }
  | { readonly do: 'changes' }
  | { readonly do: 'everything' }
  | { readonly do: 'end'; readonly reason: EndReason };

/** Why a subscription ends, as Subscription-State says it (RFC 6665 §4.1.3). */
export type EndReason = 'timeout' | 'noresource' | 'rejected' | 'probation';

export type Input =
  | { readonly type: 'changed' }
  /** A SUBSCRIBE in the dialog; ms. */
  | { readonly type: 'refreshed'; readonly expires: number }
  | { readonly type: 'end'; readonly reason: EndReason }
  /** The NOTIFY was taken, or turned out to have nothing to tell. */
  | { readonly type: 'answered' }
  /** The far end knows no such subscription, or does not answer. */
  | { readonly type: 'refused' };

export type Effect =
  | { readonly do: 'notify'; readonly what: 'everything' | 'changes' }
  | { readonly do: 'finish'; readonly reason: EndReason }
  | { readonly do: 'forget' };

type Awake = Extract<State, { readonly expiresAt: number }>;
type Turn = Step<State, Effect>;

/** ms between two NOTIFYs with changes. */
export const PACE = 1000;

/** The first NOTIFY, with everything, is to be sent now; to somebody who only asks once it is the last one, too. */
export const begun = (now: number, expires: number): State =>
  expires === 0 ? { at: 'ending' } : { at: 'telling', expiresAt: now + expires, toldAt: now, next: { do: 'rest' } };

/** The machine; see the drawing. */
export const subscription: Machine<State, Input, Effect> = {
  step(state, input, now) {
    if (state.at === 'gone') return stay(state);
    if (state.at === 'ending') return input.type === 'answered' || input.type === 'refused' ? gone : stay(state);
    if (input.type === 'time' && now >= state.expiresAt) return end(state, 'timeout');
    return state.at === 'telling' ? whileTelling(state, input, now) : whileQuiet(state, input, now);
  },
  deadline(state) {
    if (state.at === 'resting') return state.expiresAt;
    if (state.at === 'waiting') return Math.min(state.expiresAt, state.toldAt + PACE);
    return state.at === 'telling' && state.next.do !== 'end' ? state.expiresAt : undefined;
  },
};

const stay = (state: State): Turn => ({ state, effects: [] });
const gone: Turn = { state: { at: 'gone' }, effects: [{ do: 'forget' }] };
const finish = (reason: EndReason): Turn => ({ state: { at: 'ending' }, effects: [{ do: 'finish', reason }] });

const tell = ({ expiresAt }: Awake, what: 'everything' | 'changes', now: number): Turn => ({
  state: { at: 'telling', expiresAt, toldAt: now, next: { do: 'rest' } },
  effects: [{ do: 'notify', what }],
});

/** Whoever is being told something is told the end afterwards. */
const end = (state: Awake, reason: EndReason): Turn =>
  state.at === 'telling' ? stay({ ...state, next: { do: 'end', reason } }) : finish(reason);

function whileTelling(state: Extract<State, { readonly at: 'telling' }>, input: Input | Time, now: number): Turn {
  const { next, expiresAt, toldAt } = state;
  switch (input.type) {
    case 'refused':
      return gone;
    case 'end':
      return end(state, input.reason);
    case 'changed':
      return next.do === 'rest' ? stay({ ...state, next: { do: 'changes' } }) : stay(state);
    case 'refreshed':
      if (next.do === 'end') return stay(state);
      return stay({ ...state, expiresAt: now + input.expires, next: afterRefresh(input.expires) });
    case 'answered':
      if (next.do === 'end') return finish(next.reason);
      if (next.do === 'everything') return tell(state, 'everything', now);
      if (next.do === 'rest') return stay({ at: 'resting', expiresAt, toldAt });
      return changed({ at: 'resting', expiresAt, toldAt }, now);
    default:
      return stay(state);
  }
}

function whileQuiet(state: Exclude<Awake, { readonly at: 'telling' }>, input: Input | Time, now: number): Turn {
  switch (input.type) {
    case 'end':
      return finish(input.reason);
    case 'changed':
      return changed(state, now);
    case 'time':
      return state.at === 'waiting' ? changed(state, now) : stay(state);
    case 'refreshed':
      if (input.expires === 0) return finish('timeout');
      return tell({ ...state, expiresAt: now + input.expires }, 'everything', now);
    default:
      return stay(state);
  }
}

const afterRefresh = (expires: number): Next => (expires === 0 ? { do: 'end', reason: 'timeout' } : { do: 'everything' });

const changed = (state: Awake, now: number): Turn =>
  now - state.toldAt >= PACE ? tell(state, 'changes', now) : stay({ at: 'waiting', expiresAt: state.expiresAt, toldAt: state.toldAt });
