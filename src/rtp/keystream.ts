import { type Cipheriv, createCipheriv } from 'node:crypto';

const BLOCK = 16;
/** A call into the cipher costs far more than its blocks, so one call makes the keystream of so many packets (docs/decisions/0009). */
const AHEAD = 8;
/** But not of more than so many blocks, which is eight packets of 1 kB. */
const BLOCKS_AHEAD = 512;
/** The blocks of the longest UDP packet, and the one of a tag. */
const MOST = 4097;
/** The counter blocks that go into the cipher. Used within one call only, so all keystreams share it. */
const counters = new Uint8Array(MOST * BLOCK);
const counterView = new DataView(counters.buffer);
const empty = new Uint8Array(0);

/** A session key and a session salt, RFC 3711 §4.3. */
export interface SessionKey {
  readonly key: Uint8Array;
  /** 14 bytes, or 12 for AEAD. */
  readonly salt: Uint8Array;
}

/**
 * The keystream of AES in counter mode: RFC 3711 §4.1.1, or for AEAD RFC 7714 §8.1 and §9.1. The index of an SRTCP packet is taken like that
 * of an RTP packet (its upper bits where the rollover counter stands): both RFCs put them at the same place.
 */
export class Keystream {
  /** After `seek`: where the keystream of the packet begins. With AEAD its first block is the mask of the tag. */
  bytes: Uint8Array = empty;
  at = 0;
  readonly #cipher: Cipheriv;
  readonly #isAead: boolean;
  readonly #salt = new Int32Array(4);
  readonly #ahead: number;
  #ssrc = 0;
  #first = 0;
  #packets = 0;
  #blocks = 0;
  #most = 0;

  /** `ahead`: how many packets' keystreams are made at once. */
  constructor({ key, salt }: SessionKey, { isAead, ahead = AHEAD }: { readonly isAead: boolean; readonly ahead?: number }) {
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
    this.#isAead = isAead;
    this.#ahead = ahead;
    const padded = new Uint8Array(BLOCK);
    padded.set(salt);
    const view = new DataView(padded.buffer);
    for (let word = 0; word < 4; word++) this.#salt[word] = view.getInt32(word * 4);
  }

  /** What the cipher makes of one block. */
  block(bytes: Uint8Array): Uint8Array {
    return this.#cipher.update(bytes);
  }

  /** Makes the keystream of `length` bytes of this packet ready. Positional, because it runs for every packet. */
  seek(ssrc: number, index: number, length: number): void {
    const blocks = ((length + BLOCK - 1) >> 4) + (this.#isAead ? 1 : 0);
    if (blocks > this.#most) this.#most = blocks;
    const place = index - this.#first;
    if (ssrc === this.#ssrc && place >= 0 && place < this.#packets && blocks <= this.#blocks) {
      this.at = place * this.#blocks * BLOCK;
      return;
    }
    this.#make(ssrc, index);
    // What was longest since the last time is expected of the next packets too.
    this.#most = blocks;
    this.at = 0;
  }

  #make(ssrc: number, index: number): void {
    const blocks = this.#most;
    const packets = Math.max(1, Math.min(this.#ahead, Math.floor(BLOCKS_AHEAD / blocks)));
    for (let packet = 0; packet < packets; packet++) this.#write(packet * blocks * BLOCK, ssrc, index + packet);
    this.#ssrc = ssrc;
    this.#first = index;
    this.#packets = packets;
    this.#blocks = blocks;
    this.bytes = this.#cipher.update(counters.subarray(0, packets * blocks * BLOCK));
  }

  #write(at: number, ssrc: number, index: number): void {
    const salt = this.#salt;
    const high = Math.floor(index / 0x10000);
    const low = index & 0xffff;
    const isAead = this.#isAead;
    const a = isAead ? salt[0]! ^ (ssrc >>> 16) : salt[0]!;
    const b = isAead ? salt[1]! ^ ((ssrc << 16) | (high >>> 16)) : salt[1]! ^ ssrc;
    const c = isAead ? salt[2]! ^ ((high << 16) | low) : salt[2]! ^ high;
    const d = isAead ? 1 : salt[3]! ^ (low << 16);
    const end = at + this.#most * BLOCK;
    for (let to = at, counter = d; to < end; to += BLOCK, counter++) {
      counterView.setInt32(to, a);
      counterView.setInt32(to + 4, b);
      counterView.setInt32(to + 8, c);
      counterView.setInt32(to + 12, counter);
    }
  }
}

/** Bytes and keystream become one another: XOR in place. */
export function mask(bytes: Uint8Array, at: number, length: number, stream: Keystream, from: number): void {
  const key = stream.bytes;
  for (let i = 0, k = stream.at + from; i < length; i++, k++) bytes[at + i]! ^= key[k]!;
}
