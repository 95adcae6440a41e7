import { findPitch, type Pitch } from './pitch.ts';

export interface ConcealerOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** As long as this nothing fades, ms; after that the voice fades by this share per ms. */
const FULL = 20;
const FADE_PER_MS = 0.025;
/** How many ms of the last sound are compared with what came one period before: short, because a voice moves. */
const COMPARED = 10;
/** Shortest and longest period, ms: voices from 63 to 400 Hz. */
const SHORTEST = 2.5;
const LONGEST = 15.75;
/** A voice's period changes by at most this share from one to the next; more than that is a mistake. */
const DRIFT = 0.06;
/** Only periods that are so alike tell how the pitch moves. */
const ALIKE = 0.7;
/** The pitch goes on moving for so long, ms; then it stays. */
const MOVING = 20;

/**
 * Hides lost sound by going on with the last pitch period (G.711 Appendix I does, but this has no delay). Periods are fractions of samples, grow
 * or shrink as those before did, and lose as much with each as the last two were unlike each other: a vowel goes on, a hiss dies away.
 * After 20 ms it fades by a quarter every 10 ms, so nothing is left after 60 ms. The first frame that comes again is blended in.
 */
export class Concealer {
  readonly #perMs: number;
  /** The last 60 ms that were played, concealed sound too, round and round. */
  readonly #history: Int16Array;
  #written = 0;
  /** The history as it was when the gap began; one sample of nothing follows. */
  readonly #source: Int16Array;
  readonly #end: number;
  readonly #blend: Int16Array;
  readonly #search: { from: number; to: number; length: number; step: number };
  readonly #last: Pitch = { period: 1, likeness: 0 };
  readonly #earlier: Pitch = { period: 1, likeness: 0 };
  /** Length of the period that is sounding now, samples, and by which factor the next one is longer. */
  #period = 1;
  #growth = 1;
  /** How far the period has sounded, 0 … 1. */
  #phase = 0;
  #gain = 1;
  /** Samples since the gap began; 0: no gap. */
  #gone = 0;
  /** The step between the last sample and the one that would have preceded the repetition: it is let fade, not heard as a click. */
  #step = 0;

  constructor({ rate = 8000 }: ConcealerOptions = {}) {
    this.#perMs = rate / 1000;
    this.#history = new Int16Array(60 * this.#perMs);
    this.#end = Math.ceil(48.75 * this.#perMs);
    this.#source = new Int16Array(this.#end + 1);
    this.#search = { from: 0, to: 0, length: COMPARED * this.#perMs, step: Math.max(1, Math.floor(rate / 8000)) };
    this.#blend = new Int16Array(10 * this.#perMs);
  }

  /** A frame that came. The first one after a gap is changed in place at its beginning. */
  good(frame: Int16Array): void {
    if (this.#gone > 0) this.#return(frame, 0);
    this.#remember(frame);
  }

  /** A frame of which out[from … to) is missing; that part is filled in. */
  lost(out: Int16Array, from = 0, to = out.length): void {
    if (from > 0 && this.#gone > 0) this.#return(out, 0);
    if (this.#gone === 0) this.#begin(out, from);
    this.#continue(out, from, to);
    if (to < out.length) this.#return(out, to);
    this.#remember(out);
  }

  /** Forgets all: another sender, or silence. */
  reset(): void {
    this.#history.fill(0);
    this.#gone = 0;
  }

  #remember(frame: Int16Array): void {
    const history = this.#history;
    const room = history.length;
    if (this.#written + frame.length <= room) history.set(frame, this.#written);
    else for (let index = 0; index < frame.length; index++) history[(this.#written + index) % room] = frame[index]!;
    this.#written = (this.#written + frame.length) % room;
  }

  /** The gap begins after `from` samples of this frame. */
  #begin(frame: Int16Array, from: number): void {
    const source = this.#source;
    const history = this.#history;
    const end = this.#end;
    const part = Math.min(from, end);
    const old = end - part;
    const start = this.#written - old + history.length;
    for (let index = 0; index < old; index++) source[index] = history[(start + index) % history.length]!;
    for (let index = 0; index < part; index++) source[old + index] = frame[from - part + index]!;
    source[end] = source[end - 1]!;
    this.#listen();
    this.#period = this.#last.period * this.#growth;
    this.#phase = 0;
    this.#gain = this.#last.likeness;
    this.#step = source[end - 1]! - this.#gain * this.#sample(end - 1 - this.#last.period);
  }

  /** Finds the last period, and from the one before how the pitch moves. */
  #listen(): void {
    const search = this.#search;
    const last = this.#last;
    const earlier = this.#earlier;
    const { step } = search;
    search.from = Math.ceil((SHORTEST * this.#perMs) / step) * step;
    search.to = Math.floor((LONGEST * this.#perMs) / step) * step;
    findPitch(this.#source, this.#end, search, last);
    const lag = Math.round(last.period / step) * step;
    const reach = Math.ceil((2 * DRIFT * lag) / step) * step;
    search.from = lag - reach;
    search.to = lag + reach;
    findPitch(this.#source, this.#end - lag, search, earlier);
    const growth = 2 - earlier.period / last.period;
    this.#growth = earlier.likeness > ALIKE && Math.abs(growth - 1) < DRIFT ? growth : 1;
  }

  /** The sound at a place between two samples. */
  #sample(place: number): number {
    const whole = Math.floor(place);
    const share = place - whole;
    const first = this.#source[whole]!;
    return first + share * (this.#source[whole + 1]! - first);
  }

  #continue(out: Int16Array, from: number, to: number): void {
    const full = FULL * this.#perMs;
    const fade = FADE_PER_MS / this.#perMs;
    const soft = 2 * this.#perMs;
    for (let index = from; index < to; index++) {
      const gain = this.#gone <= full ? 1 : 1 - (this.#gone - full) * fade;
      if (gain <= 0) {
        out.fill(0, index, to);
        this.#gone += to - index;
        return;
      }
      let sample = this.#repeated() * this.#gain * gain;
      if (this.#gone < soft) sample += this.#step * (1 - (this.#gone + 1) / (soft + 1));
      out[index] = Math.max(-32768, Math.min(32767, Math.round(sample)));
      this.#gone++;
    }
  }

  /** The next sample of the repetition. The last tenth of a period blends into the one before it, which leads to its beginning. */
  #repeated(): number {
    const { period } = this.#last;
    const place = this.#end + (this.#phase - 1) * period;
    let sample = this.#sample(Math.min(place, this.#end - 1));
    if (this.#phase > 0.9) {
      const share = (this.#phase - 0.9) * 10;
      sample += share * (this.#sample(place - period) - sample);
    }
    this.#phase += 1 / this.#period;
    if (this.#phase >= 1) {
      this.#phase -= 1;
      this.#gain *= this.#last.likeness;
      if (this.#gone < MOVING * this.#perMs) this.#period *= this.#growth;
    }
    return sample;
  }

  /** The repetition goes on for 4 ms, and 4 more for each 10 ms lost up to 10, while what came again fades in. */
  #return(frame: Int16Array, from: number): void {
    const lostMs = this.#gone / this.#perMs;
    const wished = Math.floor(Math.min(10, 4 + 0.4 * Math.max(0, lostMs - 10)) * this.#perMs);
    const length = Math.min(wished, frame.length - from);
    const blend = this.#blend;
    this.#continue(blend, 0, length);
    for (let index = 0; index < length; index++) {
      const share = (index + 1) / (length + 1);
      frame[from + index] = blend[index]! * (1 - share) + frame[from + index]! * share;
    }
    this.#gone = 0;
  }
}
