import { nonceLifetime } from '../sip/index.ts';

/** More proved requests than this within the life of a nonce, and the oldest is forgotten. */
const MOST = 20_000;

/** The highest count used with each nonce that proved a password, for as long as the nonce is good (RFC 7616 §3.4, `nc`). */
export class NonceCounts {
  readonly #most: number;
  /** In the order of first use, which is the order in which they are forgotten. */
  readonly #used = new Map<string, { highest: number; readonly forgetAt: number }>();

  constructor(most: number = MOST) {
    this.#most = most;
  }

  /** How many nonces are remembered. */
  get size(): number {
    return this.#used.size;
  }

  /** Notes a use; false when this count, or a higher one, was used before: a replay. Only proved requests may come here, so that strangers cannot fill it. */
  isNew(nonce: string, count: number, now: number): boolean {
    this.#forget(now);
    const known = this.#used.get(nonce);
    if (known !== undefined && count <= known.highest) return false;
    if (known === undefined) this.#used.set(nonce, { highest: count, forgetAt: now + nonceLifetime + 1_000 });
    else known.highest = count;
    return true;
  }

  #forget(now: number): void {
    for (const [nonce, { forgetAt }] of this.#used) {
      if (forgetAt > now && this.#used.size < this.#most) return;
      this.#used.delete(nonce);
    }
  }
}
