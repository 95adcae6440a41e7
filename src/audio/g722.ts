import type { SoundDecoder, SoundEncoder } from './codec.ts';
import { Band, type BandShape, saturate } from './g722-band.ts';

/** G.722 at 64 kbit/s: 16 kHz in two sub-bands, six bits of adaptive differences for the lower one and two for the higher one in each byte. */

const RATE = 16000;
/** The filters of both sides look 24 samples back; this many come from the frame before. */
const BACK = 22;
/** 120 ms. */
const LONGEST = 1920;

/** QM2: the inverse quantizer of the higher band. */
const QM2 = Int32Array.from([-7408, -1616, 7408, 1616]);

/** ILN: the codes of the decision intervals 1 … 30 of the lower band, negative ones (31 and 32 are 30); ILP, the positive ones, count down from 61. */
const ILN = Int32Array.from([
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 4, 4,
]);

const LOWER: BandShape = {
  levels: Int32Array.from([
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765,
    1980, 2195, 2557, 2919, 2919, 2919,
  ]),
  middle: 16,
  positive: ILN.map((_, interval) => Math.max(32, 62 - interval)),
  negative: ILN,
  fine: Int32Array.from([
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576,
    -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984,
    13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040,
    728, 432, 136, -432, -136,
  ]),
  hidden: 2,
  coarse: Int32Array.from([0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0]),
  steps: Int32Array.from([-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60]),
  limit: 18432,
  shift: 8,
};

const HIGHER: BandShape = {
  levels: Int32Array.from([0, 564]),
  middle: 1,
  positive: Int32Array.from([0, 3, 2]),
  negative: Int32Array.from([0, 1, 0]),
  fine: QM2,
  hidden: 0,
  coarse: QM2,
  steps: Int32Array.from([798, -214, 798, -214]),
  limit: 22528,
  shift: 10,
};

/** Samples and codes of both bands while a frame is worked on; no codec keeps anything here between two calls. */
const low = new Int32Array(LONGEST / 2);
const high = new Int32Array(LONGEST / 2);
const lowCodes = new Int32Array(LONGEST / 2);
const highCodes = new Int32Array(LONGEST / 2);

/** Half of the quadrature mirror filter, newest tap last: the samples at even places of the 24 from `at` on. */
function evenTaps(line: Int32Array, at: number): number {
  return (
    3 * line[at]! -
    11 * (line[at + 2]! + line[at + 22]!) +
    12 * line[at + 4]! +
    32 * line[at + 6]! -
    210 * line[at + 8]! +
    951 * line[at + 10]! +
    3876 * line[at + 12]! -
    805 * line[at + 14]! +
    362 * line[at + 16]! -
    156 * line[at + 18]! +
    53 * line[at + 20]!
  );
}

/** The other half: the mirrored taps over the odd places. */
function oddTaps(line: Int32Array, at: number): number {
  return (
    3 * line[at + 23]! -
    11 * (line[at + 21]! + line[at + 1]!) +
    12 * line[at + 19]! +
    32 * line[at + 17]! -
    210 * line[at + 15]! +
    951 * line[at + 13]! +
    3876 * line[at + 11]! -
    805 * line[at + 9]! +
    362 * line[at + 7]! -
    156 * line[at + 5]! +
    53 * line[at + 3]!
  );
}

/** Encodes 16 kHz to 64 kbit/s, ITU-T G.722 §3 and §5. */
export class G722Encoder implements SoundEncoder {
  readonly rate = RATE;
  readonly #lower = new Band(LOWER);
  readonly #higher = new Band(HIGHER);
  /** The last samples of the frame before, then this frame. */
  readonly #line = new Int32Array(BACK + LONGEST);

  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number {
    if (count > LONGEST) throw new RangeError(`${count} samples are more than 120 ms`);
    const line = this.#line;
    const pairs = count >> 1;
    for (let index = 0; index < 2 * pairs; index++) line[BACK + index] = samples[index]!;
    for (let index = 0; index < pairs; index++) {
      const even = evenTaps(line, 2 * index);
      const odd = oddTaps(line, 2 * index);
      low[index] = (odd + even) >> 14;
      high[index] = (odd - even) >> 14;
    }
    line.copyWithin(0, 2 * pairs, 2 * pairs + BACK);
    this.#lower.encode(low, lowCodes, pairs);
    this.#higher.encode(high, highCodes, pairs);
    for (let index = 0; index < pairs; index++) out[at + index] = lowCodes[index]! | (highCodes[index]! << 6);
    return pairs;
  }

  strive(): void {}

  follow(other: SoundEncoder): void {
    if (!(other instanceof G722Encoder)) throw new TypeError('G.722 can only follow G.722');
    this.#lower.copy(other.#lower);
    this.#higher.copy(other.#higher);
    for (let index = 0; index < BACK; index++) this.#line[index] = other.#line[index]!;
  }

  reset(): void {
    this.#lower.reset();
    this.#higher.reset();
    this.#line.fill(0, 0, BACK);
  }

  close(): void {}
}

/** Decodes 64 kbit/s to 16 kHz, ITU-T G.722 §4 and §6. */
export class G722Decoder implements SoundDecoder {
  readonly rate = RATE;
  readonly #lower = new Band(LOWER);
  readonly #higher = new Band(HIGHER);
  /** Sums and differences of the bands by turns: the last ones of the frame before, then this frame's. */
  readonly #line = new Int32Array(BACK + LONGEST);

  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number {
    const count = this.samples(bytes, at, length);
    if (count === 0 || count > out.length) return 0;
    for (let index = 0; index < length; index++) {
      const byte = bytes[at + index]!;
      lowCodes[index] = byte & 63;
      highCodes[index] = byte >> 6;
    }
    this.#lower.decode(lowCodes, low, length);
    this.#higher.decode(highCodes, high, length);
    const line = this.#line;
    for (let index = 0; index < length; index++) {
      line[BACK + 2 * index] = low[index]! + high[index]!;
      line[BACK + 2 * index + 1] = low[index]! - high[index]!;
    }
    for (let index = 0; index < count; index += 2) {
      out[index] = saturate(oddTaps(line, index) >> 11);
      out[index + 1] = saturate(evenTaps(line, index) >> 11);
    }
    line.copyWithin(0, count, count + BACK);
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
    return length > 0 && length * 2 <= LONGEST ? length * 2 : 0;
  }

  reset(): void {
    this.#lower.reset();
    this.#higher.reset();
    this.#line.fill(0, 0, BACK);
  }

  close(): void {}
}
