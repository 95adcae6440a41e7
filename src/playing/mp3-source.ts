import type { ByteStream } from './byte-stream.ts';
import { Mp3Decoder, type Mp3Piece } from './mp3-library.ts';
import { type SoundSource, unplayable } from './sound-source.ts';

/** So many bytes are decoded at once: 64 ms at 128 kbit/s, a quarter of a second at 32. */
const STEP = 1024;
/** Where in so many bytes there is no sound, there is none. */
const LONGEST_SILENCE = 262_144;

/** Reads MPEG audio, layers I to III, as it comes; the channels are mixed into one. */
export class Mp3Source implements SoundSource {
  rate = 0;
  readonly #bytes: ByteStream;
  readonly #decoder: Mp3Decoder;
  #ready: Mp3Piece[] = [];
  /** Bytes since the last sound. */
  #silent = 0;
  #isClosed = false;

  /** Reads up to the first sound. */
  static async open(bytes: ByteStream): Promise<Mp3Source> {
    await skipTag(bytes);
    const source = new Mp3Source(bytes, await Mp3Decoder.open());
    try {
      await source.#fill();
      if (source.#ready.length === 0) throw unplayable('the MP3 file has no sound');
    } catch (error) {
      source.close();
      throw error;
    }
    source.rate = source.#ready[0]!.rate;
    return source;
  }

  private constructor(bytes: ByteStream, decoder: Mp3Decoder) {
    this.#bytes = bytes;
    this.#decoder = decoder;
  }

  async next(): Promise<Int16Array | undefined> {
    await this.#fill();
    const piece = this.#ready.shift();
    if (piece === undefined) return undefined;
    this.rate = piece.rate;
    return piece.samples;
  }

  close(): void {
    this.#isClosed = true;
    this.#bytes.close();
    this.#decoder.close();
    this.#ready = [];
  }

  async #fill(): Promise<void> {
    while (this.#ready.length === 0 && !this.#isClosed) {
      await this.#bytes.has(STEP);
      if (this.#bytes.waiting === 0 || this.#isClosed) return;
      const step = this.#bytes.take(STEP);
      this.#ready = this.#decoder.decode(step).filter(({ rate, samples }) => rate > 0 && samples.length > 0);
      this.#silent = this.#ready.length > 0 ? 0 : this.#silent + step.length;
      if (this.#silent > LONGEST_SILENCE) throw unplayable('it is broken, or no MP3');
    }
  }
}

/** An ID3v2 tag (its pictures may be large) is no sound. */
async function skipTag(bytes: ByteStream): Promise<void> {
  while (await bytes.has(10)) {
    const head = bytes.peek(10);
    if (String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') return;
    const length = ((head[6]! & 127) << 21) | ((head[7]! & 127) << 14) | ((head[8]! & 127) << 7) | (head[9]! & 127);
    const footer = (head[5]! & 16) === 0 ? 0 : 10;
    if (!(await bytes.skip(10 + length + footer))) return;
  }
}
