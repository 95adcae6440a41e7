import type { SoundDecoder, SoundEncoder } from './codec.ts';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';

/** G.711 knows no other rate. */
const RATE = 8000;

/** Reads PCMU or PCMA: one byte is one sample, and no frame depends on another. */
export class G711Decoder implements SoundDecoder {
  readonly rate = RATE;
  readonly #read: typeof decodeUlaw;

  constructor(law: 'PCMU' | 'PCMA') {
    this.#read = law === 'PCMU' ? decodeUlaw : decodeAlaw;
  }

  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number {
    if (length > out.length) return 0;
    this.#read(bytes, at, length, out);
    return length;
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
    return length;
  }

  reset(): void {}
  close(): void {}
}

/** Writes PCMU or PCMA. */
export class G711Encoder implements SoundEncoder {
  readonly rate = RATE;
  readonly #write: typeof encodeUlaw;

  constructor(law: 'PCMU' | 'PCMA') {
    this.#write = law === 'PCMU' ? encodeUlaw : encodeAlaw;
  }

  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number {
    this.#write(samples, count, out, at);
    return count;
  }

  strive(): void {}

  follow(): void {}
  reset(): void {}
  close(): void {}
}
