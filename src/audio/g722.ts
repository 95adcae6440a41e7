import type { SoundDecoder, SoundEncoder } from './codec.ts';
import { Band, HIGHER, LOWER, saturate } from './g722-band.ts';

/** G.722 at 64 kbit/s: 16 kHz in two sub-bands, six bits of adaptive differences for the lower one and two for the higher one in each byte. */

const RATE = 16000;
/** The filters of both sides look 24 samples back; this many come from the frame before. */
const BACK = 22;
/** 120 ms. */
const LONGEST = 1920;

/** The logarithmic steps WL by the upper four bits of the lower band's code, WH by the higher band's code. */
const LOWER_STEPS = Int32Array.from([-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60]);
const HIGHER_STEPS = Int32Array.from([798, -214, 798, -214]);

/** QM4, QM6 and QM2: the inverse quantizers with 4 and 6 bits below, 2 bits above. */
const QM4 = Int32Array.from([0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0]);
const QM6 = Int32Array.from([
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192, -6576, -6000,
  -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
  11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
  -432, -136,
]);
const QM2 = Int32Array.from([-7408, -1616, 7408, 1616]);

/** Q6: the decision levels of the lower band's quantizer. */
const Q6 = Int32Array.from([
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980,
  2195, 2557, 2919,
]);

/** ILN and ILP: the codes of the decision intervals 1 … 30, negative and positive. */
const NEGATIVE = Int32Array.from([
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
]);
const POSITIVE = Int32Array.from(NEGATIVE, (_, index) => (index === 0 ? 0 : 62 - index));

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
  #lower = new Band(LOWER);
  #higher = new Band(HIGHER);
  /** The last samples of the frame before, then this frame. */
  readonly #line = new Int32Array(BACK + LONGEST);

  encode(samples: Int16Array, count: number, out: Uint8Array, at: number): number {
    if (count > LONGEST) throw new RangeError(`${count} samples are more than 120 ms`);
    const line = this.#line;
    const even = count & ~1;
    for (let index = 0; index < even; index++) line[BACK + index] = samples[index]!;
    for (let index = 0; index < even; index += 2) {
      const first = evenTaps(line, index);
      const second = oddTaps(line, index);
      out[at + (index >> 1)] = this.#encodeLower((second + first) >> 14) | (this.#encodeHigher((second - first) >> 14) << 6);
    }
    line.copyWithin(0, even, even + BACK);
    return even >> 1;
  }

  follow(other: SoundEncoder): void {
    if (!(other instanceof G722Encoder)) throw new TypeError('G.722 can only follow G.722');
    this.#lower.copy(other.#lower);
    this.#higher.copy(other.#higher);
    for (let index = 0; index < BACK; index++) this.#line[index] = other.#line[index]!;
  }

  reset(): void {
    this.#lower = new Band(LOWER);
    this.#higher = new Band(HIGHER);
    this.#line.fill(0, 0, BACK);
  }

  close(): void {}

  /** QUANTL: the interval is found by halving, in five steps. */
  #encodeLower(x: number): number {
    const band = this.#lower;
    const { det } = band;
    const e = saturate(x - band.s);
    const sign = e >> 31;
    const size = e ^ sign;
    let interval = 1;
    for (let half = 16; half > 0; half >>= 1) {
      const next = interval + half - 1;
      if (next < 30 && size >= Math.imul(Q6[next]!, det) >> 12) interval += half;
    }
    const code = sign === 0 ? POSITIVE[interval]! : NEGATIVE[interval]!;
    const upper = code >> 2;
    band.advance(Math.imul(det, QM4[upper]!) >> 15, LOWER_STEPS[upper]!);
    return code;
  }

  /** QUANTH. */
  #encodeHigher(x: number): number {
    const band = this.#higher;
    const { det } = band;
    const e = saturate(x - band.s);
    const sign = e >> 31;
    const near = (e ^ sign) < Math.imul(564, det) >> 12 ? 1 : 0;
    const code = sign === 0 ? 2 + near : near;
    band.advance(Math.imul(det, QM2[code]!) >> 15, HIGHER_STEPS[code]!);
    return code;
  }
}

/** Decodes 64 kbit/s to 16 kHz, ITU-T G.722 §4 and §6. */
export class G722Decoder implements SoundDecoder {
  readonly rate = RATE;
  #lower = new Band(LOWER);
  #higher = new Band(HIGHER);
  readonly #line = new Int32Array(BACK + LONGEST);

  decode(bytes: Uint8Array, at: number, length: number, out: Int16Array): number {
    const count = this.samples(bytes, at, length);
    if (count > out.length) return 0;
    const line = this.#line;
    for (let index = 0; index < count; index += 2) {
      const byte = bytes[at + (index >> 1)]!;
      const low = this.#decodeLower(byte & 63);
      const high = this.#decodeHigher(byte >> 6);
      line[BACK + index] = low + high;
      line[BACK + index + 1] = low - high;
      out[index] = saturate(oddTaps(line, index) >> 11);
      out[index + 1] = saturate(evenTaps(line, index) >> 11);
    }
    line.copyWithin(0, count, count + BACK);
    return count;
  }

  conceal(): boolean {
    return false;
  }

  recover(): number {
    return 0;
  }

  samples(_bytes: Uint8Array, _at: number, length: number): number {
    return length > 0 && length * 2 <= LONGEST ? length * 2 : 0;
  }

  reset(): void {
    this.#lower = new Band(LOWER);
    this.#higher = new Band(HIGHER);
    this.#line.fill(0, 0, BACK);
  }

  close(): void {}

  #decodeLower(code: number): number {
    const band = this.#lower;
    const { s, det } = band;
    band.advance(Math.imul(det, QM4[code >> 2]!) >> 15, LOWER_STEPS[code >> 2]!);
    return limited(s + (Math.imul(det, QM6[code]!) >> 15));
  }

  #decodeHigher(code: number): number {
    const band = this.#higher;
    const d = Math.imul(band.det, QM2[code]!) >> 15;
    const r = limited(band.s + d);
    band.advance(d, HIGHER_STEPS[code]!);
    return r;
  }
}

/** LIMIT: 15 bits. */
function limited(value: number): number {
  return value > 16383 ? 16383 : value < -16384 ? -16384 : value;
}
