export interface ConcealerOptions {
  /** Samples in a second. Default 8000. */
  readonly rate?: number;
}

/** Times of G.711 Appendix I, ms: how long one period serves, and how fast the voice fades after that. */
const FULL = 10;
const FADE_PER_MS = 0.02;

/**
 * Hides lost sound by going on with the last pitch periods (after G.711 Appendix I, without its 3.75 ms of delay):
 * one period for 10 ms, then two, then three, fading by a fifth every 10 ms, so nothing is left after 60 ms.
 * The first frame that comes again is blended in.
 */
export class Concealer {
  readonly #perMs: number;
  /** The last 60 ms that were played, concealed sound too, round and round. */
  readonly #history: Int16Array;
  #written = 0;
  /** The history as it was when the gap began. */
  readonly #source: Int16Array;
  readonly #blend: Int16Array;
  #period = 0;
  #periods = 1;
  /** The next sample of `source` to repeat. */
  #at = 0;
  #overlap = 0;
  /** Samples since the gap began; 0: no gap. */
  #gone = 0;
  /** The step between the last sample and the one that would have preceded the repetition: it is let fade, not heard as a click. */
  #step = 0;

  constructor({ rate = 8000 }: ConcealerOptions = {}) {
    this.#perMs = rate / 1000;
    this.#history = new Int16Array(60 * this.#perMs);
    this.#source = new Int16Array(Math.round(48.75 * this.#perMs));
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
    const part = Math.min(from, source.length);
    const old = source.length - part;
    const start = this.#written - old + history.length;
    for (let index = 0; index < old; index++) source[index] = history[(start + index) % history.length]!;
    for (let index = 0; index < part; index++) source[old + index] = frame[from - part + index]!;
    this.#period = this.#findPeriod();
    this.#periods = 1;
    this.#overlap = this.#period >> 2;
    this.#at = source.length - this.#period;
    this.#step = source[source.length - 1]! - source[this.#at - 1]!;
  }

  #continue(out: Int16Array, from: number, to: number): void {
    const source = this.#source;
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
      let sample = source[this.#at]! * gain;
      const left = source.length - this.#at;
      const back = this.#period * this.#periods;
      if (left <= this.#overlap) {
        const share = left / (this.#overlap + 1);
        sample = sample * share + source[this.#at - back]! * gain * (1 - share);
      } else if (left === this.#overlap + 1) {
        this.#periods = Math.min(3, 1 + Math.floor(this.#gone / full));
      }
      if (this.#gone < soft) sample += this.#step * (1 - (this.#gone + 1) / (soft + 1));
      out[index] = Math.max(-32768, Math.min(32767, sample));
      this.#gone++;
      this.#at++;
      if (this.#at === source.length) this.#at -= this.#period * this.#periods;
    }
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

  /** The lag from 5 to 15 ms at which the last 20 ms resemble themselves most; every second sample first, then exactly. */
  #findPeriod(): number {
    const shortest = 5 * this.#perMs;
    const longest = 15 * this.#perMs;
    let best = shortest;
    let most = Number.NEGATIVE_INFINITY;
    for (let lag = shortest; lag <= longest; lag += 2) {
      const likeness = this.#likeness(lag, 2);
      if (likeness > most) {
        most = likeness;
        best = lag;
      }
    }
    most = Number.NEGATIVE_INFINITY;
    let exact = best;
    for (let lag = Math.max(shortest, best - 1); lag <= Math.min(longest, best + 1); lag++) {
      const likeness = this.#likeness(lag, 1);
      if (likeness > most) {
        most = likeness;
        exact = lag;
      }
    }
    return exact;
  }

  /** Normalised cross-correlation of the last 20 ms with what was `lag` before. */
  #likeness(lag: number, step: number): number {
    const source = this.#source;
    const end = source.length;
    let product = 0;
    let energy = 1;
    for (let index = end - 20 * this.#perMs; index < end; index += step) {
      const before = source[index - lag]!;
      product += source[index]! * before;
      energy += before * before;
    }
    return product / Math.sqrt(energy);
  }
}
