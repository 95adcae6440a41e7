import { type DigestAlgorithm, from, header, type SipRequest, via } from '../sip/index.ts';

/** Telephones that give up at the sight of an algorithm that they do not know, wherever MD5 stands (RFC 8760 §2.4 wants them to look on). */
const KNOWN = /^baresip v?[01]\./i;

/** Who comes again this long after he was challenged, ms, and shows nothing, could not read the challenge: sooner it may be another of his requests. */
const AT_FIRST = 1_500;
/** How long a challenge is waited for, and how long a telephone counts as old, ms. */
const REMEMBERED = 3_600_000;
/** More telephones than this are not remembered. */
const MOST = 5_000;

interface Asked {
  /** Monotonic ms. */
  readonly at: number;
  readonly isOld: boolean;
}

/**
 * Which algorithms a telephone is challenged with: SHA-256 and behind it MD5, the best first. One that cannot live with that is found out by its name, or by what it
 * does: it was challenged, and comes again with empty hands. It is challenged with MD5 alone, which it was offered before: nothing is taken that would not have been.
 */
export class OldPhones {
  readonly #asked = new Map<string, Asked>();

  /** What it is challenged with now; monotonic ms. */
  algorithms(request: SipRequest, now: number): readonly DigestAlgorithm[] | undefined {
    const key = nameOf(request);
    const known = this.#asked.get(key);
    const isYoung = known !== undefined && now - known.at < REMEMBERED;
    const cannotRead = isYoung && now - known.at >= AT_FIRST && header(request, 'Authorization') === undefined;
    const isOld = KNOWN.test(header(request, 'User-Agent') ?? '') || (isYoung && known.isOld) || cannotRead;
    // The first time counts: who asks again and again would never come late.
    this.#note(key, { at: isYoung && !isOld ? known.at : now, isOld });
    return isOld ? ['MD5'] : undefined;
  }

  /** It has proved itself: what it was challenged with, it can read. */
  proved(request: SipRequest): void {
    const key = nameOf(request);
    if (this.#asked.get(key)?.isOld === false) this.#asked.delete(key);
  }

  #note(key: string, asked: Asked): void {
    this.#asked.delete(key);
    this.#asked.set(key, asked);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > MOST && oldest !== undefined) this.#asked.delete(oldest);
  }
}

/** One telephone: who it says to be, where it is, and what it calls itself. */
function nameOf(request: SipRequest): string {
  const { user = '', host = '' } = from(request)?.uri ?? {};
  return JSON.stringify([user, host.toLowerCase(), via(request)?.host, header(request, 'User-Agent')]);
}
