import { kaiser } from './kaiser.ts';

/** Zero crossings of the ideal low-pass on each side, at the lower of the two rates. */
const REACH = 24;
/** More places than this between two samples are not kept, but interpolated between the kept ones. */
const MOST_PHASES = 640;
/** Filters that are kept for the next time; files are of few rates. */
const MOST_KEPT = 12;
/** Share of the lower rate's half that passes; the rest is for the filter's slope. */
const PASS = 0.92;

/**
 * Turns sound of any rate into another, piece by piece: a windowed low-pass below half of the lower rate, so that nothing folds back. For files;
 * the frames of calls go through `Resampler`.
 */
export class AnyRate {
  readonly from: number;
  readonly to: number;
  /** Input samples on each side of an output sample that count. */
  readonly #reach: number;
  readonly #table: Float64Array;
  /** Filters of the table. */
  readonly #phases: number;
  readonly #isExact: boolean;
  /** What has been given and is still needed. */
  #kept: Float64Array;
  #count = 0;
  /** Where the next output sample is, in input samples from the beginning of what is kept. */
  #at = 0;
  /** And so many parts of `to` of an input sample further: whole numbers, so that no sample is lost in an hour. */
  #part = 0;
  #isFlushed = false;

  constructor({ from, to }: { readonly from: number; readonly to: number }) {
    this.from = from;
    this.to = to;
    this.#reach = Math.ceil(REACH / Math.min(1, to / from));
    const exact = to / divisor(from, to);
    this.#isExact = exact <= MOST_PHASES;
    this.#phases = this.#isExact ? exact : MOST_PHASES;
    this.#table = filtersOf({ reach: this.#reach, band: Math.min(1, to / from) * PASS, phases: this.#phases });
    // Silence came before.
    this.#kept = new Float64Array(4 * this.#reach + 4096);
    this.#count = this.#reach;
    this.#at = this.#reach;
  }

  /** Takes samples and gives those that are complete. */
  process(input: Int16Array): Int16Array {
    if (this.from === this.to) return input;
    this.#keep(input);
    const out = new Int16Array(Math.max(0, Math.ceil(((this.#count - this.#at) * this.to) / this.from) + 1));
    let made = 0;
    while (this.#at + this.#reach < this.#count) {
      out[made++] = this.#sample();
      this.#part += this.from;
      const whole = Math.floor(this.#part / this.to);
      this.#at += whole;
      this.#part -= whole * this.to;
    }
    this.#forget();
    return out.subarray(0, made);
  }

  /** Nothing more comes: gives what is left. */
  flush(): Int16Array {
    if (this.from === this.to || this.#isFlushed) return new Int16Array(0);
    this.#isFlushed = true;
    return this.process(new Int16Array(this.#reach));
  }

  #keep(input: Int16Array): void {
    if (this.#count + input.length > this.#kept.length) {
      const larger = new Float64Array(2 * (this.#count + input.length));
      larger.set(this.#kept.subarray(0, this.#count));
      this.#kept = larger;
    }
    this.#kept.set(input, this.#count);
    this.#count += input.length;
  }

  #forget(): void {
    const gone = Math.min(this.#at, this.#count) - this.#reach;
    if (gone <= 0) return;
    this.#kept.copyWithin(0, gone, this.#count);
    this.#count -= gone;
    this.#at -= gone;
  }

  #sample(): number {
    const place = (this.#part * this.#phases) / this.to;
    const phase = this.#isExact ? Math.round(place) : Math.floor(place);
    const sum = this.#isExact ? this.#filtered(phase) : this.#between(phase, place - phase);
    const rounded = Math.floor(sum + 0.5);
    return rounded > 32_767 ? 32_767 : rounded < -32_768 ? -32_768 : rounded;
  }

  #filtered(phase: number): number {
    const taps = 2 * this.#reach;
    const row = phase * taps;
    const first = this.#at - this.#reach + 1;
    const [table, kept] = [this.#table, this.#kept];
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) sum += kept[first + tap]! * table[row + tap]!;
    return sum;
  }

  /** Between this filter and the next one. */
  #between(phase: number, part: number): number {
    const here = this.#filtered(phase);
    return here + part * (this.#filtered(phase + 1) - here);
  }
}

interface Shape {
  readonly reach: number;
  /** Of what the input carries: the share that passes. */
  readonly band: number;
  readonly phases: number;
}

/** Filters depend on nothing but the rates, and are slow to make. */
const tables = new Map<string, Float64Array>();

function filtersOf(shape: Shape): Float64Array {
  const key = `${shape.reach} ${shape.band} ${shape.phases}`;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const made = filters(shape);
  if (tables.size >= MOST_KEPT) tables.clear();
  tables.set(key, made);
  return made;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** Rows of taps for each place between two input samples, each with gain 1 at 0 Hz. */
function filters({ reach, band, phases }: Shape): Float64Array {
  const taps = 2 * reach;
  const table = new Float64Array((phases + 1) * taps);
  for (let phase = 0; phase <= phases; phase++) {
    const row = table.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - reach + 1 - phase / phases;
      const share = Math.min(1, Math.abs(x) / reach);
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * band * x) / (Math.PI * band * x);
      row[tap] = sinc * kaiser(share);
      sum += row[tap]!;
    }
    for (let tap = 0; tap < taps; tap++) row[tap]! /= sum;
  }
  return table;
}
