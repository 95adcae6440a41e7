import { crc32 } from './crc32.ts';
import type { HmacSha1 } from './hmac-sha1.ts';

const COOKIE = 0x2112_a442;
const HEADER = 20;
/** Method Binding in the classes request, success and error (RFC 8489 §5). */
export const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const BINDING_ERROR = 0x0111;
/** Attributes, RFC 8489 §18.3 and RFC 8445 §16.1. */
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const UNKNOWN_ATTRIBUTES = 0x000a;
const XOR_MAPPED_ADDRESS = 0x0020;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLED = 0x8029;
const FINGERPRINT_MASK = 0x5354_554e;
/** Bytes of an HMAC-SHA1, and of the attribute that has it. */
const CODE = 20;
const INTEGRITY = 4 + CODE;
const COLON = 58;
/** Room that an answer takes at most. */
export const STUN_ANSWER = 128;

/** STUN among RTP on one port (RFC 7983 §7, RFC 8489 §5): telephones send it to keep a way through NAT open, also to who never asked for it. */
export function isStun(bytes: Uint8Array, at: number, length: number): boolean {
  if (length < HEADER || bytes[at]! > 3) return false;
  return ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) === COOKIE;
}

/** Where a message came from, for XOR-MAPPED-ADDRESS: 4 or 16 bytes, and the port. */
export interface Reflexive {
  readonly bytes: Uint8Array;
  readonly port: number;
}

const half = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function putHalf(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  putHalf(bytes, at, value >>> 16);
  putHalf(bytes, at + 2, value);
}

/**
 * One STUN message seen in place, and its answer (RFC 8489, as ICE uses it: RFC 8445 §7). One object is read into again and again; fields are valid after
 * `read` returned true. Nothing here allocates.
 */
export class StunView {
  /** Class and method, for example BINDING_REQUEST. */
  type = 0;
  usernameLength = 0;
  /** The far end wants this pair to be used. */
  usesCandidate = false;
  /** The far end believes that we control, which the lite side never does. */
  isControlled = false;
  /** An attribute that must be understood and is not; 0: none. */
  unknown = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #usernameAt = 0;
  /** Where MESSAGE-INTEGRITY is; -1: there is none. */
  #integrityAt = -1;
  #hmac: HmacSha1 | null = null;

  /** False: no STUN, torn, or its FINGERPRINT is wrong. */
  read(bytes: Uint8Array, at: number, length: number): boolean {
    if (!isStun(bytes, at, length) || at + length > bytes.length) return false;
    if (HEADER + half(bytes, at + 2) !== length || length % 4 !== 0) return false;
    this.#bytes = bytes;
    this.#at = at;
    this.type = half(bytes, at);
    this.usernameLength = 0;
    this.usesCandidate = false;
    this.isControlled = false;
    this.unknown = 0;
    this.#integrityAt = -1;
    this.#hmac = null;
    const end = at + length;
    for (let next = at + HEADER; next < end; ) {
      const size = half(bytes, next + 2);
      if (next + 4 + size > end) return false;
      if (!this.#attribute(next, size, end)) return false;
      next += 4 + ((size + 3) & ~3);
    }
    return true;
  }

  /** Its USERNAME is this ufrag, a colon, and the far end's ufrag (RFC 8445 §7.2.2). */
  isFor(ufrag: Uint8Array): boolean {
    const { length } = ufrag;
    if (this.usernameLength <= length || this.#bytes[this.#usernameAt + length] !== COLON) return false;
    for (let n = 0; n < length; n++) if (this.#bytes[this.#usernameAt + n] !== ufrag[n]) return false;
    return true;
  }

  /** Its MESSAGE-INTEGRITY is by who knows this password (RFC 8489 §14.5); answers are signed with the same. */
  isSigned(hmac: HmacSha1): boolean {
    const code = this.#integrityAt;
    if (code < 0) return false;
    const bytes = this.#bytes;
    const at = this.#at;
    const length = half(bytes, at + 2);
    // The code is over a message that ends with it.
    putHalf(bytes, at + 2, code + INTEGRITY - at - HEADER);
    hmac.sign(bytes, at, code - at);
    putHalf(bytes, at + 2, length);
    this.#hmac = hmac;
    let wrong = 0;
    for (let n = 0; n < CODE; n++) wrong |= bytes[code + 4 + n]! ^ ((hmac.code[n >> 2]! >>> (24 - 8 * (n & 3))) & 255);
    return wrong === 0;
  }

  /** Writes the success that tells the far end where it is; gives its length. It was signed. */
  succeed(out: Uint8Array, place: number, { bytes: address, port }: Reflexive): number {
    this.#begin(out, place, BINDING_SUCCESS);
    let at = place + HEADER;
    putHalf(out, at, XOR_MAPPED_ADDRESS);
    putHalf(out, at + 2, 4 + address.length);
    out[at + 4] = 0;
    out[at + 5] = address.length === 4 ? 1 : 2;
    putHalf(out, at + 6, port ^ (COOKIE >>> 16));
    at += 8;
    // The cookie and the transaction lie one behind the other in the header, which is what an address is mixed with.
    for (let n = 0; n < address.length; n++) out[at + n] = address[n]! ^ out[place + 4 + n]!;
    return this.#end(out, place, at + address.length);
  }

  /** Writes a refusal: 420 with the attribute that is not known, or 487 (RFC 8445 §7.3.1.1). */
  refuse(out: Uint8Array, place: number, code: 420 | 487): number {
    this.#begin(out, place, BINDING_ERROR);
    let at = place + HEADER;
    putHalf(out, at, ERROR_CODE);
    putHalf(out, at + 2, 4);
    putHalf(out, at + 4, 0);
    out[at + 6] = 4;
    out[at + 7] = code % 100;
    at += 8;
    if (code === 420) {
      putHalf(out, at, UNKNOWN_ATTRIBUTES);
      putHalf(out, at + 2, 2);
      putHalf(out, at + 4, this.unknown);
      putHalf(out, at + 6, 0);
      at += 8;
    }
    return this.#end(out, place, at);
  }

  #attribute(at: number, size: number, end: number): boolean {
    const bytes = this.#bytes;
    const kind = half(bytes, at);
    if (kind === FINGERPRINT) return size === 4 && at + 8 === end && this.#isWhole(at);
    // What stands behind the code is not covered by it.
    if (this.#integrityAt >= 0) return true;
    if (kind === USERNAME) {
      this.#usernameAt = at + 4;
      this.usernameLength = size;
    } else if (kind === MESSAGE_INTEGRITY) {
      if (size !== CODE) return false;
      this.#integrityAt = at;
    } else if (kind === USE_CANDIDATE) this.usesCandidate = true;
    else if (kind === ICE_CONTROLLED) this.isControlled = true;
    else if (kind < 0x8000 && kind !== PRIORITY && this.unknown === 0) this.unknown = kind;
    return true;
  }

  #isWhole(at: number): boolean {
    const bytes = this.#bytes;
    const sum = crc32(bytes, this.#at, at - this.#at) ^ FINGERPRINT_MASK;
    return ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) === sum;
  }

  #begin(out: Uint8Array, place: number, type: number): void {
    putHalf(out, place, type);
    for (let n = 4; n < HEADER; n++) out[place + n] = this.#bytes[this.#at + n]!;
  }

  /** MESSAGE-INTEGRITY with our password, and FINGERPRINT. */
  #end(out: Uint8Array, place: number, at: number): number {
    const hmac = this.#hmac;
    if (hmac === null) throw new TypeError('only who has signed is answered');
    putHalf(out, place + 2, at + INTEGRITY - place - HEADER);
    hmac.sign(out, place, at - place);
    putHalf(out, at, MESSAGE_INTEGRITY);
    putHalf(out, at + 2, CODE);
    for (let n = 0; n < 5; n++) putWord(out, at + 4 + 4 * n, hmac.code[n]!);
    const print = at + INTEGRITY;
    putHalf(out, place + 2, print + 8 - place - HEADER);
    putHalf(out, print, FINGERPRINT);
    putHalf(out, print + 2, 4);
    putWord(out, print + 4, crc32(out, place, print - place) ^ FINGERPRINT_MASK);
    return print + 8 - place;
  }
}
