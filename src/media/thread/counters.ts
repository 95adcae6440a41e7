/** Tenths of a ms up to a tenth of a second. */
const BINS = 1000;

/** How late ticks were, in bins of a tenth of a ms. */
export class Lateness {
  readonly #bins = new Int32Array(BINS + 1);
  #count = 0;
  #max = 0;

  add(late: number): void {
    const bin = Math.min(BINS, Math.max(0, Math.floor(late * 10)));
    this.#bins[bin] = this.#bins[bin]! + 1;
    this.#count += 1;
    if (late > this.#max) this.#max = late;
  }

  /** The figures since the last read, in ms. */
  read(): { p50: number; p99: number; max: number } {
    const figures = { p50: this.#quantile(0.5), p99: this.#quantile(0.99), max: this.#max };
    this.#bins.fill(0);
    this.#count = 0;
    this.#max = 0;
    return figures;
  }

  #quantile(share: number): number {
    let left = this.#count * share;
    for (let bin = 0; bin <= BINS; bin++) {
      left -= this.#bins[bin]!;
      if (left <= 0 && this.#count > 0) return (bin + 0.5) / 10;
    }
    return 0;
  }
}

/** What all legs of a thread count together. */
export interface Counters {
  packetsIn: number;
  packetsOut: number;
  sendFailures: number;
  malformed: number;
  strangers: number;
  lost: number;
  late: number;
  concealed: number;
  encoded: number;
  ticks: number;
  lateTicks: number;
}

/** All at zero. */
export const noCounts = (): Counters => ({
  packetsIn: 0,
  packetsOut: 0,
  sendFailures: 0,
  malformed: 0,
  strangers: 0,
  lost: 0,
  late: 0,
  concealed: 0,
  encoded: 0,
  ticks: 0,
  lateTicks: 0,
});
