import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { type Clock, isObject } from '../base/index.ts';
import type { TokenKey } from './options.ts';

/** A key signs for so long, ms: then another one takes its place. */
const SIGNS_FOR = 30 * 86_400_000;

type Imported = Awaited<ReturnType<typeof importJWK>>;

interface KeptKey {
  readonly jwk: JWK;
  /** Epoch ms. */
  readonly madeAt: number;
}

/** What is kept, sealed. */
interface Kept {
  /** What other keys are derived from; it stays the same whatever happens to the others. */
  readonly seed: string;
  /** The oldest first; the last one signs. */
  readonly keys: readonly KeptKey[];
  /** Tokens that were taken back, by their hash, and when they end anyway (epoch ms). */
  readonly revoked: readonly (readonly [string, number])[];
}

interface Key {
  readonly kid: string;
  readonly signing: Imported;
  readonly verifying: Imported;
}

const isKept = (value: unknown): value is Kept => isObject(value) && Array.isArray(value['keys']);

/** Reads what is kept. Before there were several keys it was one key alone, whose age nobody knows: it counts as new. */
function read(text: string, now: number): Kept {
  const value: unknown = JSON.parse(text);
  return isKept(value) ? value : { seed: text, keys: [{ jwk: value as JWK, madeAt: now }], revoked: [] };
}

async function newKey(now: number): Promise<KeptKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { jwk: await exportJWK(privateKey), madeAt: now };
}

async function imported({ jwk }: KeptKey): Promise<Key> {
  return {
    kid: await calculateJwkThumbprint(jwk),
    signing: await importJWK(jwk, 'RS256'),
    verifying: await importJWK({ kty: 'RSA', n: jwk.n, e: jwk.e } as JWK, 'RS256'),
  };
}

/** What keys of other purposes are derived from: it outlives every change of the keys that sign. */
export async function seedOf(tokenKey: TokenKey): Promise<string> {
  const text = await tokenKey.load();
  return text === undefined ? '' : read(text, 0).seed;
}

/** The keys that sign tokens. A new one is made every 30 days; what an older one signed is good as long as it would have been. */
export class TokenRing {
  readonly #tokenKey: TokenKey;
  readonly #lifetime: number;
  #kept: Kept;
  #keys: readonly Key[];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: { tokenKey: TokenKey; lifetime: number; kept: Kept; keys: readonly Key[] }) {
    this.#tokenKey = options.tokenKey;
    this.#lifetime = options.lifetime;
    this.#kept = options.kept;
    this.#keys = options.keys;
  }

  /** Loads the keys, or makes and keeps the first one. `lifetime`: how long a token is good, ms. */
  static async open(tokenKey: TokenKey, { clock, lifetime }: { clock: Clock; lifetime: number }): Promise<TokenRing> {
    const text = await tokenKey.load();
    const now = clock.epoch();
    const first = text === undefined ? await newKey(now) : undefined;
    const kept = first === undefined ? read(text ?? '', now) : { seed: JSON.stringify(first.jwk), keys: [first], revoked: [] };
    if (first !== undefined) await tokenKey.save(JSON.stringify(kept));
    return new TokenRing({ tokenKey, lifetime, kept, keys: await Promise.all(kept.keys.map(imported)) });
  }

  /** The key that signs at this moment, a fresh one where the last has signed long enough. */
  async signing(now: number): Promise<Key> {
    if (this.#isOld(now)) await this.#inTurn(() => this.#rotate(now));
    return this.#keys.at(-1)!;
  }

  /** The key of this name. */
  verifying(kid: string | undefined): Imported | undefined {
    return this.#keys.find((each) => each.kid === kid)?.verifying;
  }

  isRevoked(hash: string): boolean {
    return this.#kept.revoked.some(([each]) => each === hash);
  }

  /** Takes a token back that would end at `until` (epoch ms). */
  revoke(hash: string, until: number, now: number): Promise<void> {
    return this.#inTurn(async () => {
      const living = this.#kept.revoked.filter(([each, end]) => end > now && each !== hash);
      await this.#keep({ ...this.#kept, revoked: [...living, [hash, until]] });
    });
  }

  async #rotate(now: number): Promise<void> {
    if (!this.#isOld(now)) return;
    const fresh = await newKey(now);
    // Only the last one can have signed what is still good.
    const last = this.#kept.keys.slice(-1);
    await this.#keep({ ...this.#kept, keys: [...last, fresh] });
    this.#keys = await Promise.all(this.#kept.keys.map(imported));
  }

  #isOld(now: number): boolean {
    const made = this.#kept.keys.at(-1)?.madeAt ?? 0;
    return now - made > Math.max(SIGNS_FOR, this.#lifetime);
  }

  async #keep(next: Kept): Promise<void> {
    await this.#tokenKey.save(JSON.stringify(next));
    this.#kept = next;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}
