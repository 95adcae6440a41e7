import { BINS, BINS_PER_MS, type LatenessCounts } from './thread/counters.ts';

/** Lateness of ticks, of several threads and times together; a quantile of the whole is not to be had from quantiles of the parts. */
export class LatenessSum {
  readonly #counts = new Float64Array(BINS + 1);
  #total = 0;
  #max = 0;

  add({ bins, max }: LatenessCounts): this {
    for (let i = 0; i + 1 < bins.length; i += 2) {
      const bin = Math.min(BINS, bins[i]!);
      this.#counts[bin] = this.#counts[bin]! + bins[i + 1]!;
      this.#total += bins[i + 1]!;
    }
    this.#max = Math.max(this.#max, max);
    return this;
  }

  /** ms that this share of all ticks was late at most; 0 without ticks. Never more than the worst. */
  quantile(share: number): number {
    if (this.#total === 0) return 0;
    let left = this.#total * share;
    let bin = 0;
    for (; bin < BINS; bin++) {
      left -= this.#counts[bin]!;
      if (left <= 1e-9) break;
    }
    // The last bin has no end but the worst itself.
    return bin === BINS ? this.#max : Math.min(this.#max, (bin + 0.5) / BINS_PER_MS);
  }

  get max(): number {
    return this.#max;
  }
}
