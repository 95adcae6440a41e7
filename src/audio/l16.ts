import type { SoundDecoder, SoundEncoder } from './codec.ts';

/** Reads L16, RFC 3551 §4.5.11: 16 bits, most significant byte first, one channel. An odd byte at the end makes the payload invalid. */
export class L16Decoder implements SoundDecoder {
  readonly rate: number;

  constructor(rate: number) {
    this.rate = rate;
  }

  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number {
    const count = this.samples(bytes, at, length);
    if (count > out.length) return 0;
    for (let index = 0; index < count; index++) out[index] = (bytes[at + 2 * index]! << 8) | bytes[at + 2 * index + 1]!;
    return count;
  }

  conceal(): boolean {
    return false;
  }

  isPause(): boolean {
    return false;
  }

  recover(): number {
    return 0;
  }

  samples(_bytes: Uint8Array, _at: number, length: number): number {
    return length > 0 && (length & 1) === 0 ? length >> 1 : 0;
  }

  reset(): void {}
  close(): void {}
}

/** Writes L16. */
export class L16Encoder implements SoundEncoder {
  readonly rate: number;

  constructor(rate: number) {
    this.rate = rate;
  }

  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number {
    for (let index = 0; index < count; index++) {
      const sample = samples[index]!;
      out[at + 2 * index] = sample >> 8;
      out[at + 2 * index + 1] = sample;
    }
    return 2 * count;
  }

  strive(): void {}

  follow(): void {}
  reset(): void {}
  close(): void {}
}
