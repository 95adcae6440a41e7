import { Decimator, Interpolator, LONGEST_STRETCH, type LowPass, lowPass, SLACK } from './resample-stage.ts';

/** The rates of rooms and codecs, samples in a second. */
export type Rate = 8000 | 16000 | 48000;
/** A resampler also knows the rate of many voice models, to and from 48 000. */
export type ResamplerRate = Rate | 24000;

/** Between 8 and 16 kHz: passes 3.4 kHz, stops 4.6 kHz. */
const NARROW = lowPass(2, 12);
/** Between 16 and 48 kHz: passes 7 kHz, stops 9 kHz. */
const WIDE = lowPass(3, 15);
/** Between 16 and 48 kHz for sound that ends at 4.6 kHz: stops 11.4 kHz. */
const EASY = lowPass(3, 5);
/** Between 24 and 48 kHz: passes 10.2 kHz, stops 13.8 kHz. */
const BROAD = lowPass(2, 12);

type Stage = Interpolator | Decimator;

/** Filters on the way from the lower rate to the higher. */
const WAYS: Readonly<Record<string, readonly LowPass[]>> = {
  '8000-16000': [NARROW],
  '16000-48000': [WIDE],
  '8000-48000': [NARROW, EASY],
  '24000-48000': [BROAD],
};

/** What a stage reads and what it writes, at most 20 ms of 48 kHz; one pair for all resamplers of a thread. */
const buffers = [new Float64Array(LONGEST_STRETCH + SLACK), new Float64Array(LONGEST_STRETCH + SLACK)] as const;

/**
 * Turns sound of one rate into another, frame by frame: linear-phase filters, flat to 3.4 kHz (7 kHz between 16 and 48 kHz) within 0.1 dB,
 * images and aliases 55 dB down from 4.6 kHz (9 kHz) on.
 */
export class Resampler {
  readonly from: ResamplerRate;
  readonly to: ResamplerRate;
  /** How much later the sound comes out, ms. */
  readonly delayMs: number;
  readonly #stages: readonly Stage[];
  readonly #stretch: number;

  constructor({ from, to }: { readonly from: ResamplerRate; readonly to: ResamplerRate }) {
    this.from = from;
    this.to = to;
    const filters = WAYS[`${Math.min(from, to)}-${Math.max(from, to)}`] ?? [];
    this.#stages = from < to ? filters.map((each) => new Interpolator(each)) : filters.toReversed().map((each) => new Decimator(each));
    // The middle of each filter, at the higher of its two rates. The first filter is the one at the lowest rate.
    let rate = Math.min(from, to);
    let delay = 0;
    for (const { factor, reach } of filters) {
      delay += (reach * 1000) / rate;
      rate *= factor;
    }
    this.delayMs = delay;
    this.#stretch = from / 50;
  }

  /** Takes `count` samples and writes count · to / from into `out`; gives how many. `count` is a multiple of from / to. */
  process(input: Int16Array, count: number, out: Int16Array): number {
    if (this.from === this.to) {
      for (let index = 0; index < count; index++) out[index] = input[index]!;
      return count;
    }
    let written = 0;
    for (let at = 0; at < count; at += this.#stretch) {
      const length = this.#pass(input, at, Math.min(this.#stretch, count - at));
      const stretch = buffers[this.#stages.length & 1]!;
      for (let index = 0; index < length; index++) {
        const sample = Math.floor(stretch[index]! + 0.5);
        out[written + index] = sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample;
      }
      written += length;
    }
    return written;
  }

  /** Silence came before: the next sound begins from nought. */
  reset(): void {
    for (const stage of this.#stages) stage.reset();
  }

  /** These samples came before, although nobody wanted them resampled: what follows goes on from them without a click. The last 5 ms suffice. */
  prime(input: Int16Array, count: number): void {
    for (let at = 0; at < count; at += this.#stretch) this.#pass(input, at, Math.min(this.#stretch, count - at));
  }

  /** One stretch through all stages; the outcome is in the buffer of the last. */
  #pass(input: Int16Array, at: number, count: number): number {
    const first = buffers[0];
    for (let index = 0; index < count; index++) first[index] = input[at + index]!;
    let made = count;
    for (let stage = 0; stage < this.#stages.length; stage++) {
      made = this.#stages[stage]!.run(buffers[stage & 1]!, made, buffers[(stage + 1) & 1]!);
    }
    return made;
  }
}
