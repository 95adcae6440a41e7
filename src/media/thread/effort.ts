/** How much work a frame of Opus is worth. */
export interface Effort {
  complexity: number;
}

/**
 * Complexities of Opus, with the share of the thread's time above which the next one is taken, and below which the one before is worth a try again. The
 * first costs two and a half times as much as the last, and is heard by few: it is for a meeting or two on a machine that has nothing else to do. Coming back
 * must not lead straight away again.
 */
const STEPS = [
  { complexity: 5, above: 0.1, below: 0 },
  { complexity: 1, above: 0.6, below: 0.03 },
  { complexity: 0, above: 2, below: 0.4 },
] as const;

/** While there is time, Opus takes pains; when time gets short, voices are worth more than their last polish. */
export class Diligence implements Effort {
  complexity: number = STEPS[0].complexity;
  #step = 0;
  #share = 0;

  /** `share` of the last tenth of a second that was spent on work, 0 … 1. */
  worked(share: number): void {
    this.#share += (share - this.#share) / 32;
    const { above, below } = STEPS[this.#step]!;
    // A burst after a standstill can make the share greater than any step's.
    if (this.#share > above) this.#step = Math.min(this.#step + 1, STEPS.length - 1);
    else if (this.#share < below) this.#step = Math.max(this.#step - 1, 0);
    this.complexity = STEPS[this.#step]!.complexity;
  }
}
