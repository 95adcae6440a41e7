import { type Rate, Resampler } from '../audio/index.ts';
import { EAR_RATE } from './speech-types.ts';

/** Samples of 20 ms as they are recognised. */
const FRAME = EAR_RATE / 50;
/** Frames that are taken along from before somebody was noticed to talk, and from behind. */
const BEFORE = 25;
const BEHIND = 15;
/** A soft voice in noise is noticed late: so many are taken along where they are louder than the quietest of them by this factor, or than this mean of a sample. */
const MOST_BEFORE = 60;
const LOUDER = 1.6;
const FAINT = 8;
/** Frames of quiet that end a stretch: shorter pauses are between words. */
const QUIET = 30;
/** Frames of talk under which a stretch is a cough. */
const LEAST = 5;
/** Frames after which a stretch is cut where it is quietest, and how far back that is looked for. */
const LONGEST = 50 * 20;
const LOOK_BACK = 50 * 2;

/** A stretch of one participant's speech. `from` and `to` are ticks of the room's clock, `to` not included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** 16 kHz. */
  readonly samples: Int16Array;
  /** Frames in it that were not read in time; there is silence in their place. */
  readonly lost: number;
}

/** 20 ms of one source. */
export interface CutFrame {
  readonly index: number;
  readonly lost: number;
  readonly rate: number;
  readonly samples: Int16Array;
  readonly talking: boolean;
}

interface Kept {
  readonly samples: Int16Array;
  readonly level: number;
}

/** Cuts what one source says into stretches of speech: with some sound before and behind, none longer than 20 s. */
export class Cutter {
  #resampler = new Resampler({ from: EAR_RATE, to: EAR_RATE });
  /** One behind the other, without holes; the first one is of tick `#first`. */
  #frames: Kept[] = [];
  #first = 0;
  /** Behind the last frame in which somebody talked; undefined: nobody talks. */
  #talkedTo: number | undefined;
  #talked = 0;
  #lost = 0;

  /** Somebody is in the middle of saying something. */
  get isTalking(): boolean {
    return this.#talkedTo !== undefined;
  }

  /** The tick at which he began. */
  get since(): number {
    return this.#first;
  }

  /** Takes a frame; gives a stretch that has ended by it. */
  take(frame: CutFrame): Stretch | undefined {
    const ended = this.pass(frame.index);
    this.#fill(frame);
    this.#frames.push(this.#kept(frame));
    if (frame.talking) {
      if (!this.isTalking) this.#begin();
      this.#talked += 1;
      this.#talkedTo = frame.index + 1;
    }
    if (!this.isTalking) this.#forget(this.#frames.length - MOST_BEFORE);
    return ended ?? (this.#frames.length >= LONGEST ? this.#cut() : undefined);
  }

  /** So late is it: gives a stretch that ended meanwhile. */
  pass(index: number): Stretch | undefined {
    if (this.#talkedTo === undefined || index < this.#talkedTo + QUIET) return undefined;
    return this.end();
  }

  /** Nothing more comes for now: gives what there is. */
  end(): Stretch | undefined {
    const to = this.#talkedTo;
    this.#talkedTo = undefined;
    const stretch =
      to === undefined || this.#talked < LEAST ? undefined : this.#stretch(Math.min(this.#frames.length, to - this.#first + BEHIND));
    this.#forget(this.#frames.length);
    this.#talked = 0;
    this.#lost = 0;
    this.#resampler.reset();
    return stretch;
  }

  /** What has been said since it was asked last, for who follows along. */
  *since16k(from: number): Generator<Int16Array> {
    for (let at = Math.max(0, from - this.#first); at < this.#frames.length; at++) yield this.#frames[at]!.samples;
  }

  /** Behind the last frame. */
  get end16k(): number {
    return this.#first + this.#frames.length;
  }

  /** What is before the first sound belongs to nobody's words. */
  #begin(): void {
    const quietest = Math.min(...this.#frames.map(({ level }) => level));
    const heard = Math.max(quietest * LOUDER, FAINT * FRAME);
    const first = this.#frames.findIndex(({ level }) => level > heard);
    this.#forget(Math.min(first < 0 ? this.#frames.length : first, this.#frames.length - 1 - BEFORE));
  }

  /** Silence in place of what was not there: the ticks of the room go on. */
  #fill({ index, lost }: CutFrame): void {
    if (this.#frames.length === 0) this.#first = index;
    const missing = index - (this.#first + this.#frames.length);
    if (missing > 0 && !this.isTalking) {
      this.#frames = [];
      this.#first = index;
      return;
    }
    for (let n = 0; n < missing; n++) this.#frames.push({ samples: new Int16Array(FRAME), level: 0 });
    if (this.isTalking) this.#lost += lost;
  }

  #kept({ rate, samples }: CutFrame): Kept {
    if (this.#resampler.from !== rate) this.#resampler = new Resampler({ from: rate as Rate, to: EAR_RATE });
    const out = new Int16Array(FRAME);
    this.#resampler.process(samples, samples.length, out);
    let level = 0;
    for (let at = 0; at < FRAME; at++) level += Math.abs(out[at]!);
    return { samples: out, level };
  }

  #forget(count: number): void {
    if (count <= 0) return;
    this.#frames.splice(0, count);
    this.#first += count;
  }

  /** Where it is quietest: what is behind it begins the next stretch. */
  #cut(): Stretch {
    let [quietest, at] = [Number.POSITIVE_INFINITY, this.#frames.length];
    for (let index = this.#frames.length - LOOK_BACK; index < this.#frames.length; index++) {
      const { level } = this.#frames[index]!;
      if (level <= quietest) [quietest, at] = [level, index];
    }
    const stretch = this.#stretch(at);
    this.#forget(at);
    this.#talked = this.#frames.length;
    this.#lost = 0;
    return stretch;
  }

  #stretch(count: number): Stretch {
    const samples = new Int16Array(count * FRAME);
    for (let at = 0; at < count; at++) samples.set(this.#frames[at]!.samples, at * FRAME);
    return { from: this.#first, to: this.#first + count, samples, lost: this.#lost };
  }
}
