import type { Clock } from '../base/index.ts';

/** More buckets than this are swept: a full bucket says nothing and can be forgotten. */
const SWEEP_AT = 10_000;

/** What a bucket says after a request: the envelope's `tokens`. */
export interface Charge {
  readonly allowed: boolean;
  readonly consumed: number;
  readonly remaining: number;
}

interface Bucket {
  readonly level: number;
  readonly at: number;
}

/** How much a bucket takes at once, and how fast it fills again. */
export interface RateLimit {
  readonly capacity: number;
  readonly perSecond: number;
}

/** KAZOO's (kazoo-facts §2.7). */
const USUAL: RateLimit = { capacity: 100, perSecond: 10 };

/** Token buckets: 100 requests at once, refilled by 10 a second, unless somebody says otherwise. */
export class Rate {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #limit: RateLimit;

  constructor(clock: Clock, limit = USUAL) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Takes one from the bucket of `key`. */
  charge(key: string): Charge {
    const level = this.#level(key);
    if (level < 1) return { allowed: false, consumed: 0, remaining: 0 };
    if (this.#buckets.size >= SWEEP_AT && !this.#buckets.has(key)) this.#sweep();
    this.#buckets.set(key, { level: level - 1, at: this.#clock.now() });
    return { allowed: true, consumed: 1, remaining: Math.floor(level - 1) };
  }

  /** Looks without taking. */
  look(key: string): Charge {
    return { allowed: true, consumed: 0, remaining: Math.floor(this.#level(key)) };
  }

  #level(key: string): number {
    const bucket = this.#buckets.get(key);
    const { capacity, perSecond } = this.#limit;
    if (bucket === undefined) return capacity;
    return Math.min(capacity, bucket.level + ((this.#clock.now() - bucket.at) / 1000) * perSecond);
  }

  /** Forgets full buckets, and the oldest one when none is full, so that memory stays bounded. */
  #sweep(): void {
    for (const key of this.#buckets.keys()) if (this.#level(key) >= this.#limit.capacity) this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= SWEEP_AT && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
