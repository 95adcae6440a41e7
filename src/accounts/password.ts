import { createHash, scrypt, timingSafeEqual } from 'node:crypto';
import type { Chance } from '../base/index.ts';

/** Letters and digits that nobody mistakes for one another when reading them aloud or off a screen. */
const UNAMBIGUOUS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random password of `length` unambiguous characters, about 4.95 bits each. */
export function randomPassword(chance: Chance, length = 20): string {
  const fair = 256 - (256 % UNAMBIGUOUS.length);
  let password = '';
  while (password.length < length) {
    // A byte above the largest whole multiple would favour the first letters.
    for (const byte of chance.bytes(length)) {
      if (byte < fair && password.length < length) password += UNAMBIGUOUS[byte % UNAMBIGUOUS.length];
    }
  }
  return password;
}

/** What a client sends instead of a password: lower-case hex MD5 and SHA-1 of `username:password` (kazoo-facts §4.1). */
export function credentialsOf(username: string, password: string): { readonly md5: string; readonly sha1: string } {
  const text = `${username}:${password}`;
  return { md5: createHash('md5').update(text).digest('hex'), sha1: createHash('sha1').update(text).digest('hex') };
}

/** SHA-256 as 64 hex digits; enough for keys that are random themselves. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const LENGTH = 32;

/** A stored slow hash: `scrypt$<salt>$<hash>`, both in hex. */
export async function slowHash(secret: string, salt: string): Promise<string> {
  // The asynchronous form runs in the thread pool: forty milliseconds that no telephone may wait for.
  const hash = await new Promise<Buffer>((resolve, reject) => {
    scrypt(secret, Buffer.from(salt, 'hex'), LENGTH, COST, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
  return `scrypt$${salt}$${hash.toString('hex')}`;
}

/** The salt inside a stored slow hash; undefined when it is none. */
export const saltOf = (hash: string): string | undefined => /^scrypt\$([0-9a-f]+)\$[0-9a-f]+$/.exec(hash)?.[1];

/** Compares two texts in a time that does not tell where they differ. */
export function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
