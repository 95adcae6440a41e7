/** Coefficients that are followed; RFC 3389 §3.1 lets a decoder take the higher ones for nought. */
const ORDER = 16;
/** Steps of a reflection coefficient, RFC 3389 §3.3: k = 258 · (N − 127) / 32 768. */
const STEP = 258 / 32768;
/** RMS of `#random`: the sum of two even spreads of 16 bits. */
const RANDOM_RMS = 32768 * Math.sqrt(2 / 3);
/** Smoothing of the gain from sample to sample: nine tenths of a change within 10 ms at 8 kHz. */
const SMOOTHING = 1 / 35;
/** A gain that makes no sample other than nought. */
const INAUDIBLE = 1e-9;

/**
 * Noise in place of silence, as a sender described it in a comfort noise payload (RFC 3389; payload type 13): white noise of its level, shaped by its
 * all-pole model. The coefficients hold at the rate of the sender's codec, so sound it at that rate.
 */
export class ComfortNoise {
  /** Loudness of the noise, −dBov (0: RMS of a square wave at full scale, 127: none). */
  level = 127;
  readonly #seed: number;
  #state: number;
  readonly #reflections = new Float64Array(ORDER);
  readonly #delays = new Float64Array(ORDER + 1);
  #order = 0;
  /** What the random numbers are multiplied by, and what that is moving to. */
  #gain = 0;
  #wanted = 0;

  /** The same seed gives the same noise. */
  constructor({ seed = 1 }: { readonly seed?: number } = {}) {
    this.#seed = (seed | 0) === 0 ? 1 : seed | 0;
    this.#state = this.#seed;
  }

  /** Takes bytes[at, at + length) for the description from now on; false when it is none. */
  learn(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < 1) return false;
    this.level = bytes[at]! & 0x7f;
    this.#order = Math.min(ORDER, length - 1);
    // An all-pole filter makes noise louder by 1 / Π(1 − k²); that much less goes in.
    let power = 1;
    for (let index = 0; index < this.#order; index++) {
      // 255 is reserved and would not be stable.
      const reflection = STEP * (Math.min(254, bytes[at + 1 + index]!) - 127);
      this.#reflections[index] = reflection;
      power *= 1 - reflection * reflection;
    }
    const rms = this.level === 127 ? 0 : 32767 * 10 ** (-this.level / 20);
    this.#wanted = (rms * Math.sqrt(power)) / RANDOM_RMS;
    for (let index = this.#order; index <= ORDER; index++) this.#delays[index] = 0;
    return true;
  }

  /** The next `count` samples of noise. The first ones after a description fade over from what was. */
  fill(out: Int16Array, count: number): void {
    if (this.#wanted === 0 && this.#gain < INAUDIBLE) {
      // What fades for ever becomes numbers that processors are slow with.
      this.#gain = 0;
      this.#delays.fill(0);
      out.fill(0, 0, count);
      return;
    }
    for (let index = 0; index < count; index++) {
      this.#gain += (this.#wanted - this.#gain) * SMOOTHING;
      const sample = Math.round(this.#shape(this.#gain * this.#random()));
      out[index] = sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample;
    }
  }

  /** No noise until the next description. */
  reset(): void {
    this.level = 127;
    this.#order = 0;
    this.#gain = 0;
    this.#wanted = 0;
    this.#delays.fill(0);
    this.#state = this.#seed;
  }

  /** The lattice 1 / A(z), A from the reflection coefficients with a₁ = k₁ for one coefficient. */
  #shape(excitation: number): number {
    const delays = this.#delays;
    let forward = excitation;
    for (let stage = this.#order - 1; stage >= 0; stage--) {
      const reflection = this.#reflections[stage]!;
      const backward = delays[stage]!;
      forward -= reflection * backward;
      delays[stage + 1] = backward + reflection * forward;
    }
    delays[0] = forward;
    return forward;
  }

  /** −65 536 … 65 534, most often near nought: the two halves of a xorshift number, added. */
  #random(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >> 16) + ((state << 16) >> 16);
  }
}
