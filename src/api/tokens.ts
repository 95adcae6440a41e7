import { createHash } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import type { AccountId, Accounts, UserId } from '../accounts/index.ts';
import { type Chance, type Clock, isObject } from '../base/index.ts';
import { Enabled } from './enabled.ts';
import type { TokenKey } from './options.ts';
import { TokenRing } from './token-ring.ts';

/** How long a token is good, in seconds. */
const LIFETIME = 3600;
/** The longest that anybody gives (VoIPBIN's login): so long are keys kept that sign no more. */
const LONGEST = 7 * 86_400;

/** Who is asking. */
export interface Person {
  readonly account: AccountId;
  /** Absent when an account's API key was shown. */
  readonly user: UserId | undefined;
  /** KAZOO's name of the way he came: `cb_user_auth`, `cb_api_auth` … */
  readonly method: string;
}

/** What a shown token turned out to be. */
export type Verdict =
  /** `expiresAt` is in epoch ms: what lives longer than a request ends then. */
  { readonly is: 'good'; readonly person: Person; readonly expiresAt: number } | { readonly is: 'expired' } | { readonly is: 'bad' };

/** Makes and reads the tokens that every dialect accepts: JWT (RFC 7519) with RS256. */
export interface Tokens {
  /** `seconds`: how long it is good; default an hour. */
  issue(person: Person, seconds?: number): Promise<string>;
  read(token: string): Promise<Verdict>;
  /** The same for the cookie of a browser: such a token is good nowhere else, and no other one here. */
  issueSession(person: Person, seconds: number): Promise<string>;
  readSession(token: string): Promise<Verdict>;
  /** Takes a good token back: from now on it is as if it had expired. */
  revoke(token: string): Promise<void>;
}

/** Who made a token: KAZOO's way of it, or a login in a browser. */
type Issuer = 'kazoo' | 'parley-session';

function personOf(claims: Record<string, unknown>, issuer: Issuer): Person | undefined {
  if (claims['iss'] !== issuer || typeof claims['account_id'] !== 'string') return undefined;
  const owner = claims['owner_id'];
  return {
    account: claims['account_id'] as AccountId,
    user: typeof owner === 'string' ? (owner as UserId) : undefined,
    method: typeof claims['method'] === 'string' ? claims['method'] : 'cb_token_auth',
  };
}

/** What reading and making tokens needs. */
export interface TokenOptions {
  readonly tokenKey: TokenKey;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly accounts: Pick<Accounts, 'isEnabled'>;
}

/** More tokens than this are not remembered. */
const MOST = 10_000;

/** All who read tokens in this process know the same keys, and what was taken back. */
const rings = new WeakMap<TokenKey, Promise<TokenRing>>();

function ringOf({ tokenKey, clock }: TokenOptions): Promise<TokenRing> {
  const known = rings.get(tokenKey) ?? TokenRing.open(tokenKey, { clock, lifetime: LONGEST * 1000 });
  rings.set(tokenKey, known);
  known.catch(() => rings.delete(tokenKey));
  return known;
}

/** A token whose signature is good. */
interface Checked {
  readonly claims: Record<string, unknown>;
  readonly hash: string;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Loads the signing keys, or makes and keeps one. */
export async function openTokens(options: TokenOptions): Promise<Tokens> {
  const { clock, chance, accounts } = options;
  const ring = await ringOf(options);
  const enabled = new Enabled(accounts, clock);
  const now = (): number => Math.floor(clock.epoch() / 1000);
  // Checking a signature costs more than all the rest of a request: what was checked once is remembered.
  const checked = new Map<string, Checked>();
  const check = async (token: string): Promise<Checked | undefined> => {
    const known = checked.get(token);
    if (known !== undefined) return known;
    try {
      const { payload } = await compactVerify(
        token,
        ({ kid }) => {
          const key = ring.verifying(kid);
          if (key === undefined) throw new RangeError('unknown key');
          return key;
        },
        { algorithms: ['RS256'] },
      );
      const claims: unknown = JSON.parse(Buffer.from(payload).toString());
      if (!isObject(claims)) return undefined;
      if (checked.size >= MOST) checked.clear();
      const fresh = { claims, hash: hashOf(token) };
      checked.set(token, fresh);
      return fresh;
    } catch {
      return undefined;
    }
  };
  const issue = async ({ account, user, method }: Person, seconds: number, iss: Issuer): Promise<string> => {
    const { kid, signing } = await ring.signing(clock.epoch());
    const claims = {
      iss,
      identity_sig: Buffer.from(chance.bytes(32)).toString('base64url'),
      account_id: account,
      owner_id: user,
      method,
      exp: now() + seconds,
    };
    return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(signing);
  };
  const read = async (token: string, issuer: Issuer): Promise<Verdict> => {
    const known = await check(token);
    const person = known && personOf(known.claims, issuer);
    const expires = known?.claims['exp'];
    if (person === undefined || typeof expires !== 'number') return { is: 'bad' };
    if (expires <= now() || ring.isRevoked(known?.hash ?? '')) return { is: 'expired' };
    return (await enabled.has(person)) ? { is: 'good', person, expiresAt: expires * 1000 } : { is: 'bad' };
  };
  return {
    issue: (person, seconds = LIFETIME) => issue(person, seconds, 'kazoo'),
    read: (token) => read(token, 'kazoo'),
    issueSession: (person, seconds) => issue(person, seconds, 'parley-session'),
    readSession: (token) => read(token, 'parley-session'),
    async revoke(token) {
      const known = await check(token);
      const expires = known?.claims['exp'];
      if (known !== undefined && typeof expires === 'number') await ring.revoke(known.hash, expires * 1000, clock.epoch());
    },
  };
}
