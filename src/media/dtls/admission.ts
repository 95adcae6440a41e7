/** Handshakes that may begin at once and in a second: of all together, and of one address, behind which a whole office may sit. */
export interface AdmissionLimits {
  readonly all: { readonly burst: number; readonly each: number };
  readonly address: { readonly burst: number; readonly each: number };
}

/** A handshake costs some 30 ms: so many in a second leave the worker half of its time. */
export const LIMITS: AdmissionLimits = { all: { burst: 40, each: 16 }, address: { burst: 20, each: 4 } };
/** Addresses that are remembered. */
const MOST = 4096;

/** So many at once, and so many more in every second. */
class Bucket {
  #level: number;
  #at: number;
  readonly #limit: { readonly burst: number; readonly each: number };

  constructor(limit: { readonly burst: number; readonly each: number }, now: number) {
    this.#limit = limit;
    this.#level = limit.burst;
    this.#at = now;
  }

  /** How many may begin now. */
  level(now: number): number {
    this.#level = Math.min(this.#limit.burst, this.#level + ((now - this.#at) / 1000) * this.#limit.each);
    this.#at = now;
    return this.#level;
  }

  take(): void {
    this.#level -= 1;
  }
}

/** Which handshakes may begin. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #all: Bucket;
  readonly #addresses = new Map<string, Bucket>();

  constructor(now: number, limits = LIMITS) {
    this.#limits = limits;
    this.#all = new Bucket(limits.all, now);
  }

  /** Whether one more may begin, from this address. */
  admits(address: string, now: number): boolean {
    const known = this.#addresses.get(address);
    const bucket = known ?? new Bucket(this.#limits.address, now);
    if (bucket.level(now) < 1 || this.#all.level(now) < 1) return false;
    bucket.take();
    this.#all.take();
    if (known === undefined) this.#remember(address, bucket, now);
    return true;
  }

  #remember(address: string, bucket: Bucket, now: number): void {
    // Whose bucket is full again may be forgotten; if nobody's is, the oldest.
    if (this.#addresses.size >= MOST) {
      for (const [each, old] of this.#addresses) if (old.level(now) >= this.#limits.address.burst) this.#addresses.delete(each);
      const [oldest] = this.#addresses.keys();
      if (this.#addresses.size >= MOST && oldest !== undefined) this.#addresses.delete(oldest);
    }
    this.#addresses.set(address, bucket);
  }
}
