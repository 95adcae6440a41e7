/** Bins per ms of lateness. */
export const BINS_PER_MS = 10;
/** Lateness of a tenth of a second and more is one bin. */
export const BINS = 1000;

/** How often ticks were how late: bin and count in turn, and the worst in ms. Crosses between threads, so it holds only the bins that are not empty. */
export interface LatenessCounts {
  readonly bins: readonly number[];
  readonly max: number;
}

/** How late ticks were, in bins of a tenth of a ms. */
export class Lateness {
  readonly #bins = new Int32Array(BINS + 1);
  #max = 0;

  add(late: number): void {
    const bin = Math.min(BINS, Math.max(0, Math.floor(late * BINS_PER_MS)));
    this.#bins[bin] = this.#bins[bin]! + 1;
    if (late > this.#max) this.#max = late;
  }

  /** What was counted since the last read. Figures of several threads can only be worked out from their counts. */
  read(): LatenessCounts {
    const bins: number[] = [];
    for (let bin = 0; bin <= BINS; bin++) if (this.#bins[bin]! > 0) bins.push(bin, this.#bins[bin]!);
    const counts = { bins, max: this.#max };
    this.#bins.fill(0);
    this.#max = 0;
    return counts;
  }
}

/** What all legs of a thread count together. */
export interface Counters {
  packetsIn: number;
  packetsOut: number;
  sendFailures: number;
  malformed: number;
  notAuthentic: number;
  /** RTCP packets that came in too great a flood to be read. */
  reportsDropped: number;
  strangers: number;
  /** ICE checks by somebody who does not know the password. */
  checksRefused: number;
  /** DTLS datagrams from where no check came from, or too many of them. */
  dtlsIgnored: number;
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
  notAuthentic: 0,
  reportsDropped: 0,
  strangers: 0,
  checksRefused: 0,
  dtlsIgnored: 0,
  lost: 0,
  late: 0,
  concealed: 0,
  encoded: 0,
  ticks: 0,
  lateTicks: 0,
});
