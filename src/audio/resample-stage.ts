import { kaiser } from './kaiser.ts';

/** The longest stretch that a stage takes at once, samples: 20 ms of the highest rate. */
export const LONGEST_STRETCH = 960;

/** A low pass that serves one factor, made once for all legs. */
export interface LowPass {
  readonly factor: number;
  /** Samples of the lower rate that the filter reaches to each side: that is its delay, too. */
  readonly reach: number;
  /** Taps of phases 1 … factor - 1; phase 0 is 1 in the middle and 0 elsewhere. Each in the order of the samples, sum 1. */
  readonly phases: readonly Float64Array[];
}

/**
 * Cuts in the middle between the two halves of the spectrum, at 1 / factor of half the higher rate. Therefore every factor-th tap is 0:
 * an interpolator hands on each sample as it came and has to compute only those between.
 */
export function lowPass(factor: number, reach: number): LowPass {
  const half = factor * reach;
  const tap = (index: number): number => {
    const x = (index - half) / factor;
    return (Math.sin(Math.PI * x) / (Math.PI * x)) * kaiser(x / reach);
  };
  const phases = Array.from({ length: factor - 1 }, (_, phase) => {
    const taps = Float64Array.from({ length: 2 * reach }, (__, index) => tap(2 * half - factor * (index + 1) + phase + 1));
    const sum = taps.reduce((total, each) => total + each, 0);
    return taps.map((each) => each / sum);
  });
  return { factor, reach, phases };
}

/** Samples that came before, and the stretch. One for all stages of a thread, because they run one after the other. */
const work = new Float64Array(2 * LONGEST_STRETCH);

/** Outputs are computed four at a time: up to three that nobody reads follow the last, `factor` places apart. */
export const SLACK = 12;

/** The samples that the next stretch still needs. */
class Past {
  readonly #last: Float64Array;

  constructor(length: number) {
    this.#last = new Float64Array(length);
  }

  /** Lays the past and the stretch in a row into `work`. */
  begin(from: Float64Array, count: number): void {
    const last = this.#last;
    const before = last.length;
    for (let index = 0; index < before; index++) work[index] = last[index]!;
    for (let index = 0; index < count; index++) work[before + index] = from[index]!;
  }

  /** Keeps the end of the row. */
  end(count: number): void {
    const last = this.#last;
    for (let index = 0; index < last.length; index++) last[index] = work[count + index]!;
  }

  reset(): void {
    this.#last.fill(0);
  }
}

/** Makes `factor` samples of one. */
export class Interpolator {
  readonly #filter: LowPass;
  readonly #past: Past;

  constructor(filter: LowPass) {
    this.#filter = filter;
    this.#past = new Past(2 * filter.reach - 1);
  }

  /** Takes `count` samples, at most LONGEST_STRETCH, and writes `factor` times as many. */
  run(from: Float64Array, count: number, to: Float64Array): number {
    const { factor, reach, phases } = this.#filter;
    this.#past.begin(from, count);
    for (let index = 0; index < count; index++) to[index * factor] = work[index + reach - 1]!;
    for (let phase = 1; phase < factor; phase++) interpolate(phases[phase - 1]!, count, to, phase, factor);
    this.#past.end(count);
    return count * factor;
  }

  reset(): void {
    this.#past.reset();
  }
}

/** One phase, four outputs at a time, so that no addition waits for the one before. Positional, because it runs for every frame. */
function interpolate(taps: Float64Array, count: number, to: Float64Array, phase: number, factor: number): void {
  const length = taps.length;
  let at = phase;
  for (let index = 0; index < count; index += 4) {
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let tap = 0; tap < length; tap++) {
      const weight = taps[tap]!;
      const from = index + tap;
      first += weight * work[from]!;
      second += weight * work[from + 1]!;
      third += weight * work[from + 2]!;
      fourth += weight * work[from + 3]!;
    }
    to[at] = first;
    to[at + factor] = second;
    to[at + 2 * factor] = third;
    to[at + 3 * factor] = fourth;
    at += 4 * factor;
  }
}

/** Makes one sample of `factor`. */
export class Decimator {
  readonly #filter: LowPass;
  readonly #past: Past;

  constructor(filter: LowPass) {
    this.#filter = filter;
    this.#past = new Past(2 * filter.factor * filter.reach - 1);
  }

  /** Takes `count` samples, at most LONGEST_STRETCH and a multiple of `factor`, and writes one for each `factor`. */
  run(from: Float64Array, count: number, to: Float64Array): number {
    const { factor, reach, phases } = this.#filter;
    const made = count / factor;
    this.#past.begin(from, count);
    const middle = factor * reach - 1;
    for (let index = 0; index < made; index++) to[index] = work[middle + index * factor]! / factor;
    for (let phase = 1; phase < factor; phase++) decimate(phases[phase - 1]!, made, to, factor - phase - 1, factor);
    this.#past.end(count);
    return made;
  }

  reset(): void {
    this.#past.reset();
  }
}

/** Adds one phase, four outputs at a time. Positional, because it runs for every frame. */
function decimate(taps: Float64Array, made: number, to: Float64Array, first: number, factor: number): void {
  const length = taps.length;
  for (let index = 0; index < made; index += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let from = first + index * factor;
    for (let tap = 0; tap < length; tap++) {
      const weight = taps[tap]!;
      a += weight * work[from]!;
      b += weight * work[from + factor]!;
      c += weight * work[from + 2 * factor]!;
      d += weight * work[from + 3 * factor]!;
      from += factor;
    }
    to[index]! += a / factor;
    to[index + 1]! += b / factor;
    to[index + 2]! += c / factor;
    to[index + 3]! += d / factor;
  }
}
