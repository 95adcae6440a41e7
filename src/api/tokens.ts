import { CompactSign, calculateJwkThumbprint, compactVerify, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { AccountId, Accounts, UserId } from '../accounts/index.ts';
import { type Chance, type Clock, isObject } from '../base/index.ts';
import { Enabled } from './enabled.ts';
import type { TokenKey } from './options.ts';

/** How long a token is good, in seconds. */
const LIFETIME = 3600;

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
  issue(person: Person): Promise<string>;
  read(token: string): Promise<Verdict>;
}

async function privateJwk(tokenKey: TokenKey): Promise<JWK> {
  const kept = await tokenKey.load();
  if (kept !== undefined) return JSON.parse(kept) as JWK;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  await tokenKey.save(JSON.stringify(jwk));
  return jwk;
}

function personOf(claims: Record<string, unknown>): Person | undefined {
  if (claims['iss'] !== 'kazoo' || typeof claims['account_id'] !== 'string') return undefined;
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

/** Loads the signing key, or makes and keeps one. */
export async function openTokens({ tokenKey, clock, chance, accounts }: TokenOptions): Promise<Tokens> {
  const jwk = await privateJwk(tokenKey);
  const kid = await calculateJwkThumbprint(jwk);
  const signing = await importJWK(jwk, 'RS256');
  const verifying = await importJWK({ kty: 'RSA', n: jwk.n, e: jwk.e } as JWK, 'RS256');
  const enabled = new Enabled(accounts, clock);
  const now = (): number => Math.floor(clock.epoch() / 1000);
  return {
    issue({ account, user, method }) {
      const claims = {
        iss: 'kazoo',
        identity_sig: Buffer.from(chance.bytes(32)).toString('base64url'),
        account_id: account,
        owner_id: user,
        method,
        exp: now() + LIFETIME,
      };
      return new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(signing);
    },
    async read(token) {
      try {
        const { payload } = await compactVerify(token, verifying, { algorithms: ['RS256'] });
        const claims: unknown = JSON.parse(Buffer.from(payload).toString());
        const person = isObject(claims) ? personOf(claims) : undefined;
        if (person === undefined || !isObject(claims) || typeof claims['exp'] !== 'number') return { is: 'bad' };
        if (claims['exp'] <= now()) return { is: 'expired' };
        return (await enabled.has(person)) ? { is: 'good', person, expiresAt: claims['exp'] * 1000 } : { is: 'bad' };
      } catch {
        return { is: 'bad' };
      }
    },
  };
}
