import type { Clock } from '../base/index.ts';

/** How long an answer is good for, ms: many prompts are played one behind the other. */
const FRESH = 1000;
/** Answers that are remembered at once. */
const MOST = 2000;

/** Answers that are asked for again and again within a moment: files and rows that people change by hand. What failed is asked anew. */
export class ForAWhile<Value> {
  readonly #clock: Clock;
  readonly #ask: (key: string) => Promise<Value>;
  readonly #known = new Map<string, { readonly until: number; readonly value: Promise<Value> }>();

  constructor(clock: Clock, ask: (key: string) => Promise<Value>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  of(key: string): Promise<Value> {
    const now = this.#clock.now();
    const known = this.#known.get(key);
    if (known !== undefined && known.until > now) return known.value;
    const value = this.#ask(key);
    // The oldest question stands first.
    this.#known.delete(key);
    this.#known.set(key, { until: now + FRESH, value });
    value.catch(() => this.#known.delete(key));
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    return value;
  }
}
