/** Normalised cross-correlation, -1 … 1, of the `length` samples before `end` with those `lag` earlier, looking at every `step`-th. Positional: runs a hundred times per loss. */
export function likeness(samples: Int16Array, end: number, lag: number, length: number, step: number): number {
  let product = 0;
  let now = 1;
  let earlier = 1;
  for (let index = end - length; index < end; index += step) {
    const sample = samples[index]!;
    const before = samples[index - lag]!;
    product += sample * before;
    now += sample * sample;
    earlier += before * before;
  }
  return product / Math.sqrt(now * earlier);
}

export interface PitchSearch {
  /** Lags to look at, samples. */
  readonly from: number;
  readonly to: number;
  /** Samples that are compared. */
  readonly length: number;
  /** Only every so many-th lag and sample: 1 at 8 kHz. */
  readonly step: number;
}

/** What a search found: made once, filled in by each search. */
export interface Pitch {
  /** In samples, with fractions. */
  period: number;
  /** How alike two periods are, 0 … 1. */
  likeness: number;
}

/** Finds the lag at which the samples before `end` resemble themselves most. */
export function findPitch(samples: Int16Array, end: number, { from, to, length, step }: PitchSearch, found: Pitch): void {
  let best = from;
  let most = -2;
  // Every second sample first; the best and its neighbours then with all.
  for (let lag = from; lag <= to; lag += step) {
    const alike = likeness(samples, end, lag, length, 2 * step);
    if (alike > most) {
      most = alike;
      best = lag;
    }
  }
  let left = likeness(samples, end, best - step, length, step);
  let middle = likeness(samples, end, best, length, step);
  let right = likeness(samples, end, best + step, length, step);
  if (right > middle) {
    best += step;
    left = middle;
    middle = right;
    right = likeness(samples, end, best + step, length, step);
  } else if (left > middle) {
    best -= step;
    right = middle;
    middle = left;
    left = likeness(samples, end, best - step, length, step);
  }
  // The top of the parabola through three neighbours.
  const bend = left - 2 * middle + right;
  const top = bend < 0 ? Math.max(-0.5, Math.min(0.5, (0.5 * (left - right)) / bend)) : 0;
  found.period = best + top * step;
  found.likeness = Math.max(0, Math.min(1, middle));
}
