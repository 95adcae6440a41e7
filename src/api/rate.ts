import type { Clock } from '../base/index.ts';

const CAPACITY = 100;
const PER_SECOND = 10;
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

/** Token buckets (kazoo-facts §2.7): 100 requests at once, refilled by 10 a second. */
export class Rate {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
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
    if (bucket === undefined) return CAPACITY;
    return Math.min(CAPACITY, bucket.level + ((this.#clock.now() - bucket.at) / 1000) * PER_SECOND);
  }

  /** Forgets full buckets, and the oldest one when none is full, so that memory stays bounded. */
  #sweep(): void {
    for (const key of this.#buckets.keys()) if (this.#level(key) >= CAPACITY) this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= SWEEP_AT && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
