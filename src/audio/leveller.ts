import { bend, CEILING } from './limiter.ts';

export interface LevellerOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
  /** How loud talkers are to be, dBFS of the effective value while they talk. Default -23. */
  readonly target?: number;
  /** It never makes louder than by so many dB. Default 20. */
  readonly most?: number;
  /** It never makes quieter than by so many dB. Default 12. */
  readonly least?: number;
}

/** How fast the gain changes, dB in a second. */
const UP = 6;
const DOWN = 12;
/** It begins to move when it is so many dB off, and stops when it is closer than this. */
const OFF = 2;
const CLOSE = 0.2;
/** Only frames less than so far below the loudest of the last seconds are speech: a power ratio, -15 dB. */
const BELOW_LOUDEST = 0.03;
/** Loudest and quietest are forgotten by 6 dB in a second. */
const FORGET = 6;
/** What varies less than this within a second is no speech, a power ratio: 6 dB. */
const LIVELY = 4;
/** So many ms of speech are the measure, and so many must have been heard before anything is changed. */
const MEASURE = 1500;
const FIRST = 500;
/** Part of a frame in which a sudden peak is turned down. */
const ATTACK = 1 / 8;

/**
 * Brings a talker to the loudness of the others: slowly, only while he talks, and only by what varies as speech does; in pauses it rests,
 * so that noise is not pumped up. Nothing is multiplied while the gain is 1.
 */
export class Leveller {
  /** What the last sample was multiplied by. */
  gain = 1;
  readonly #perMs: number;
  readonly #target: number;
  readonly #most: number;
  readonly #least: number;
  /** The same as `gain`, dB, and where it is to go. */
  #db = 0;
  #wished = 0;
  #moving = false;
  /** Mean power of speech, and how many ms of it were heard (at most MEASURE). */
  #power = 0;
  #heard = 0;
  #loudest = 0;
  #quietest = 0;
  #peak = 0;

  constructor({ rate = 8000, target = -23, most = 20, least = 12 }: LevellerOptions = {}) {
    this.#perMs = rate / 1000;
    this.#target = target + 20 * Math.log10(32_768);
    this.#most = most;
    this.#least = -least;
  }

  /** One frame, changed in place. `talking`: the leg's talk decision. */
  push(frame: Int16Array, count: number, talking: boolean): void {
    const before = this.gain;
    if (talking) {
      this.#listen(frame, count, count / this.#perMs);
      this.#steer(count / this.#perMs);
    } else if (before === 1) return;
    else this.#peak = peakOf(frame, count);
    if (before !== 1 || this.gain !== 1) this.#apply(frame, count, before);
  }

  /** Another sender: begins anew with gain 1. */
  reset(): void {
    this.gain = 1;
    this.#moving = false;
    this.#db = this.#wished = this.#power = this.#heard = this.#loudest = this.#quietest = this.#peak = 0;
  }

  /** Measures one frame of somebody who talks. Positional, because it runs for every frame. */
  #listen(frame: Int16Array, count: number, ms: number): void {
    let energy = 1;
    let peak = 0;
    for (let index = 0; index < count; index++) {
      const sample = frame[index]!;
      energy += sample * sample;
      if (sample > peak) peak = sample;
      else if (-sample > peak) peak = -sample;
    }
    this.#peak = peak;
    const power = energy / count;
    if (this.#loudest === 0) this.#loudest = this.#quietest = power;
    const forget = 10 ** ((-FORGET * ms) / 10_000);
    this.#loudest = Math.max(power, this.#loudest * forget);
    this.#quietest = Math.max(Math.min(power, this.#quietest / forget), this.#loudest / 1000);
    if (power < this.#loudest * BELOW_LOUDEST || this.#loudest < this.#quietest * LIVELY) return;
    this.#heard = Math.min(MEASURE, this.#heard + ms);
    this.#power += (power - this.#power) * (ms / this.#heard);
  }

  /** Moves the gain a little towards what is wished. */
  #steer(ms: number): void {
    if (this.#heard < FIRST) return;
    const off = this.#target - 10 * Math.log10(this.#power);
    const bounded = Math.max(this.#least, Math.min(this.#most, off));
    this.#wished = Math.abs(bounded) < OFF ? 0 : bounded;
    const way = this.#wished - this.#db;
    if (Math.abs(way) > OFF || (this.#wished === 0 && this.#db !== 0)) this.#moving = true;
    if (!this.#moving) return;
    if (Math.abs(way) < CLOSE) {
      this.#moving = false;
      if (this.#wished !== 0) return;
    }
    this.#db += Math.max((-DOWN * ms) / 1000, Math.min((UP * ms) / 1000, way));
    this.gain = this.#db === 0 ? 1 : 10 ** (this.#db / 20);
  }

  /** From the gain of the last frame to that of this one; quickly when a peak would not fit. */
  #apply(frame: Int16Array, count: number, before: number): void {
    let ramp = count;
    if (this.#peak * this.gain > CEILING && this.gain > 1) {
      this.gain = Math.max(1, CEILING / this.#peak);
      this.#db = 20 * Math.log10(this.gain);
      ramp = Math.max(1, Math.floor(count * ATTACK));
    }
    const gain = this.gain;
    const slope = (gain - before) / ramp;
    if (ramp === count && this.#peak * Math.max(before, gain) <= CEILING) {
      for (let index = 0; index < count; index++) frame[index] = Math.floor(frame[index]! * (before + slope * (index + 1)) + 0.5);
      return;
    }
    for (let index = 0; index < ramp; index++) frame[index] = Math.floor(bend(frame[index]! * (before + slope * (index + 1))) + 0.5);
    for (let index = ramp; index < count; index++) frame[index] = Math.floor(bend(frame[index]! * gain) + 0.5);
  }
}

function peakOf(frame: Int16Array, count: number): number {
  let peak = 0;
  for (let index = 0; index < count; index++) {
    const sample = frame[index]!;
    if (sample > peak) peak = sample;
    else if (-sample > peak) peak = -sample;
  }
  return peak;
}
