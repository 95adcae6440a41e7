import { bend } from './limiter.ts';
import type { Note, ToneScore } from './tone-score.ts';

/** Tones begin and end within so many ms instead of at once, which would click. */
const RAMP_MS = 2;
/** G.711: a sine of full scale is +3.14 dBm0. */
const FULL_SCALE_DBM0 = 3.14;
const QUIETEST = -63;

const peakOf = (level: number): number => 32_767 * 10 ** ((level - FULL_SCALE_DBM0) / 20);

/** Plays a tone stream piece by piece. Nothing is kept of what was played, so an endless one costs no more than a short one. */
export class ToneStream {
  readonly rate: number;
  readonly #score: ToneScore;
  #round = 0;
  #note = 0;
  #time = 0;
  /** Sample of the note. */
  #at = 0;
  #level = 0;
  #peak = 0;

  constructor(score: ToneScore, rate: number = score.rate) {
    this.#score = score;
    this.rate = rate;
    this.#begin();
  }

  /** The next samples; gives how many, fewer than fit in only at the end. */
  fill(out: Int16Array): number {
    let filled = 0;
    while (filled < out.length && this.#round < this.#score.rounds) {
      const note = this.#score.notes[this.#note]!;
      const on = this.#samples(note.onMs);
      const length = on + this.#samples(note.offMs);
      const end = Math.min(length, this.#at + out.length - filled);
      for (; this.#at < end; this.#at++) out[filled++] = this.#at < on ? this.#sample(note, on) : 0;
      if (this.#at >= length && this.#next(note)) break;
    }
    return filled;
  }

  #samples(ms: number): number {
    return Math.round((ms * this.rate) / 1000);
  }

  /** Goes to what comes next; true when nothing would ever come. */
  #next({ times }: Note): boolean {
    this.#time += 1;
    if (this.#time >= times || this.#length() === 0) {
      this.#time = 0;
      this.#note += 1;
    }
    if (this.#note >= this.#score.notes.length) {
      this.#note = 0;
      this.#round = this.#score.ms === 0 ? this.#score.rounds : this.#round + 1;
    }
    this.#begin();
    return this.#score.ms === 0 && this.#round >= this.#score.rounds;
  }

  #length(): number {
    const { onMs, offMs } = this.#score.notes[this.#note]!;
    return onMs + offMs;
  }

  #begin(): void {
    this.#at = 0;
    this.#level = this.#score.notes[this.#note]!.level;
    this.#peak = peakOf(this.#level);
  }

  #sample({ hertz, everyMs, change }: Note, on: number): number {
    const at = this.#at;
    if (everyMs > 0 && at > 0 && at % this.#samples(everyMs) === 0) {
      this.#level = Math.min(0, Math.max(QUIETEST, this.#level + change));
      this.#peak = peakOf(this.#level);
    }
    let sum = 0;
    for (const each of hertz) sum += Math.sin((2 * Math.PI * each * at) / this.rate);
    const ramp = this.#samples(RAMP_MS);
    const share = Math.min(1, (at + 1) / ramp, (on - at) / ramp);
    return Math.round(bend(sum * this.#peak * share));
  }
}
