import { createHash, randomBytes } from 'node:crypto';

/** The only source of chance. */
export interface Chance {
  /** `n` random bytes, fit for keys. */
  bytes(n: number): Uint8Array;
}

/** Bytes that are drawn at once. */
const AHEAD = 4096;

/** The machine's own chance. */
export class SystemChance implements Chance {
  /** Drawn ahead, because asking costs the same for many as for few; given out once, and then zero. */
  #ahead = Buffer.alloc(0);
  #at = 0;

  bytes(n: number): Uint8Array {
    if (n > AHEAD / 16) return randomBytes(n);
    if (this.#at + n > this.#ahead.length) [this.#ahead, this.#at] = [randomBytes(AHEAD), 0];
    const given = this.#ahead.subarray(this.#at, this.#at + n);
    const own = Uint8Array.from(given);
    given.fill(0);
    this.#at += n;
    return own;
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

/** A random token of `n` bytes as lower-case hex digits. */
export const randomHex = (chance: Chance, n: number): string => hexOf(chance.bytes(n));

/** A time-ordered id: the 32 hex digits of a UUIDv7 (RFC 9562 §5.7). `epoch` is in ms. */
export function newId(chance: Chance, epoch: number): string {
  const bytes = chance.bytes(16);
  const time = Math.floor(epoch);
  bytes[0] = Math.floor(time / 2 ** 40) & 0xff;
  bytes[1] = Math.floor(time / 2 ** 32) & 0xff;
  bytes[2] = (time >>> 24) & 0xff;
  bytes[3] = (time >>> 16) & 0xff;
  bytes[4] = (time >>> 8) & 0xff;
  bytes[5] = time & 0xff;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return hexOf(bytes);
}

/** When an id was made, epoch ms; of one that tells nothing of it: `otherwise`. */
export const madeAt = (id: string, otherwise: number): number =>
  /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(id) ? Number.parseInt(id.slice(0, 12), 16) : otherwise;

/** Spells 32 hex digits as a dashed UUID; anything else stays as it is. */
export const dashed = (id: string): string =>
  /^[0-9a-f]{32}$/.test(id) ? `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}` : id;

/** Spells a dashed UUID as 32 hex digits; anything else stays as it is. */
export const undashed = (id: string): string =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id.replaceAll('-', '').toLowerCase() : id;

/** Any id as a dashed UUID: 32 hex digits as themselves, a name as the UUIDv5 (RFC 9562 §5.5) of it in its account's namespace. */
export function uuidOf(id: string, account: string): string {
  if (/^[0-9a-f]{32}$/.test(id)) return dashed(id);
  const bytes = createHash('sha1')
    .update(Buffer.from(undashed(account), 'hex'))
    .update(id)
    .digest()
    .subarray(0, 16);
  bytes[6] = 0x50 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return dashed(hexOf(bytes));
}
