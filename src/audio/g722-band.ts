/** One of the two sub-bands of G.722: its adaptive quantizer's scale and its adaptive predictor. Names are those of the Recommendation. */

const LOWEST = -32768;
const HIGHEST = 32767;

/** ILB of table 15: the antilogarithm of the scale factor. */
const ILB = Int32Array.from([
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298,
  3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
]);

/** 16 bits, as the fixed-point arithmetic of the Recommendation has them. */
export function saturate(value: number): number {
  return value > HIGHEST ? HIGHEST : value < LOWEST ? LOWEST : value;
}

/** `step` with the sign plus when the two have the same sign, else minus. */
function signed(step: number, one: number, other: number): number {
  const mask = (one ^ other) >> 31;
  return (step ^ mask) - mask;
}

export interface BandShape {
  /** DETL or DETH after a reset: 32 below, 8 above. */
  readonly det: number;
  /** The largest logarithmic scale factor: 18 432 below, 22 528 above. */
  readonly limit: number;
  /** How far SCALEL or SCALEH shifts: 8 below, 10 above. */
  readonly shift: number;
}

export const LOWER: BandShape = { det: 32, limit: 18432, shift: 8 };
export const HIGHER: BandShape = { det: 8, limit: 22528, shift: 10 };

/** The state of a sub-band. The same steps run in the encoder and in the decoder, so the two agree for ever. */
export class Band {
  /** The signal estimate (SL, SH). */
  s = 0;
  /** The quantizer's scale factor (DETL, DETH). */
  det: number;
  readonly #shape: BandShape;
  /** The logarithm of the scale factor (NBL, NBH). */
  #nb = 0;
  /** The part of the estimate that comes from the zeros. */
  #sz = 0;
  /** Poles, and what they work on: reconstructed signal, doubled and saturated; partial reconstruction, of which the sign alone counts. */
  #a1 = 0;
  #a2 = 0;
  #r1 = 0;
  #p1 = 0;
  #p2 = 0;
  /** Zeros, and the last six differences, doubled: the quantizer's largest is 12 404, so doubling never saturates. */
  #b1 = 0;
  #b2 = 0;
  #b3 = 0;
  #b4 = 0;
  #b5 = 0;
  #b6 = 0;
  #d1 = 0;
  #d2 = 0;
  #d3 = 0;
  #d4 = 0;
  #d5 = 0;
  #d6 = 0;

  constructor(shape: BandShape) {
    this.#shape = shape;
    this.det = shape.det;
  }

  /** Blocks 3 and 4: one difference `d` more; `step` is what the code does to the scale's logarithm. */
  advance(d: number, step: number): void {
    this.#scale(step);
    const r = saturate(this.s + d);
    this.#poles(this.#sz + d);
    this.#zeros(d);
    const doubled = saturate(r << 1);
    const sp = saturate((Math.imul(this.#a1, doubled) >> 15) + (Math.imul(this.#a2, this.#r1) >> 15));
    this.#r1 = doubled;
    this.s = saturate(sp + this.#sz);
  }

  /** The state of another band of the same shape. */
  copy(from: Band): void {
    this.s = from.s;
    this.det = from.det;
    this.#nb = from.#nb;
    this.#sz = from.#sz;
    this.#a1 = from.#a1;
    this.#a2 = from.#a2;
    this.#r1 = from.#r1;
    this.#p1 = from.#p1;
    this.#p2 = from.#p2;
    this.#b1 = from.#b1;
    this.#b2 = from.#b2;
    this.#b3 = from.#b3;
    this.#b4 = from.#b4;
    this.#b5 = from.#b5;
    this.#b6 = from.#b6;
    this.#d1 = from.#d1;
    this.#d2 = from.#d2;
    this.#d3 = from.#d3;
    this.#d4 = from.#d4;
    this.#d5 = from.#d5;
    this.#d6 = from.#d6;
  }

  /** LOGSCL and SCALEL, or LOGSCH and SCALEH. */
  #scale(step: number): void {
    const { limit, shift } = this.#shape;
    const nb = (Math.imul(this.#nb, 127) >> 7) + step;
    this.#nb = nb < 0 ? 0 : nb > limit ? limit : nb;
    const down = shift - (this.#nb >> 11);
    const value = ILB[(this.#nb >> 6) & 31]!;
    this.det = (down < 0 ? value << -down : value >> down) << 2;
  }

  /** UPPOL2 and UPPOL1: the two poles are moved and kept stable. `p` is the partly reconstructed signal. */
  #poles(p: number): void {
    const slope = saturate(this.#a1 << 2);
    let turned = -signed(slope, p, this.#p1);
    if (turned > HIGHEST) turned = HIGHEST;
    let a2 = signed(128, p, this.#p2) + (turned >> 7) + (Math.imul(this.#a2, 32512) >> 15);
    a2 = a2 > 12288 ? 12288 : a2 < -12288 ? -12288 : a2;
    let a1 = signed(192, p, this.#p1) + (Math.imul(this.#a1, 32640) >> 15);
    const bound = 15360 - a2;
    a1 = a1 > bound ? bound : a1 < -bound ? -bound : a1;
    this.#a2 = a2;
    this.#a1 = a1;
    this.#p2 = this.#p1;
    this.#p1 = p;
  }

  /** UPZERO, DELAYA and FILTEZ: the six zeros are moved and the sum over the last six differences is taken. */
  #zeros(d: number): void {
    const step = d === 0 ? 0 : 128;
    const b1 = (Math.imul(this.#b1, 32640) >> 15) + signed(step, d, this.#d1);
    const b2 = (Math.imul(this.#b2, 32640) >> 15) + signed(step, d, this.#d2);
    const b3 = (Math.imul(this.#b3, 32640) >> 15) + signed(step, d, this.#d3);
    const b4 = (Math.imul(this.#b4, 32640) >> 15) + signed(step, d, this.#d4);
    const b5 = (Math.imul(this.#b5, 32640) >> 15) + signed(step, d, this.#d5);
    const b6 = (Math.imul(this.#b6, 32640) >> 15) + signed(step, d, this.#d6);
    this.#b1 = b1;
    this.#b2 = b2;
    this.#b3 = b3;
    this.#b4 = b4;
    this.#b5 = b5;
    this.#b6 = b6;
    const d1 = d << 1;
    const older = (Math.imul(b6, this.#d5) >> 15) + (Math.imul(b5, this.#d4) >> 15) + (Math.imul(b4, this.#d3) >> 15);
    const newer = (Math.imul(b3, this.#d2) >> 15) + (Math.imul(b2, this.#d1) >> 15) + (Math.imul(b1, d1) >> 15);
    this.#d6 = this.#d5;
    this.#d5 = this.#d4;
    this.#d4 = this.#d3;
    this.#d3 = this.#d2;
    this.#d2 = this.#d1;
    this.#d1 = d1;
    this.#sz = saturate(older + newer);
  }
}
