import { meanLevel } from '../audio/index.ts';
import type { Feed } from '../media/index.ts';
import type { StreamRate } from './options.ts';
import { bring, FRAMES, feedRate } from './rates.ts';

/** ms of a frame. */
const FRAME = 1000 / FRAMES;
/** What lies in the engine's ring: enough to live through a short pause of this process, and no more, so that `clear` is heard at once. */
const IN_RING = 80;
/** ms that the first frame of a speech waits for a second one, at first and at most: the program's packets need not be in time. */
const LEAST_CUSHION = 20;
const MOST_CUSHION = 60;
/** A pause shorter than this, ms, after which speech goes on was no pause: the program's packets were late. */
const LATE = 200;
/** So long less came than the cushion is too large for, ms. */
const CALM = 10_000;
/** ms without anything after which what does not fill a frame is played. */
const REST = 40;
/** What waits all the time, ms: less is the cushion, more is a program that is ahead by intent. */
const DRIFT = { least: 60, most: 500, window: 400 };
/** Frames that come in such a window from a program that speaks in real time; one that speaks ahead sends many, or none. */
const LIVE = { least: 10, most: 40 };
/** Mean absolute sample value below which a frame may be left out unheard. */
const QUIET = 30;

/** What `Speech` needs. */
export interface SpeechOptions {
  /** Into the room where the program is. */
  readonly feed: () => Feed;
  readonly rate: StreamRate;
  /** ms that may wait. */
  readonly mostMs: number;
  /** A mark was reached: everything before it has been played. */
  readonly onMark: (name: string) => void;
}

type Waiting = { readonly frame: Int16Array } | { readonly mark: string };

/**
 * What a program says, on its way into the engine at the engine's pace. A program may send in real time or minutes of speech at once. Speech begins when
 * a little of it is there, because packets are late; how little is learnt from how late they are. What waits longer than needed, because the program's
 * clock is too fast, is caught up with in its pauses.
 */
export class Speech {
  /** ms that found no place. */
  overflowedMs = 0;
  readonly #options: SpeechOptions;
  readonly #bring: (samples: Int16Array) => Int16Array;
  readonly #queue: Waiting[] = [];
  #frames = 0;
  /** What does not fill a frame yet. */
  readonly #rest: Int16Array;
  #kept = 0;
  /** A byte whose sample is not whole yet; -1: none. */
  #odd = -1;
  /** When something last came; when the first frame of this speech came. */
  #cameAt = Number.NEGATIVE_INFINITY;
  #begunAt = 0;
  #isSpeaking = false;
  #ranDryAt = Number.NEGATIVE_INFINITY;
  #cushion = LEAST_CUSHION;
  #calmSince = 0;
  #least = Number.POSITIVE_INFINITY;
  #leastSince = 0;
  #excess = 0;
  /** Frames that came in this window. */
  #came = 0;
  /** Marks whose sound is in the engine's ring: what still waited behind them. */
  readonly #marks: { readonly name: string; readonly at: number }[] = [];
  /** Frames that were given to the engine. */
  #given = 0;

  constructor(options: SpeechOptions) {
    this.#options = options;
    this.#bring = bring(options.rate, feedRate(options.rate));
    this.#rest = new Int16Array(options.rate / FRAMES);
  }

  /** ms that wait here and in the engine. */
  get waitingMs(): number {
    return this.#frames * FRAME + this.#options.feed().waiting;
  }

  /** Sound in s16le, of any length. */
  hear(bytes: Uint8Array, now: number): void {
    if (bytes.length === 0) return;
    this.#cameAt = now;
    let at = 0;
    if (this.#odd >= 0) {
      this.#sample((((bytes[0]! << 8) | this.#odd) << 16) >> 16, now);
      at = 1;
    }
    for (; at + 1 < bytes.length; at += 2) this.#sample((((bytes[at + 1]! << 8) | bytes[at]!) << 16) >> 16, now);
    this.#odd = at < bytes.length ? bytes[at]! : -1;
  }

  /** Told when everything before it has been played; at once, when nothing waits. */
  mark(name: string): void {
    this.#flush(this.#cameAt);
    this.#queue.push({ mark: name });
  }

  /** Forgets what was not played yet; its marks are reached. What the engine has, at most 80 ms, is still heard. */
  clear(): void {
    this.#kept = 0;
    this.#odd = -1;
    const marks = this.#queue.flatMap((each) => ('mark' in each ? [each] : []));
    this.#queue.splice(0, this.#queue.length, ...marks);
    this.#frames = 0;
  }

  /** Every 10 ms: gives the engine what it needs next. */
  pump(now: number): void {
    if (this.#kept > 0 && now - this.#cameAt >= REST) this.#flush(now);
    if (!this.#isSpeaking) this.#begin(now);
    if (this.#isSpeaking) this.#give(now);
    else this.#passMarks();
    this.#reach();
    this.#follow(now);
  }

  #begin(now: number): void {
    if (this.#frames === 0) return;
    const waits = now - this.#begunAt;
    if (this.#frames * FRAME <= this.#cushion && waits < this.#cushion) return;
    this.#isSpeaking = true;
    this.#came = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#leastSince = now;
  }

  #give(now: number): void {
    const feed = this.#options.feed();
    while (this.#queue.length > 0 && feed.waiting <= IN_RING - FRAME) {
      const next = this.#queue[0]!;
      if ('frame' in next && !this.#isLeftOut(next.frame) && !this.#write(next.frame)) return;
      this.#queue.shift();
      if ('mark' in next) this.#marks.push({ name: next.mark, at: this.#given });
      else this.#frames -= 1;
    }
    if (this.#queue.length > 0 || feed.waiting > 0) return;
    this.#isSpeaking = false;
    this.#ranDryAt = now;
  }

  /** A frame of silence that only keeps what comes behind it waiting. */
  #isLeftOut(frame: Int16Array): boolean {
    if (this.#excess < FRAME || meanLevel(frame, frame.length) > QUIET) return false;
    this.#excess -= FRAME;
    return true;
  }

  #write(frame: Int16Array): boolean {
    const { rate } = this.#options;
    const feed = this.#options.feed();
    if (feed.space(feedRate(rate)) < feedRate(rate) / FRAMES) return false;
    feed.write(this.#bring(frame), feedRate(rate));
    this.#given += 1;
    return true;
  }

  #passMarks(): void {
    for (let next = this.#queue[0]; next !== undefined && 'mark' in next; next = this.#queue[0]) {
      this.#queue.shift();
      this.#marks.push({ name: next.mark, at: this.#given });
    }
  }

  /** Says which marks have been played. */
  #reach(): void {
    const played = this.#given - Math.ceil(this.#options.feed().waiting / FRAME);
    while (this.#marks.length > 0 && this.#marks[0]!.at <= played) this.#options.onMark(this.#marks.shift()!.name);
  }

  /** Notes how much waits at least: what always waits is not needed. */
  #follow(now: number): void {
    if (!this.#isSpeaking) return;
    this.#least = Math.min(this.#least, this.waitingMs);
    if (now - this.#leastSince >= DRIFT.window) {
      const isLive = this.#came >= LIVE.least && this.#came <= LIVE.most;
      this.#excess = isLive && this.#least > DRIFT.least && this.#least < DRIFT.most ? this.#least - DRIFT.least : 0;
      this.#came = 0;
      this.#least = Number.POSITIVE_INFINITY;
      this.#leastSince = now;
    }
    if (now - this.#calmSince < CALM || this.#cushion === LEAST_CUSHION) return;
    this.#cushion -= FRAME;
    this.#calmSince = now;
  }

  #sample(sample: number, now: number): void {
    this.#rest[this.#kept++] = sample;
    if (this.#kept === this.#rest.length) this.#flush(now);
  }

  /** A frame of what there is, filled up with silence. */
  #flush(now: number): void {
    if (this.#kept === 0) return;
    const frame = this.#rest.slice();
    frame.fill(0, this.#kept);
    this.#kept = 0;
    if (this.#frames * FRAME >= this.#options.mostMs) {
      this.overflowedMs += FRAME;
      return;
    }
    this.#came += 1;
    if (this.#frames === 0 && !this.#isSpeaking) this.#speak(now);
    this.#queue.push({ frame });
    this.#frames += 1;
  }

  /** The first frame of a speech; or of one that ran dry, and then the cushion was too small. */
  #speak(now: number): void {
    this.#begunAt = now;
    if (now - this.#ranDryAt >= LATE) return;
    this.#cushion = Math.min(MOST_CUSHION, this.#cushion + FRAME);
    this.#calmSince = now;
  }
}
