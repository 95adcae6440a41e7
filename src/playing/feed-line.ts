import type { Alarm, Clock } from '../base/index.ts';
import type { Feed } from '../media/index.ts';
import type { FeedRate } from './sample-rate.ts';

/** So much is written ahead, ms: a main thread that is busy for less is not heard. */
const MOST_AHEAD = 600;
const LEAST_AHEAD = 400;
const FRAMES = 50;

/** Writes one sound behind another into a feed, at the feed's pace. */
export class FeedLine {
  /** ms that were given so far. */
  ms = 0;
  readonly #feed: Feed;
  readonly #clock: Clock;
  /** Less than a frame, at `#rate`. */
  #rest = new Int16Array(0);
  #rate: FeedRate = 48_000;
  #alarm: Alarm | undefined;
  #wake: (() => void) | undefined;
  #isClosed = false;

  constructor(feed: Feed, clock: Clock) {
    this.#feed = feed;
    this.#clock = clock;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Resolves when all of it is written; at once after `close`. */
  async write(samples: Int16Array, rate: FeedRate): Promise<void> {
    this.ms += (samples.length * 1000) / rate;
    const more = rate === this.#rate || this.#rest.length === 0 ? samples : await this.#join(samples, rate);
    this.#rate = rate;
    const frame = rate / FRAMES;
    const all = this.#rest.length === 0 ? more : joined(this.#rest, more);
    const whole = all.length - (all.length % frame);
    this.#rest = all.slice(whole);
    await this.#put(all.subarray(0, whole), rate);
  }

  /** Nothing more comes; resolves when all was played. */
  async finish(): Promise<void> {
    if (this.#rest.length > 0) await this.#put(this.#rest, this.#rate);
    if (this.#isClosed) return;
    this.#feed.end();
    while (!this.#isClosed && this.#feed.waiting > 0) await this.#pause(this.#feed.waiting);
    // The last frame has been taken; it is on its way.
    if (!this.#isClosed) await this.#pause(1000 / FRAMES);
  }

  /** Stops at once: what was not played is forgotten. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#feed.close();
    this.#alarm?.cancel();
    this.#wake?.();
  }

  /** Fills the frame that waits at the former rate with the beginning of what comes, so that nobody hears the seam; gives what is left of it. */
  async #join(samples: Int16Array, rate: FeedRate): Promise<Int16Array> {
    const missing = this.#rate / FRAMES - this.#rest.length;
    const step = rate / this.#rate;
    const used = Math.min(samples.length, Math.ceil(missing * step));
    const count = Math.min(missing, Math.floor(used / step));
    const bridge = Int16Array.from({ length: count }, (_, index) => between(samples, index * step));
    const frame = joined(this.#rest, bridge);
    this.#rest = new Int16Array(0);
    await this.#put(frame, this.#rate);
    return samples.subarray(used);
  }

  async #put(samples: Int16Array, rate: FeedRate): Promise<void> {
    let at = 0;
    while (at < samples.length && !this.#isClosed) {
      const ahead = this.#feed.waiting;
      const room = Math.floor(((MOST_AHEAD - ahead) * rate) / 1000);
      const written = room > 0 ? this.#feed.write(samples.subarray(at, at + room), rate) : 0;
      at += written;
      if (at < samples.length) await this.#pause(Math.max(1000 / FRAMES, this.#feed.waiting - LEAST_AHEAD));
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#alarm = this.#clock.wake(this.#clock.now() + ms, resolve);
    });
  }
}

function joined(first: Int16Array, second: Int16Array): Int16Array<ArrayBuffer> {
  const all = new Int16Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** The value at a place between two samples. */
function between(samples: Int16Array, place: number): number {
  const index = Math.floor(place);
  const here = samples[index] ?? 0;
  return Math.round(here + (place - index) * ((samples[index + 1] ?? here) - here));
}
