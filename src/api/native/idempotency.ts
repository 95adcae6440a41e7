import { createHash } from 'node:crypto';
import type { Clock } from '../../base/index.ts';
import { Problem } from './problem.ts';

/** How long an answer is kept, in ms: a day. */
const KEPT = 86_400_000;

interface Entry {
  readonly request: string;
  readonly answer: Promise<unknown>;
  readonly until: number;
}

/** Remembers the answers of requests that carried an `Idempotency-Key`, in memory, for a day. */
export class Idempotency {
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does the work once per (account, key). The same key with another request is refused with 422; a failed work is forgotten. */
  async once<T>(options: { account: string; key: string | undefined; request: unknown; work: () => Promise<T> }): Promise<T> {
    const { account, key, work } = options;
    if (key === undefined) return work();
    this.#forget();
    const name = `${account} ${key}`;
    const request = createHash('sha256').update(JSON.stringify(options.request)).digest('hex');
    const known = this.#entries.get(name);
    if (known !== undefined) {
      if (known.request !== request) throw new Problem(422, 'idempotency_key_reused', 'this Idempotency-Key came with another request');
      return (await known.answer) as T;
    }
    const answer = work();
    this.#entries.set(name, { request, answer, until: this.#clock.now() + KEPT });
    try {
      return await answer;
    } catch (error) {
      this.#entries.delete(name);
      throw error;
    }
  }

  /** Entries are in order of age: only old ones at the front are dropped. */
  #forget(): void {
    for (const [name, { until }] of this.#entries) {
      if (until > this.#clock.now()) return;
      this.#entries.delete(name);
    }
  }
}
