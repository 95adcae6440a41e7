import type { Feed } from './tap-types.ts';
import { PLAY } from './thread/feed-source.ts';
import { RingReader, RingWriter } from './thread/shared-ring.ts';

type FeedRate = Parameters<Feed['space']>[0];

/** Frames in a second. */
const FRAMES = 50;

/** Writes the memory of a feed, in whatever thread; a memory has one writer. */
export class FeedWriter {
  readonly #ring: RingWriter;
  /** What does not fill a frame yet. */
  readonly #rest = new Int16Array(960);
  #rate: FeedRate = 8000;
  #kept = 0;
  #hasEnded = false;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new RingWriter(memory);
  }

  /** Nobody will play what is written: the room is gone, or nobody wants it any more. */
  get isClosed(): boolean {
    return this.#ring.isClosed;
  }

  get waiting(): number {
    return this.#ring.waiting * (1000 / FRAMES) + (this.#kept * 1000) / this.#rate;
  }

  get starved(): number {
    return this.#ring.starved;
  }

  get roomRate(): FeedRate | undefined {
    const rate = this.#ring.wanted;
    return rate === 0 ? undefined : (rate as FeedRate);
  }

  space(rate: FeedRate): number {
    if (this.#hasEnded || this.isClosed) return 0;
    const frame = rate / FRAMES;
    // What waits at another rate becomes a frame of its own.
    const frames = this.#ring.room(2 * Math.max(frame, this.#rate / FRAMES)) - (rate === this.#rate || this.#kept === 0 ? 0 : 1);
    return Math.max(0, frames * frame - (rate === this.#rate ? this.#kept : 0));
  }

  write(samples: Int16Array, rate: FeedRate): number {
    const count = Math.min(samples.length, this.space(rate));
    if (count === 0) return 0;
    if (rate !== this.#rate) this.#flush();
    this.#rate = rate;
    const frame = rate / FRAMES;
    for (let at = 0; at < count; ) {
      const taken = Math.min(count - at, frame - this.#kept);
      this.#rest.set(samples.subarray(at, at + taken), this.#kept);
      this.#kept += taken;
      at += taken;
      if (this.#kept === frame) this.#flush();
    }
    this.#ring.publish();
    return count;
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#flush();
    this.#ring.end();
  }

  /** A frame of what there is, filled up with silence. */
  #flush(): void {
    if (this.#kept === 0) return;
    const frame = this.#rate / FRAMES;
    this.#rest.fill(0, this.#kept, frame);
    const place = this.#ring.reserve(2 * frame) / 2;
    if (place >= 0) {
      this.#ring.samples.set(this.#rest.subarray(0, frame), place);
      this.#ring.commit(PLAY, 2 * frame, 0, this.#rate, 0, 0);
    }
    this.#kept = 0;
  }
}

/** A feed in the engine's own thread. */
export class OpenFeed implements Feed {
  readonly memory: SharedArrayBuffer;
  readonly #onClose: () => void;
  #writer: FeedWriter | undefined;
  #isClosed = false;

  constructor(memory: SharedArrayBuffer, onClose: () => void) {
    this.memory = memory;
    this.#onClose = onClose;
  }

  get waiting(): number {
    return this.#own.waiting;
  }

  get starved(): number {
    return this.#own.starved;
  }

  get roomRate(): FeedRate | undefined {
    return this.#own.roomRate;
  }

  space(rate: FeedRate): number {
    return this.#own.space(rate);
  }

  write(samples: Int16Array, rate: FeedRate): number {
    return this.#own.write(samples, rate);
  }

  end(): void {
    this.#own.end();
  }

  /** The room is gone, or its thread, which may not be there to say so. */
  finish(): void {
    this.#isClosed = true;
    new RingReader(this.memory).close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.finish();
    this.#onClose();
  }

  /** Made when it is needed first, for the one who writes may be another. */
  get #own(): FeedWriter {
    this.#writer ??= new FeedWriter(this.memory);
    return this.#writer;
  }
}
