import type { ByteStream } from './byte-stream.ts';
import { type SoundSource, unplayable } from './sound-source.ts';
import { readWavFormat, type WavFormat } from './wav-format.ts';

/** Chunks other than sound are short; what says otherwise is garbage or not for us. */
const LONGEST_FORMAT = 4096;
/** Written by those who did not know yet how long it would be. */
const UNKNOWN: ReadonlySet<number> = new Set([0, 0xffff_ffff, 0x7fff_ffff, 0x7fff_f000]);
const PIECES_PER_SECOND = 10;

const tagOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 4));
const lengthOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true);

/** Reads RIFF/WAVE (and RF64) as it comes; the channels are mixed into one. Unknown chunks are skipped. */
export class WavSource implements SoundSource {
  readonly rate: number;
  readonly #bytes: ByteStream;
  readonly #format: WavFormat;
  /** Bytes of sound that are still to come; Infinity: to the end. */
  #left: number;

  /** Reads up to the first sample. */
  static async open(bytes: ByteStream): Promise<WavSource> {
    if (!(await bytes.has(12))) throw unplayable('the WAV file ends in its header');
    bytes.take(12);
    const { length, format } = await dataOf(bytes);
    return new WavSource(bytes, format, UNKNOWN.has(length) ? Number.POSITIVE_INFINITY : length);
  }

  private constructor(bytes: ByteStream, format: WavFormat, length: number) {
    this.rate = format.rate;
    this.#bytes = bytes;
    this.#format = format;
    this.#left = length;
  }

  async next(): Promise<Int16Array | undefined> {
    const { channels, width, rate } = this.#format;
    const frame = channels * width;
    const wanted = Math.min(this.#left, Math.ceil(rate / PIECES_PER_SECOND) * frame);
    if (wanted < frame) return undefined;
    const isWhole = await this.#bytes.has(wanted);
    const count = Math.floor(Math.min(wanted, this.#bytes.waiting) / frame);
    if (count === 0 && this.#left !== Number.POSITIVE_INFINITY) throw unplayable('the WAV file is cut off');
    if (count === 0) return undefined;
    this.#left = isWhole || this.#left !== Number.POSITIVE_INFINITY ? this.#left - count * frame : 0;
    return this.#read(this.#bytes.take(count * frame), count);
  }

  close(): void {
    this.#bytes.close();
  }

  #read(bytes: Uint8Array, count: number): Int16Array {
    const { channels, width, read } = this.#format;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const out = new Int16Array(count);
    for (let index = 0, at = 0; index < count; index++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++, at += width) sum += read(view, at);
      out[index] = Math.max(-32_768, Math.min(32_767, Math.round(sum / channels)));
    }
    return out;
  }
}

async function formatOf(bytes: ByteStream, length: number): Promise<WavFormat> {
  if (length > LONGEST_FORMAT || !(await bytes.has(length))) throw unplayable('the WAV file ends in its header');
  const format = readWavFormat(bytes.take(length));
  if (typeof format === 'string') throw unplayable(format);
  return format;
}

/** Goes to the chunk with the sound. */
async function dataOf(bytes: ByteStream): Promise<{ length: number; format: WavFormat }> {
  let format: WavFormat | undefined;
  while (await bytes.has(8)) {
    const head = bytes.take(8);
    const [tag, length] = [tagOf(head), lengthOf(head)];
    if (tag === 'data') {
      if (format === undefined) throw unplayable('the WAV file does not say its format');
      return { length, format };
    }
    if (tag === 'fmt ') format = await formatOf(bytes, length);
    else await bytes.skip(length);
    // Chunks begin at even places.
    await bytes.skip(length & 1);
  }
  throw unplayable('the WAV file has no sound');
}
