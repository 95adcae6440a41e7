import type { Chance } from '../../base/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `req_` and 26 characters of base32. */
export function newRequestId(chance: Chance): string {
  let id = 'req_';
  for (const byte of chance.bytes(26)) id += ALPHABET[byte % ALPHABET.length];
  return id;
}

/** An id of the client's is given back, another is made (voipbin-facts §1.6). */
export const requestIdOf = (shown: unknown, fresh: () => string): string =>
  typeof shown === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(shown) ? shown : fresh();
