export interface LimiterOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** Peaks above this are too loud: 1 dB below full scale. */
export const CEILING = 29_204;
const HEADROOM = 32_767 - CEILING;
/** The gain changes in steps of 2.5 ms, linearly in between. */
const STEPS_PER_SECOND = 400;
/** Time constant of the return to 1, ms. */
const RELEASE_MS = 150;
const RELEASE = 1000 / STEPS_PER_SECOND / RELEASE_MS;
/** Before that it stays for 25 ms, so that it does not follow the single pulses of a voice, steps. */
const HOLD = 10;
/** From here on nobody hears that it is not 1 (a step of -66 dB). */
const NEARLY_ONE = 0.9995;
/** Steps that are planned at once: 120 ms. */
const AHEAD = 48;
/** What each step may be multiplied by; one row for all limiters of a thread. */
const bearable = new Float64Array(AHEAD + 1);

/** Bends what is above the ceiling so that it never reaches the end of the scale: slope 1 at the ceiling, no corner. */
export function bend(sample: number): number {
  const over = Math.abs(sample) - CEILING;
  if (over <= 0) return sample;
  const bent = CEILING + (HEADROOM * over) / (HEADROOM + over);
  return sample < 0 ? -bent : bent;
}

/**
 * Fits a sum of voices into 16 bit: turns all of it down before a peak within the frame, and slowly up again.
 * The first 2.5 ms of a frame, for which it is too late to turn down gently, are bent instead. What is below the ceiling passes bit by bit.
 */
export class Limiter {
  /** What the last sample was multiplied by; 1: nothing was too loud. */
  gain = 1;
  readonly #step: number;
  #hold = 0;

  constructor({ rate = 8000 }: LimiterOptions = {}) {
    this.#step = Math.max(1, Math.round(rate / STEPS_PER_SECOND));
  }

  /** Goes on where another one stands. */
  follow(other: Limiter): void {
    this.gain = other.gain;
    this.#hold = other.#hold;
  }

  /** `count` samples of a sum into 16 bit. */
  process(sum: Int32Array, count: number, out: Int16Array): void {
    if (this.gain === 1 && passes(sum, count, out)) return;
    for (let at = 0; at < count; at += AHEAD * this.#step) this.#limit(sum, at, Math.min(count, at + AHEAD * this.#step), out);
  }

  /** Positional, because it runs for every frame. */
  #limit(sum: Int32Array, from: number, to: number, out: Int16Array): void {
    const step = this.#step;
    const steps = Math.ceil((to - from) / step);
    for (let index = 0; index < steps; index++) {
      const at = from + index * step;
      bearable[index] = CEILING / Math.max(CEILING, peak(sum, at, Math.min(to, at + step)));
    }
    bearable[steps] = 1;
    for (let index = 0; index < steps; index++) {
      const at = from + index * step;
      const most = Math.min(bearable[index]!, bearable[index + 1]!);
      const wished = most <= this.gain ? most : Math.min(most, this.#risen());
      if (most <= this.gain) this.#hold = HOLD;
      glide(sum, at, Math.min(to, at + step), out, this.gain, wished);
      this.gain = wished;
    }
  }

  #risen(): number {
    if (this.#hold > 0) {
      this.#hold--;
      return this.gain;
    }
    const risen = this.gain + (1 - this.gain) * RELEASE;
    return risen > NEARLY_ONE ? 1 : risen;
  }
}

/** Copies; false at the first sample that is too loud. */
function passes(sum: Int32Array, count: number, out: Int16Array): boolean {
  for (let index = 0; index < count; index++) {
    const sample = sum[index]!;
    if (sample > CEILING || sample < -CEILING) return false;
    out[index] = sample;
  }
  return true;
}

function peak(sum: Int32Array, from: number, to: number): number {
  let most = 0;
  for (let index = from; index < to; index++) most = Math.max(most, Math.abs(sum[index]!));
  return most;
}

/** One step, from one gain to the next. Positional, because it runs for every frame. */
function glide(sum: Int32Array, from: number, to: number, out: Int16Array, first: number, last: number): void {
  const slope = (last - first) / (to - from);
  let gain = first;
  for (let index = from; index < to; index++) {
    gain += slope;
    out[index] = Math.floor(bend(sum[index]! * gain) + 0.5);
  }
}
