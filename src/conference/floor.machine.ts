import type { Machine, Step, Time } from '../base/index.ts';
import type { LegId } from './conference.ts';

/**
 * Who has the floor of a room: one of those who talk, and not another with every syllable.
 *
 *   free --somebody talks--> held
 *   held --holder silent, another talks--> held
 *   held --holder gone--> held, free
 *   held --another clearly louder--> challenged
 *   challenged --louder for 1 s--> held
 *   challenged --not so much louder any more, or silent--> held
 *   challenged --holder silent, or gone--> held
 *
 * Who stops talking keeps the floor until somebody else talks. Who is muted is as gone.
 */
export type State =
  | { readonly at: 'free'; readonly talkers: readonly [] }
  | { readonly at: 'held'; readonly holder: LegId; readonly talkers: readonly Talker[] }
  | {
      readonly at: 'challenged';
      readonly holder: LegId;
      readonly talkers: readonly Talker[];
      readonly challenger: LegId;
      readonly since: number;
    };

/** Somebody who talks, in the order in which they began. */
interface Talker {
  readonly leg: LegId;
  /** Energy, smoothed, because syllables differ. */
  readonly loudness: number;
}

export type Input =
  /** How loud somebody is who may be heard. */
  | { readonly type: 'level'; readonly leg: LegId; readonly talking: boolean; readonly energy: number }
  /** He left, or cannot be heard any more. */
  | { readonly type: 'gone'; readonly leg: LegId };

type Next = Step<State, never>;

/** Clearly louder: 6 dB. */
const CLEARLY = 2;
/** ms for which a challenger must be clearly louder. */
const LONG_ENOUGH = 1000;
/** Weight of the newest energy; five come in a second. */
const NEWEST = 0.4;

/** Nobody has talked yet. */
export const free: State = { at: 'free', talkers: [] };

/** The machine; see the drawing. Its state says everything: it has no effects. */
export const floor: Machine<State, Input, never> = {
  step: (state, input, now) => ({ state: next(state, input, now), effects: [] }) satisfies Next,
  deadline: (state) => (state.at === 'challenged' ? state.since + LONG_ENOUGH : undefined),
};

/** Who has the floor. */
export const holderOf = (state: State): LegId | undefined => (state.at === 'free' ? undefined : state.holder);

function next(state: State, input: Input | Time, now: number): State {
  if (input.type === 'time') return judge(state, state.talkers, { holder: holderOf(state), now });
  const { leg } = input;
  const known = state.talkers.find((each) => each.leg === leg);
  const talks = input.type === 'level' && input.talking;
  const holder = input.type === 'gone' && holderOf(state) === leg ? undefined : holderOf(state);
  // Most of what is told is that somebody is still silent.
  if (!talks && known === undefined && holder === holderOf(state)) return state;
  if (!talks)
    return judge(
      state,
      state.talkers.filter((each) => each !== known),
      { holder, now },
    );
  const loudness = known === undefined ? input.energy : known.loudness + NEWEST * (input.energy - known.loudness);
  const talker = { leg, loudness };
  const talkers = known === undefined ? [...state.talkers, talker] : state.talkers.map((each) => (each === known ? talker : each));
  return judge(state, talkers, { holder, now });
}

/** Who of these has the floor now. */
function judge(
  state: State,
  talkers: readonly Talker[],
  { holder, now }: { readonly holder: LegId | undefined; readonly now: number },
): State {
  const [first, ...others] = talkers;
  if (first === undefined) return holder === undefined ? free : { at: 'held', holder, talkers };
  const loudest = others.reduce((best, each) => (each.loudness > best.loudness ? each : best), first);
  const holding = talkers.find((each) => each.leg === holder);
  if (holding === undefined) return { at: 'held', holder: loudest.leg, talkers };
  if (loudest.loudness < CLEARLY * holding.loudness || loudest === holding) return { at: 'held', holder: holding.leg, talkers };
  const since = state.at === 'challenged' && state.challenger === loudest.leg ? state.since : now;
  if (now - since >= LONG_ENOUGH) return { at: 'held', holder: loudest.leg, talkers };
  return { at: 'challenged', holder: holding.leg, talkers, challenger: loudest.leg, since };
}
