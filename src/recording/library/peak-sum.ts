/** Parts in which a picture is kept; from this many on, two become one. */
const MOST = 8192;
/** Parts of a second to begin with: 10 ms, a whole number of samples at every rate that rooms have. */
const FIRST = 100;

/** The least and most of equal parts of a sound, as 8-bit numbers; -128 is the least that 16 bits can be. */
export interface PeakParts {
  /** Seconds of a part. */
  readonly width: number;
  readonly seconds: number;
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Sums up sound of any length, which nobody knows beforehand, in a bounded number of parts. */
export class PeakSum {
  readonly #least: number[] = [];
  readonly #most: number[] = [];
  /** Parts of a second in which it is summed up now. */
  #share = FIRST;
  #seconds = 0;
  /** Of the part that is being filled: how much of it there is, 0 to 1, and its extremes. */
  #filled = 0;
  #low = 32_767;
  #high = -32_768;

  add(samples: Int16Array, rate: number): void {
    let step = this.#share / rate;
    for (const sample of samples) {
      if (sample < this.#low) this.#low = sample;
      if (sample > this.#high) this.#high = sample;
      this.#filled += step;
      // Shares of a part do not add up to exactly one.
      if (this.#filled < 1 - step / 2) continue;
      this.#close();
      step = this.#share / rate;
    }
    this.#seconds += samples.length / rate;
  }

  /** What has come so far, the last part also where it is not full. */
  parts(): PeakParts {
    const rest = this.#filled > 0;
    const scaled = (values: readonly number[], last: number) =>
      [...values, ...(rest ? [last] : [])].map((value) => Math.floor(value / 256));
    return {
      width: 1 / this.#share,
      // Sums of fractions are not quite whole.
      seconds: Math.round(this.#seconds * 1000) / 1000,
      least: scaled(this.#least, this.#low),
      most: scaled(this.#most, this.#high),
    };
  }

  #close(): void {
    this.#least.push(this.#low);
    this.#most.push(this.#high);
    this.#filled = 0;
    [this.#low, this.#high] = [32_767, -32_768];
    if (this.#least.length < MOST) return;
    for (let at = 0; at < MOST / 2; at++) {
      this.#least[at] = Math.min(this.#least[2 * at] ?? 0, this.#least[2 * at + 1] ?? 0);
      this.#most[at] = Math.max(this.#most[2 * at] ?? 0, this.#most[2 * at + 1] ?? 0);
    }
    this.#least.length = MOST / 2;
    this.#most.length = MOST / 2;
    this.#share /= 2;
  }
}

/** The same picture in at most so many parts, from -1 to 1. */
export function inParts({ least, most }: Pick<PeakParts, 'least' | 'most'>, points: number): { least: number[]; most: number[] } {
  const count = Math.min(points, least.length);
  const low: number[] = [];
  const high: number[] = [];
  for (let at = 0; at < count; at++) {
    const [from, to] = [Math.floor((at * least.length) / count), Math.floor(((at + 1) * least.length) / count)];
    low.push(Math.min(...least.slice(from, to)) / 128);
    high.push(Math.max(...most.slice(from, to)) / 128);
  }
  return { least: low, most: high };
}
