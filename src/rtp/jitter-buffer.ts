import { ArrivalWindow } from './arrival-window.ts';
import { SoundRing } from './sound-ring.ts';

/** What `take` gives: sound. */
export const FRAME = 0;
/** What `take` gives: something is missing and should be concealed from `gapFrom` to `gapTo`. */
export const LOST = 1;
/** What `take` gives: nothing to hear (not begun, a pause of the sender, or he is gone); the frame is zeros. */
export const EMPTY = 2;
/** What `step` gives: sound without a hole, which lies in the buffer until somebody wants it; see `level` and `read`. */
export const SOLID = 3;
/** FRAME, LOST or EMPTY. */
export type Taken = typeof FRAME | typeof LOST | typeof EMPTY;

export interface JitterBufferOptions {
  /** Samples in a second, the clock of the timestamps. Default 8000. */
  readonly rate?: number;
  /** Samples that one `take` asks for. Default 20 ms. */
  readonly samples?: number;
  /** The sample of each of 256 codes: the buffer then keeps G.711 codes, and only what is heard is decoded. */
  readonly table?: Int16Array;
  /** No packet waits longer, ms. Default 200. */
  readonly maxMs?: number;
}

/** Packets are wanted this many ms before they are needed; less and the buffer grows. */
const GUARD = 1;
/** It shrinks by a frame only if this would be left; the distance to GUARD keeps it from swinging. */
const REST = 3;
/** At the start the first packet must have waited so long, ms. */
const FIRST = 2;
/** After this long without anything it is a pause, not a loss, ms: nothing of a concealed voice would be left by then. */
const PAUSE = 60;
/** When all packets of so long a time come too late, the sender's time has moved, ms. */
const MOVED = 60;
/** Loud frames are shortened only once in so many takes; quiet ones at once. */
const PATIENCE = 10;
/** Mean absolute sample value below which a frame may be shortened at once. */
const QUIET = 60;
/** The longest packet, ms. */
const LONGEST = 120;
/** What was played is kept so long for whoever must conceal what follows, ms. */
const HISTORY = 60;

/**
 * Keeps the sound of one sender by its RTP time and gives it out in frames, whatever the length of packets.
 *
 * The place that is played moves on with the clock of `take`, so the delay is constant until the buffer changes it by whole frames:
 * a frame more when packets come too late, a frame less when all of the last seconds came early enough. Loss alone changes nothing.
 * All times are ms of one clock; `nowMs` is the tick's nominal time, so that a tick that comes late does not count as jitter.
 */
export class JitterBuffer {
  /** After LOST: the missing stretch of the frame. */
  gapFrom = 0;
  gapTo = 0;
  /** Packets that came after their time. */
  late = 0;
  /** Packets that came twice. */
  duplicates = 0;
  /** Frames that were not there when they were due. */
  lost = 0;
  /** Frames given as LOST: the lost ones, and those put in to grow. */
  concealed = 0;
  /** Frames taken out to shrink. */
  dropped = 0;
  /** How long packets wait before they are played, ms, smoothed. */
  delayMs = 0;

  readonly #perMs: number;
  readonly #frame: number;
  readonly #frameMs: number;
  readonly #maxMs: number;
  readonly #ring: SoundRing;
  readonly #window = new ArrivalWindow();
  /** How far from what is played a packet may be and still belong to it, in samples. */
  readonly #reach: number;
  #opened = false;
  #playing = false;
  #lastTimestamp = 0;
  #lastPosition = 0;
  /** The next place to play, in samples of the sender's time. */
  #head = 0;
  /** Where the last step began. */
  #past = 0;
  /** nowMs of the take that played (or would have played) place 0. A packet has a margin of this less its arrival. */
  #offset = 0;
  #silentFrom = 0;
  #silentTo = 0;
  #starvedMs = 0;
  #unproven = 0;
  #grow = 0;
  #shrink = 0;
  #patience = 0;
  #untilLook = 0;
  #lateSince = Number.NaN;
  #lateArrival = Number.NaN;
  #strayEnd = Number.NaN;

  constructor({ rate = 8000, samples = rate / 50, maxMs = 200, table }: JitterBufferOptions = {}) {
    this.#perMs = rate / 1000;
    this.#frame = samples;
    this.#frameMs = samples / this.#perMs;
    this.#maxMs = maxMs;
    this.#reach = 2 ** Math.ceil(Math.log2((maxMs + 2 * LONGEST + this.#frameMs) * this.#perMs));
    this.#ring = new SoundRing((HISTORY + 2 * this.#frameMs) * this.#perMs, table);
  }

  /** Forgets the sender (another SSRC speaks now); the counters stay. */
  reset(): void {
    this.#opened = false;
    this.#playing = false;
  }

  /**
   * One packet: source[at … at + count), samples or codes as the buffer keeps them. Positional, because it runs for every packet.
   * `marker`: the sender says that a pause came before it.
   */
  put(timestamp: number, source: Uint8Array | Int16Array, at: number, count: number, arrivalMs: number, marker = false): void {
    if (count <= 0 || count > LONGEST * this.#perMs) return;
    if (!this.#opened) this.#open(timestamp);
    const position = this.#lastPosition + ((timestamp - this.#lastTimestamp) | 0);
    // In nearly all cases what comes is the newest, and nothing needs to be searched.
    if (position < this.#ring.end && this.#ring.present(position, count) === count) {
      this.duplicates++;
      return;
    }
    if (!this.#playing && position < this.#head && this.#ring.end - position <= this.#reach) this.#head = position;
    if (this.#isElsewhere(position, count, arrivalMs, marker)) this.#restart(position);
    else if (position + count > this.#head + this.#reach) return;
    if (position + count <= this.#head) {
      // Nobody will hear it, but if it comes again it is known.
      if (position >= this.#ring.end - this.#ring.size && position + count <= this.#ring.end)
        this.#ring.write(position, source, at, 0, count);
      return;
    }
    this.#lastTimestamp = timestamp;
    this.#lastPosition = position;
    this.#keep(position, source, at, count, marker);
    this.#measure(position, count, arrivalMs);
  }

  /** A packet came for which the decoder has no use any more: it counts as late, and the delay grows as for any other. */
  missed(timestamp: number, count: number, arrivalMs: number): void {
    if (!this.#opened || !this.#playing || count <= 0) return;
    const position = this.#lastPosition + ((timestamp - this.#lastTimestamp) | 0);
    if (position + count <= this.#head && this.#isElsewhere(position, count, arrivalMs, false)) this.#restart(position);
  }

  /** Will this stretch still be heard if it comes now? */
  isAwaited(timestamp: number, count: number): boolean {
    return !this.#playing || this.#lastPosition + ((timestamp - this.#lastTimestamp) | 0) + count > this.#head;
  }

  /** Touches what the next packet and the next step need, for a caller who wants it in the processor's cache. */
  warm(): number {
    return this.delayMs + this.#head + this.#window.warm() + this.#ring.warm();
  }

  /** Timestamp of the next sample to be played. */
  get next(): number {
    return this.#lastTimestamp + this.#head - this.#lastPosition;
  }

  /** Nothing has come for the time from the last step on. */
  get isAtEnd(): boolean {
    return this.#ring.end <= this.#past;
  }

  /** The next frame, at the tick's nominal time. */
  take(out: Int16Array, count: number, nowMs: number): Taken {
    const got = this.step(out, count, nowMs);
    if (got !== SOLID) return got;
    this.read(out, count);
    return FRAME;
  }

  /** As `take`, but a frame without a hole is left where it is, so that silence costs no copy. */
  step(out: Int16Array, count: number, nowMs: number): Taken | typeof SOLID {
    this.#past = this.#head;
    if (!this.#playing && !this.#start(nowMs)) {
      out.fill(0, 0, count);
      return EMPTY;
    }
    this.#offset = nowMs - this.#head / this.#perMs;
    if (this.#grow > 0) return this.#stretch(out, count);
    if (this.#shrink > 0 && this.#squeeze(out, count)) {
      this.#offset = nowMs - (this.#head - count) / this.#perMs;
      return FRAME;
    }
    const position = this.#head;
    this.#head += count;
    if (this.#ring.isSolid(position, count)) {
      this.#starvedMs = 0;
      this.gapFrom = 0;
      this.gapTo = 0;
      return SOLID;
    }
    this.#ring.read(position, out, count);
    this.gapFrom = this.#ring.gapFrom;
    this.gapTo = this.#ring.gapTo;
    if (this.gapTo > 0) return this.#hole(position, count);
    this.#starvedMs = 0;
    return FRAME;
  }

  /** Samples of the frame that `step` called SOLID. */
  read(out: Int16Array, count: number): void {
    this.#ring.copy(this.#head - count, out, count);
  }

  /** Mean absolute sample value of the frame that `step` called SOLID, of every so many-th sample. */
  level(count: number, every = 1): number {
    return this.#ring.level(this.#head - count, count, every);
  }

  /** What was played before the last step, from `back` samples before it; zeros for what never came. */
  recall(out: Int16Array, count: number, back: number): void {
    this.#ring.read(this.#past - back, out, count);
  }

  #open(timestamp: number): void {
    this.#opened = true;
    this.#lastTimestamp = timestamp;
    this.#lastPosition = 0;
    this.#window.clear();
    this.#restart(0);
  }

  /** Plays from here as soon as it is safe, as far ahead as the jitter of the last seconds asks for. */
  #restart(position: number): void {
    const known = this.#window.count >= 16;
    const lead = known ? Math.floor((this.#window.latest() - this.#window.earliest()) / this.#frameMs) : 0;
    const most = Math.floor(this.#maxMs / this.#frameMs / 2);
    this.#ring.clear(position);
    this.#window.clear();
    this.#head = position - Math.min(lead, most) * this.#frame;
    this.#silentFrom = this.#head;
    this.#silentTo = position;
    this.#playing = false;
    this.#starvedMs = 0;
    this.#unproven = 0;
    this.#grow = 0;
    this.#shrink = 0;
    this.#untilLook = 0;
    this.#lateSince = Number.NaN;
    this.#lateArrival = Number.NaN;
    this.#strayEnd = Number.NaN;
  }

  /** The sender's time has moved: far ahead, or behind for so long that waiting does not help. Counts what is late. */
  #isElsewhere(position: number, count: number, arrivalMs: number, marker: boolean): boolean {
    if (position + count > this.#head + this.#reach) {
      const follows = Math.abs(position - this.#strayEnd) <= this.#reach;
      this.#strayEnd = position + count;
      return follows || marker;
    }
    // Nothing was played yet, and this is too far back to have been overtaken: what came first was astray.
    if (!this.#playing) return position + count <= this.#head;
    if (position + count > this.#head) {
      this.#lateSince = Number.NaN;
      return false;
    }
    if (marker && this.#starvedMs > PAUSE) return true;
    this.late++;
    if (Number.isNaN(this.#lateSince)) this.#lateSince = arrivalMs;
    if (arrivalMs - this.#lateSince >= MOVED) return true;
    // What a stall held back comes at once: that is one event, not many late packets. And beyond the cap no growth would help.
    const isSameEvent = arrivalMs - this.#lateArrival < count / this.#perMs / 2;
    const isInReach = this.#entry(position, arrivalMs) - this.#offset < this.#maxMs;
    if (!isSameEvent && isInReach) this.#note(position, count, arrivalMs);
    this.#lateArrival = arrivalMs;
    return false;
  }

  #keep(position: number, source: Uint8Array | Int16Array, at: number, count: number, marker: boolean): void {
    if (marker && position > this.#ring.end) {
      this.#silentFrom = this.#ring.end;
      this.#silentTo = position;
    } else {
      this.lost += this.#unproven;
    }
    this.#unproven = 0;
    this.#ring.reserve(this.#head - HISTORY * this.#perMs, position + count);
    this.#ring.write(position, source, at, Math.max(0, this.#head - position), count);
  }

  /** When the packet came, against the beginning of the frame that needs it first. */
  #entry(position: number, arrivalMs: number): number {
    const frames = Math.floor((position - this.#head) / this.#frame);
    return arrivalMs - (this.#head + frames * this.#frame) / this.#perMs;
  }

  #note(position: number, count: number, arrivalMs: number): void {
    this.#window.add(this.#entry(position, arrivalMs), count / this.#perMs);
    this.#untilLook = 0;
    this.#look();
  }

  #measure(position: number, count: number, arrivalMs: number): void {
    const entry = this.#entry(position, arrivalMs);
    this.#window.add(entry, count / this.#perMs);
    if (!this.#playing) return;
    const margin = this.#offset - entry;
    this.delayMs += (margin - this.delayMs) / 16;
    if (margin > this.#maxMs) this.#cut(margin);
    else if (margin < 0 || --this.#untilLook <= 0) this.#look();
  }

  /** More than the cap waits: all but the newest goes at once. */
  #cut(margin: number): void {
    const frames = Math.floor((margin - REST) / this.#frameMs);
    const samples = frames * this.#frame;
    this.#head += samples;
    this.#offset -= frames * this.#frameMs;
    this.dropped += frames;
    this.delayMs = margin - frames * this.#frameMs;
    this.#shrink = 0;
    this.#grow = 0;
    this.#window.clear();
  }

  /** Decides how many frames more or less there should be. */
  #look(): void {
    this.#untilLook = 16;
    const slack = this.#offset - this.#window.latest();
    this.#grow = 0;
    this.#shrink = 0;
    if (slack < GUARD) {
      const room = this.#maxMs - (this.#offset - this.#window.earliest());
      this.#grow = Math.max(0, Math.min(Math.ceil((GUARD - slack) / this.#frameMs), Math.floor(room / this.#frameMs)));
    } else if (slack >= this.#frameMs + REST && this.#window.count >= 16) {
      this.#shrink = Math.floor((slack - REST) / this.#frameMs);
    }
  }

  #start(nowMs: number): boolean {
    if (!this.#opened || this.#ring.end < this.#head + this.#frame) return false;
    const offset = nowMs - this.#head / this.#perMs;
    if (offset - this.#window.latest() < FIRST) return false;
    this.#playing = true;
    this.delayMs = offset - this.#window.latest();
    return true;
  }

  /** Waits for one frame. */
  #stretch(out: Int16Array, count: number): Taken {
    this.#grow--;
    this.#offset += this.#frameMs;
    out.fill(0, 0, count);
    if (this.#starvedMs > PAUSE) return EMPTY;
    this.gapFrom = 0;
    this.gapTo = count;
    this.concealed++;
    return LOST;
  }

  /** Saves one frame: a missing one is left out, two that are there become one. True: `out` is filled. */
  #squeeze(out: Int16Array, count: number): boolean {
    while (this.#shrink > 0 && this.#ring.end >= this.#head + 2 * count && this.#ring.present(this.#head, count) === 0) {
      this.#head += count;
      this.#shrink--;
      this.dropped++;
    }
    this.#patience--;
    if (this.#shrink === 0 || this.#ring.present(this.#head, 2 * count) < 2 * count) return false;
    if (this.#patience > 0 && this.#ring.level(this.#head, 2 * count) >= QUIET) return false;
    this.#patience = PATIENCE;
    this.#ring.crossfade(this.#head, out, count);
    this.#head += 2 * count;
    this.#shrink--;
    this.dropped++;
    this.#starvedMs = 0;
    return true;
  }

  /** Is a hole a pause, a loss, or not known yet? */
  #hole(position: number, count: number): Taken {
    if (position + this.gapFrom >= this.#silentFrom && position + this.gapTo <= this.#silentTo) {
      return this.gapTo - this.gapFrom === count ? EMPTY : FRAME;
    }
    if (position + this.gapTo < this.#ring.end) this.lost++;
    else {
      this.#starvedMs += this.#frameMs;
      if (this.#starvedMs > PAUSE) return EMPTY;
      this.#unproven++;
    }
    this.concealed++;
    return LOST;
  }
}
