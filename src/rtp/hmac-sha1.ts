const BLOCK = 64;
const BEGIN = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

/** Sixteen words of a block, and what is made of them. Used within one call only, so all keys share it and it stays in the cache. */
const words = new Int32Array(80);

/** Mixes the first sixteen of `words` into the state, FIPS 180-4 §6.1.2. */
function compress(state: Int32Array): void {
  for (let i = 16; i < 80; i++) {
    const mixed = words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!;
    words[i] = (mixed << 1) | (mixed >>> 31);
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let next = 0;
  for (let i = 0; i < 20; i++) {
    next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + words[i]! + 0x5a827999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + words[i]! + 0x6ed9eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + words[i]! - 0x70e44324) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + words[i]! - 0x359d3e2a) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = (state[0]! + a) | 0;
  state[1] = (state[1]! + b) | 0;
  state[2] = (state[2]! + c) | 0;
  state[3] = (state[3]! + d) | 0;
  state[4] = (state[4]! + e) | 0;
}

/** One key of HMAC-SHA1 (RFC 2104) for many packets: the key's own blocks are mixed once, and nothing is allocated per packet. */
export class HmacSha1 {
  /** After `sign`: the five words of the code. */
  readonly code = new Int32Array(5);
  readonly #inner = BEGIN.slice();
  readonly #outer = BEGIN.slice();

  /** `key`: at most 64 bytes; those of SRTP have 20. */
  constructor(key: Uint8Array) {
    this.#begin(key, 0x36, this.#inner);
    this.#begin(key, 0x5c, this.#outer);
  }

  /** Positional, because it runs for every packet. */
  sign(bytes: Uint8Array, at: number, length: number): void {
    const { code } = this;
    code.set(this.#inner);
    const end = at + length;
    let next = at;
    for (; next + BLOCK <= end; next += BLOCK) {
      for (let i = 0, from = next; i < 16; i++, from += 4) {
        words[i] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
      }
      compress(code);
    }
    words.fill(0, 0, 16);
    const rest = end - next;
    for (let i = 0; i < rest; i++) words[i >> 2]! |= bytes[next + i]! << (24 - 8 * (i & 3));
    words[rest >> 2]! |= 0x80 << (24 - 8 * (rest & 3));
    // The length in bits takes the last two words; without room for them it goes into a block of its own.
    if (rest >= BLOCK - 8) {
      compress(code);
      words.fill(0, 0, 16);
    }
    words[15] = (BLOCK + length) * 8;
    compress(code);
    words.fill(0, 5, 16);
    words.set(code);
    words[5] = 0x80000000;
    words[15] = (BLOCK + 20) * 8;
    code.set(this.#outer);
    compress(code);
  }

  #begin(key: Uint8Array, pad: number, state: Int32Array): void {
    for (let i = 0; i < 16; i++) {
      words[i] = 0;
      for (let byte = 0; byte < 4; byte++) words[i] = (words[i]! << 8) | ((key[i * 4 + byte] ?? 0) ^ pad);
    }
    compress(state);
  }
}
