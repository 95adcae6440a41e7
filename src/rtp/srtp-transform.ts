import { Ghash } from './ghash.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import { Keystream, mask, type SessionKey } from './keystream.ts';

/** The keys of one direction for RTP or for RTCP. */
export interface SessionKeys extends SessionKey {
  /** For HMAC; empty with AEAD. */
  readonly authentication: Uint8Array;
}

export interface TransformOptions {
  readonly keys: SessionKeys;
  /** Bytes of the tag. */
  readonly tag: number;
  /** SRTCP: the index stands behind the packet (RFC 3711 §3.4). */
  readonly isControl: boolean;
}

/**
 * What one suite does to one packet. `at` is the packet, its first `header` bytes stay readable, `length` is without tag and SRTCP index; `ssrc` is a
 * signed integer. Positional, because it runs for every packet.
 */
export interface Transform {
  /** Encrypts and writes the tag (and the SRTCP index) behind. */
  seal(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): void;
  /** False: the tag is wrong. The packet is then as it was. */
  open(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): boolean;
}

/** The bit that says that an SRTCP packet is encrypted. */
const ENCRYPTED = 0x80000000;

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** AES in counter mode with HMAC-SHA1, RFC 3711 §4. */
export class CounterMode implements Transform {
  readonly #stream: Keystream;
  readonly #hmac: HmacSha1;
  readonly #tag: number;
  readonly #isControl: boolean;
  readonly #sent = new Uint8Array(4);

  constructor({ keys, tag, isControl }: TransformOptions) {
    this.#stream = new Keystream(keys, { isAead: false, ...(isControl ? { ahead: 1 } : {}) });
    this.#hmac = new HmacSha1(keys.authentication);
    this.#tag = tag;
    this.#isControl = isControl;
  }

  seal(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): void {
    this.#stream.seek(ssrc, index, length - header);
    mask(bytes, at + header, length - header, this.#stream, 0);
    this.#sign(bytes, at, length, index);
    const { code } = this.#hmac;
    const to = at + length + (this.#isControl ? 4 : 0);
    for (let i = 0; i < this.#tag; i++) bytes[to + i] = code[i >> 2]! >>> (24 - 8 * (i & 3));
  }

  open(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): boolean {
    const end = at + length;
    const sent = this.#sent;
    for (let i = 0; i < 4; i++) sent[i] = bytes[end + i]!;
    this.#sign(bytes, at, length, index);
    for (let i = 0; i < 4; i++) bytes[end + i] = sent[i]!;
    const { code } = this.#hmac;
    const from = end + (this.#isControl ? 4 : 0);
    let wrong = 0;
    // All bytes are compared whatever they are, so that the time tells nothing.
    for (let i = 0; i < this.#tag; i++) wrong |= bytes[from + i]! ^ ((code[i >> 2]! >>> (24 - 8 * (i & 3))) & 255);
    if (wrong !== 0) return false;
    this.#stream.seek(ssrc, index, length - header);
    mask(bytes, at + header, length - header, this.#stream, 0);
    return true;
  }

  /** The code is over the packet and a word behind it: the rollover counter, whose place the tag takes then, or the SRTCP index, which stays. */
  #sign(bytes: Uint8Array, at: number, length: number, index: number): void {
    putWord(bytes, at + length, this.#isControl ? index | ENCRYPTED : Math.floor(index / 0x10000));
    this.#hmac.sign(bytes, at, length + 4);
  }
}

/** AES-GCM, RFC 7714. */
export class Aead implements Transform {
  readonly #stream: Keystream;
  readonly #ghash: Ghash;
  readonly #isControl: boolean;
  readonly #tag = new Uint8Array(16);
  /** The header of an SRTCP packet and its index, RFC 7714 §9.2. */
  readonly #control = new Uint8Array(12);

  constructor({ keys, isControl }: TransformOptions) {
    this.#stream = new Keystream(keys, { isAead: true, ...(isControl ? { ahead: 1 } : {}) });
    this.#ghash = new Ghash(this.#stream.block(new Uint8Array(16)));
    this.#isControl = isControl;
  }

  seal(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): void {
    const end = at + length;
    this.#stream.seek(ssrc, index, length - header);
    mask(bytes, at + header, length - header, this.#stream, 16);
    this.#sign(bytes, at, header, length, index);
    for (let i = 0; i < 16; i++) bytes[end + i] = this.#tag[i]!;
    if (this.#isControl) putWord(bytes, end + 16, index | ENCRYPTED);
  }

  open(bytes: Uint8Array, at: number, header: number, length: number, ssrc: number, index: number): boolean {
    const end = at + length;
    this.#stream.seek(ssrc, index, length - header);
    this.#sign(bytes, at, header, length, index);
    let wrong = 0;
    for (let i = 0; i < 16; i++) wrong |= bytes[end + i]! ^ this.#tag[i]!;
    if (wrong !== 0) return false;
    mask(bytes, at + header, length - header, this.#stream, 16);
    return true;
  }

  #sign(bytes: Uint8Array, at: number, header: number, length: number, index: number): void {
    const ghash = this.#ghash;
    ghash.begin();
    if (this.#isControl) {
      const control = this.#control;
      for (let i = 0; i < 8; i++) control[i] = bytes[at + i]!;
      putWord(control, 8, index | ENCRYPTED);
      ghash.add(control, 0, 12);
    } else {
      ghash.add(bytes, at, header);
    }
    ghash.add(bytes, at + header, length - header);
    ghash.end(this.#isControl ? 12 : header, length - header);
    const { hash } = ghash;
    const { bytes: key, at: from } = this.#stream;
    for (let i = 0; i < 16; i++) this.#tag[i] = (hash[i >> 2]! >>> (24 - 8 * (i & 3))) ^ key[from + i]!;
  }
}
