/** One of the two sub-bands of G.722: its adaptive quantizer and its adaptive predictor. Names are those of the Recommendation. */

const LOWEST = -32768;
const HIGHEST = 32767;
/** Places of the state: those of `Band.#run`, up to whole eights. */
const STATE = 24;

/** ILB: the antilogarithm of the scale factor's last 11 bits. */
const ILB = Int32Array.from([
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298,
  3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
]);

/** What the two bands differ in. */
export interface BandShape {
  /** The quantizer's decision levels (Q6; one for the higher band), from the second place on; the last one again until they are 2 · middle − 1. */
  readonly levels: Int32Array;
  /** Where the search begins. */
  readonly middle: number;
  /** Codes by interval between levels, from the second place on: for positive and for negative differences (ILP, ILN; IHP, IHN). */
  readonly positive: Int32Array;
  readonly negative: Int32Array;
  /** The inverse quantizer of what is heard, by the code (QM6; QM2). */
  readonly fine: Int32Array;
  /** How many lower bits of the code the predictor does not see: 2 below, 0 above. */
  readonly hidden: number;
  /** The inverse quantizer of the predictor (QM4; QM2), and the steps of the scale's logarithm (WL; WH), by what it sees. */
  readonly coarse: Int32Array;
  readonly steps: Int32Array;
  /** The largest logarithm of the scale factor. */
  readonly limit: number;
  /** How far SCALEL or SCALEH shifts. */
  readonly shift: number;
}

function clamp(value: number, least: number, most: number): number {
  return value > most ? most : value < least ? least : value;
}

/** 16 bits, as the fixed-point arithmetic of the Recommendation has them. */
export function saturate(value: number): number {
  return clamp(value, LOWEST, HIGHEST);
}

/** `step` with the sign plus when the two have the same sign, else minus. */
function signed(step: number, one: number, other: number): number {
  const mask = (one ^ other) >> 31;
  return (step ^ mask) - mask;
}

/** SCALEL and SCALEH: the scale factor from its logarithm. */
function antilog(nb: number, shift: number): number {
  const down = shift - (nb >> 11);
  const value = ILB[(nb >> 6) & 31]!;
  return (down < 0 ? value << -down : value >> down) << 2;
}

/** Eight numbers of the state at once. Positional, because it runs per frame and may not allocate. */
function keep(state: Int32Array, at: number, a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): void {
  state[at] = a;
  state[at + 1] = b;
  state[at + 2] = c;
  state[at + 3] = d;
  state[at + 4] = e;
  state[at + 5] = f;
  state[at + 6] = g;
  state[at + 7] = h;
}

/** The same steps run in the encoder and in the decoder, so the two agree for ever. */
export class Band {
  readonly #shape: BandShape;
  readonly #state = new Int32Array(STATE);

  constructor(shape: BandShape) {
    this.#shape = shape;
  }

  /** The next `count` samples of this band, 15 bits, into codes. */
  encode(samples: Int32Array, codes: Int32Array, count: number): void {
    this.#run(samples, codes, count, true);
  }

  /** The next `count` codes into samples. */
  decode(codes: Int32Array, samples: Int32Array, count: number): void {
    this.#run(codes, samples, count, false);
  }

  /** The state of another band of the same shape. */
  copy(from: Band): void {
    this.#state.set(from.#state);
  }

  reset(): void {
    this.#state.fill(0);
  }

  /** QUANTL and QUANTH: the code of a difference. The interval is found by halving, without a branch that the processor could guess wrong. */
  #quantize(difference: number, det: number): number {
    const { levels, middle, positive, negative } = this.#shape;
    const sign = difference >> 31;
    const size = difference ^ sign;
    let interval = 1;
    for (let half = middle; half > 0; half >>= 1) {
      const below = (size - (Math.imul(levels[interval + half - 1]!, det) >> 12)) >> 31;
      interval += half & ~below;
    }
    return sign === 0 ? positive[interval]! : negative[interval]!;
  }

  /**
   * All blocks of the Recommendation for one frame. One long function with its state in local variables: that takes half as long as short ones over
   * fields. Positional, as it runs per frame. The quantizers' largest difference is 12 404, so what is made of `d` needs no saturation.
   */
  #run(from: Int32Array, to: Int32Array, count: number, encodes: boolean): void {
    const { fine, coarse, hidden, steps, limit, shift } = this.#shape;
    const state = this.#state;
    let s = state[0]!; // the signal estimate (SL, SH)
    let nb = state[1]!; // the logarithm of the scale factor
    let sz = state[2]!; // the part of the estimate that comes from the zeros
    let a1 = state[3]!; // the two poles
    let a2 = state[4]!;
    let r1 = state[5]!; // the reconstructed signal before, doubled
    let p1 = state[6]!; // the partly reconstructed signal before, and the one before that
    let p2 = state[7]!;
    let b1 = state[8]!; // the six zeros
    let b2 = state[9]!;
    let b3 = state[10]!;
    let b4 = state[11]!;
    let b5 = state[12]!;
    let b6 = state[13]!;
    let d1 = state[14]!; // the six differences before, doubled
    let d2 = state[15]!;
    let d3 = state[16]!;
    let d4 = state[17]!;
    let d5 = state[18]!;
    let d6 = state[19]!;
    let det = antilog(nb, shift);
    for (let index = 0; index < count; index++) {
      const code = encodes ? this.#quantize(saturate(from[index]! - s), det) : from[index]!;
      to[index] = encodes ? code : clamp(s + (Math.imul(det, fine[code]!) >> 15), -16384, 16383);
      const seen = code >> hidden;
      const d = Math.imul(det, coarse[seen]!) >> 15;
      nb = clamp((Math.imul(nb, 127) >> 7) + steps[seen]!, 0, limit);
      det = antilog(nb, shift);
      const p = sz + d;
      const turn = Math.min(HIGHEST, -signed(saturate(a1 << 2), p, p1));
      a2 = clamp(signed(128, p, p2) + (turn >> 7) + (Math.imul(a2, 32512) >> 15), -12288, 12288);
      a1 = clamp(signed(192, p, p1) + (Math.imul(a1, 32640) >> 15), a2 - 15360, 15360 - a2);
      p2 = p1;
      p1 = p;
      const step = d === 0 ? 0 : 128;
      b1 = (Math.imul(b1, 32640) >> 15) + signed(step, d, d1);
      b2 = (Math.imul(b2, 32640) >> 15) + signed(step, d, d2);
      b3 = (Math.imul(b3, 32640) >> 15) + signed(step, d, d3);
      b4 = (Math.imul(b4, 32640) >> 15) + signed(step, d, d4);
      b5 = (Math.imul(b5, 32640) >> 15) + signed(step, d, d5);
      b6 = (Math.imul(b6, 32640) >> 15) + signed(step, d, d6);
      d6 = d5;
      d5 = d4;
      d4 = d3;
      d3 = d2;
      d2 = d1;
      d1 = d << 1;
      const older = (Math.imul(b6, d6) >> 15) + (Math.imul(b5, d5) >> 15) + (Math.imul(b4, d4) >> 15);
      sz = saturate(older + (Math.imul(b3, d3) >> 15) + (Math.imul(b2, d2) >> 15) + (Math.imul(b1, d1) >> 15));
      const r = saturate(saturate(s + d) << 1);
      s = saturate(saturate((Math.imul(a1, r) >> 15) + (Math.imul(a2, r1) >> 15)) + sz);
      r1 = r;
    }
    keep(state, 0, s, nb, sz, a1, a2, r1, p1, p2);
    keep(state, 8, b1, b2, b3, b4, b5, b6, d1, d2);
    keep(state, 16, d3, d4, d5, d6, 0, 0, 0, 0);
  }
}
