import type { Mixer, MixPlan, SlotGain } from '../../audio/index.ts';

/** The mix at a rate that the room has left: it is made once more, so that ears fade from it to the new one. */
export interface FormerMix {
  readonly mixer: Mixer;
  readonly mixed: Int16Array;
  /** What those say who were not here. */
  readonly nothing: Int16Array;
}

/** How loud each is for one listener; -1 hears nobody. */
export function heardBy({ speakers, listeners }: MixPlan, listener: number): readonly SlotGain[] {
  const one = listeners[listener];
  if (one === undefined) return [];
  const { gain: all = 1, gains } = one;
  return speakers.map(({ slot, gain, aside }) => {
    const own = gains.find((each) => each.slot === slot)?.gain;
    return { slot, gain: all * (aside === true ? (own ?? 0) : gain * (own ?? 1)) };
  });
}

/** What those who hear the plain sum, or nobody, heard at the rate before. */
export function sharedBefore({ mixer, mixed, nothing }: FormerMix, isSound: boolean): Int16Array {
  if (!isSound || mixer.silent) return nothing;
  mixer.shared(mixed);
  return mixed;
}

/** How loud each is in the sum. */
export const inSum = ({ speakers }: MixPlan): readonly SlotGain[] => speakers.filter(({ aside }) => aside !== true);

/**
 * How loud each is for who listens without being in it: as in the sum, without those who are in no recording; with somebody's ears as for him, and what he says
 * himself as in the sum.
 */
export function heardFrom(
  mix: MixPlan,
  { ear, listener, isBothWays }: { readonly ear: string | null; readonly listener: number; readonly isBothWays: boolean },
  own: number | undefined,
): readonly SlotGain[] {
  if (ear === null) {
    const left = new Set(mix.listeners[listener]?.gains.map(({ slot }) => slot));
    return inSum(mix).filter(({ slot }) => !left.has(slot));
  }
  if (!isBothWays) return heardBy(mix, listener);
  return [...heardBy(mix, listener).filter(({ slot }) => slot !== own), ...inSum(mix).filter(({ slot }) => slot === own)];
}
