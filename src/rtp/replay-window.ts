import { REPLAYED, TOO_OLD } from './srtp-suite.ts';

/** How many indexes up to the highest are remembered; RFC 3711 §3.3.2 asks for at least 64. */
const SIZE = 128;

/** Which indexes were seen, RFC 3711 §3.3.2. */
export class ReplayWindow {
  /** The highest index that was seen; -1: none. */
  highest = -1;
  /** One bit for each remainder of 128. */
  readonly #seen = new Int32Array(SIZE / 32);

  /** 0, REPLAYED or TOO_OLD. */
  check(index: number): number {
    if (index > this.highest) return 0;
    if (index < 0 || index <= this.highest - SIZE) return TOO_OLD;
    return (this.#seen[(index >> 5) & 3]! & (1 << (index & 31))) === 0 ? 0 : REPLAYED;
  }

  /** This index was seen; `check` allowed it. */
  add(index: number): void {
    const seen = this.#seen;
    if (index > this.highest) {
      if (index - this.highest >= SIZE) seen.fill(0);
      else for (let skipped = this.highest + 1; skipped < index; skipped++) seen[(skipped >> 5) & 3]! &= ~(1 << (skipped & 31));
      this.highest = index;
    }
    seen[(index >> 5) & 3]! |= 1 << (index & 31);
  }

  /** The plain values behind it. */
  words(): readonly number[] {
    return [...this.#seen];
  }

  restore(highest: number, words: readonly number[]): void {
    this.highest = highest;
    this.#seen.set(words.slice(0, this.#seen.length));
  }
}
