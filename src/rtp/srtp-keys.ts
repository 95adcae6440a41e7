import { createCipheriv } from 'node:crypto';
import { type SrtpSuite, sizesOf } from './srtp-suite.ts';
import { Aead, CounterMode, type SessionKeys, type Transform } from './srtp-transform.ts';

/** Where the label stands in the salt, RFC 3711 §4.3.1: before the 48 bits of an index that is always 0 here (key derivation rate 0). */
const LABEL_AT = 7;
/** Of SRTCP's labels 3, 4 and 5 the first; RTP's are 0, 1 and 2. */
const CONTROL = 3;
const HMAC_KEY = 20;

/** `length` bytes for one purpose out of the master key: AES in counter mode, RFC 3711 §4.3.3; with a key of 256 bits RFC 6188 §3. */
export function derive(master: Uint8Array, salt: Uint8Array, { label, length }: { label: number; length: number }): Uint8Array {
  const counter = new Uint8Array(16);
  // A salt of 12 bytes is followed by zeros.
  counter.set(salt);
  counter[LABEL_AT]! ^= label;
  return createCipheriv(`aes-${master.length * 8}-ctr`, master, counter).update(new Uint8Array(length));
}

/** The session keys of RTP or of RTCP. */
export function sessionKeys(suite: SrtpSuite, key: Uint8Array, isControl: boolean): SessionKeys {
  const sizes = sizesOf(suite);
  if (key.length !== sizes.key + sizes.salt)
    throw new RangeError(`A key of ${suite} has ${sizes.key + sizes.salt} bytes, not ${key.length}.`);
  const master = key.subarray(0, sizes.key);
  const salt = key.subarray(sizes.key);
  const first = isControl ? CONTROL : 0;
  return {
    key: derive(master, salt, { label: first, length: sizes.key }),
    authentication: sizes.isAead ? new Uint8Array(0) : derive(master, salt, { label: first + 1, length: HMAC_KEY }),
    salt: derive(master, salt, { label: first + 2, length: sizes.salt }),
  };
}

/** What is to be done to packets of RTP or of RTCP. */
export function transformOf(suite: SrtpSuite, key: Uint8Array, isControl: boolean): Transform {
  const { isAead, tag, controlTag } = sizesOf(suite);
  const options = { keys: sessionKeys(suite, key, isControl), tag: isControl ? controlTag : tag, isControl };
  return isAead ? new Aead(options) : new CounterMode(options);
}
