import { kaiser, STOP_DB } from './kaiser.ts';

export interface BandLimitOptions {
  /** Samples in a second. */
  readonly rate: number;
  /** Hz from which on nothing is to be heard. */
  readonly hertz: number;
}

/** What is heard ends at this share of the limit, and is 60 dB down at the limit. */
const PASSES = 0.85;
/** 20 ms of the highest rate. */
const LONGEST = 960;

/** Filters that were made already, by rate and limit: one for all voices of a thread. */
const made = new Map<string, Float64Array>();
/** The past and the frame in a row; one for all, because they run one after the other. */
let work = new Float64Array(2 * LONGEST);

/** Keeps sound below a frequency, frame by frame and in place: a room may be mixed at a higher rate than it is to sound like. Linear phase. */
export class BandLimit {
  /** The first half of the taps; the second mirrors it. */
  readonly #taps: Float64Array;
  readonly #past: Float64Array;

  constructor({ rate, hertz }: BandLimitOptions) {
    const key = `${rate}/${hertz}`;
    this.#taps = made.get(key) ?? tapsFor(rate, hertz);
    made.set(key, this.#taps);
    this.#past = new Float64Array(2 * this.#taps.length - 1);
    if (work.length < this.#past.length + LONGEST) work = new Float64Array(this.#past.length + LONGEST);
  }

  /** The first `count` samples, at most 20 ms of 48 kHz. Positional, because it runs for every frame. */
  process(frame: Int16Array, count: number): void {
    const taps = this.#taps;
    const past = this.#past;
    const last = past.length;
    work.set(past);
    for (let index = 0; index < count; index++) work[last + index] = frame[index]!;
    for (let index = 0; index < count; index++) {
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += taps[tap]! * (work[index + tap]! + work[index + last - tap]!);
      const sample = Math.floor(sum + 0.5);
      frame[index] = sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample;
    }
    for (let index = 0; index < last; index++) past[index] = work[count + index]!;
  }

  /** Silence came before. */
  reset(): void {
    this.#past.fill(0);
  }
}

/** Half of an even number of taps, windowed; they let a steady sound pass as it is. */
function tapsFor(rate: number, hertz: number): Float64Array {
  const width = (2 * Math.PI * (1 - PASSES) * hertz) / rate;
  const half = Math.ceil((STOP_DB - 8) / (2.285 * width) / 2) + 1;
  const cut = ((1 + PASSES) * hertz) / rate;
  const taps = Float64Array.from({ length: half }, (_, index) => {
    const x = index - half + 0.5;
    return (Math.sin(Math.PI * cut * x) / (Math.PI * x)) * kaiser(x / half);
  });
  const sum = 2 * taps.reduce((total, each) => total + each, 0);
  return taps.map((each) => each / sum);
}
