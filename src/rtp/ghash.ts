/** What the eight bits that fall out at the end of a shift put back in at the front: x^128 = x^7 + x^2 + x + 1, bits reversed. */
const REDUCE = Int32Array.from({ length: 256 }, (_, byte) => {
  let front = 0;
  let back = byte;
  for (let bit = 0; bit < 8; bit++) {
    const out = back & 1;
    back = back >>> 1;
    front = (front >>> 1) ^ (out * 0xe1000000);
  }
  return front;
});

/** Where the multiples by the first four bits of a byte begin; those by the last four are in front. */
const FIRST = 64;

/**
 * The universal hash of GCM (NIST SP 800-38D §6.4). Nothing is allocated per packet. A byte is taken by two tables of sixteen multiples of the hash
 * key: half a kilobyte per key, which a thousand calls do not push out of the cache, as they would the usual four (docs/decisions/0009).
 */
export class Ghash {
  /** The four words of the hash so far. */
  readonly hash = new Int32Array(4);
  /** Multiples of the hash key, four words each; the highest bit of a byte is the power zero, the lowest the power seven. */
  readonly #multiples = new Int32Array(2 * FIRST);

  /** `key`: what the cipher makes of sixteen zeros. */
  constructor(key: Uint8Array) {
    const table = this.#multiples;
    const view = new DataView(key.buffer, key.byteOffset, 16);
    for (let word = 0; word < 4; word++) table[FIRST + 8 * 4 + word] = view.getInt32(word * 4);
    for (let bit = 8; bit > 1; bit >>= 1) this.#shift(FIRST + bit * 4, FIRST + bit * 2);
    this.#shift(FIRST + 4, 8 * 4);
    for (let bit = 8; bit > 1; bit >>= 1) this.#shift(bit * 4, bit * 2);
    // The other multiples are sums of those of one bit.
    for (const half of [0, FIRST]) {
      for (let many = 3; many < 16; many++) {
        const one = many & -many;
        for (let word = 0; word < 4; word++) {
          table[half + many * 4 + word] = table[half + one * 4 + word]! ^ table[half + (many ^ one) * 4 + word]!;
        }
      }
    }
  }

  begin(): void {
    this.hash.fill(0);
  }

  /** Takes bytes in, filled up with zeros to whole blocks. Positional, because it runs for every packet. */
  add(bytes: Uint8Array, at: number, length: number): void {
    const { hash } = this;
    const end = at + length;
    let next = at;
    for (; next + 16 <= end; next += 16) {
      hash[0]! ^= (bytes[next]! << 24) | (bytes[next + 1]! << 16) | (bytes[next + 2]! << 8) | bytes[next + 3]!;
      hash[1]! ^= (bytes[next + 4]! << 24) | (bytes[next + 5]! << 16) | (bytes[next + 6]! << 8) | bytes[next + 7]!;
      hash[2]! ^= (bytes[next + 8]! << 24) | (bytes[next + 9]! << 16) | (bytes[next + 10]! << 8) | bytes[next + 11]!;
      hash[3]! ^= (bytes[next + 12]! << 24) | (bytes[next + 13]! << 16) | (bytes[next + 14]! << 8) | bytes[next + 15]!;
      this.#multiply();
    }
    if (next === end) return;
    for (let i = 0; next + i < end; i++) hash[i >> 2]! ^= bytes[next + i]! << (24 - 8 * (i & 3));
    this.#multiply();
  }

  /** Takes in how many bytes were only authenticated and how many were encrypted too; then `hash` is complete. */
  end(authenticated: number, encrypted: number): void {
    this.hash[1]! ^= authenticated * 8;
    this.hash[3]! ^= encrypted * 8;
    this.#multiply();
  }

  #multiply(): void {
    const { hash } = this;
    const table = this.#multiples;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let word = 3; word >= 0; word--) {
      let rest = hash[word]!;
      for (let byte = 0; byte < 4; byte++) {
        const last = (rest & 15) << 2;
        const first = FIRST + ((rest >>> 2) & 60);
        rest >>>= 8;
        const front = REDUCE[d & 255]!;
        d = ((c << 24) | (d >>> 8)) ^ table[last + 3]! ^ table[first + 3]!;
        c = ((b << 24) | (c >>> 8)) ^ table[last + 2]! ^ table[first + 2]!;
        b = ((a << 24) | (b >>> 8)) ^ table[last + 1]! ^ table[first + 1]!;
        a = (a >>> 8) ^ front ^ table[last]! ^ table[first]!;
      }
    }
    hash[0] = a;
    hash[1] = b;
    hash[2] = c;
    hash[3] = d;
  }

  /** The multiple at `from`, times x, to `to`. */
  #shift(from: number, to: number): void {
    const table = this.#multiples;
    const out = table[from + 3]! & 1;
    for (let word = 3; word > 0; word--) table[to + word] = (table[from + word]! >>> 1) | (table[from + word - 1]! << 31);
    table[to] = (table[from]! >>> 1) ^ (out * 0xe1000000);
  }
}
