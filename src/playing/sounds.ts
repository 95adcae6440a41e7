import type { Clock } from '../base/index.ts';
import { amplify, Loudness } from './loudness.ts';
import { type FeedRate, feedRateFor, SampleRate } from './sample-rate.ts';
import { type SoundSource, unplayable } from './sound-source.ts';

/** Some of a sound, which nobody may change. */
export interface Piece {
  readonly rate: FeedRate;
  readonly samples: Int16Array;
}

/** A sound that many may read at the same time, each at his own place. */
export interface SoundReader {
  /** The next piece, of no higher rate than `most`; undefined: the end. Rejects with what is wrong with the sound. */
  next(most?: FeedRate): Promise<Piece | undefined>;
  close(): void;
}

/** How a sound is opened; `freshMs`: how long it may be used again. Default: as long as it is kept. */
export interface Opening {
  readonly source: SoundSource;
  readonly freshMs?: number;
}

export interface SoundsOptions {
  readonly clock: Clock;
  /** Bytes of decoded sound that are kept for the next time. Default 64 MB: 11 minutes at 48 kHz. */
  readonly keepBytes?: number;
  /** A sound of more bytes is not kept, but read along by those who began together. Default an eighth of that. */
  readonly longestBytes?: number;
}

/** So much is listened to before the first piece is given, ms. */
const LISTEN_MS = 3000;
/** But nobody waits longer for it, ms: live streams come no faster than they sound. */
const PATIENCE_MS = 400;

/** Decoded sounds by what they are made from: each is decoded once, while somebody needs it, and kept for a while. */
export class Sounds {
  readonly #clock: Clock;
  readonly #keepBytes: number;
  readonly #longest: number;
  /** In the order of their last use. */
  readonly #kept = new Map<string, SharedSound>();
  /** Too long to be kept, while somebody reads them. */
  readonly #passing = new Set<SharedSound>();

  constructor({ clock, keepBytes = 64_000_000, longestBytes = keepBytes / 8 }: SoundsOptions) {
    this.#clock = clock;
    this.#keepBytes = keepBytes;
    this.#longest = longestBytes;
  }

  /** Bytes of decoded sound in memory. */
  get bytes(): number {
    return [...this.#kept.values(), ...this.#passing].reduce((sum, each) => sum + each.bytes, 0);
  }

  /** A reader of the sound by this name; whoever asks first opens it. */
  async read(key: string, open: () => Promise<Opening>): Promise<SoundReader> {
    const known = this.#kept.get(key);
    if (known?.canBeJoined(this.#clock.now())) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.reader();
    }
    const fresh = new SharedSound({
      open,
      now: () => this.#clock.now(),
      longest: this.#longest,
      onLong: () => this.#pass(key, fresh),
      onGone: () => this.#drop(key, fresh),
    });
    this.#kept.set(key, fresh);
    try {
      const reader = await fresh.reader();
      this.#makeRoom();
      return reader;
    } catch (error) {
      this.#drop(key, fresh);
      throw error;
    }
  }

  /** Forgets all; those who read go on. */
  close(): void {
    this.#kept.clear();
  }

  #drop(key: string, sound: SharedSound): void {
    this.#passing.delete(sound);
    if (this.#kept.get(key) === sound) this.#kept.delete(key);
  }

  #pass(key: string, sound: SharedSound): void {
    this.#drop(key, sound);
    this.#passing.add(sound);
  }

  #makeRoom(): void {
    let bytes = this.bytes;
    for (const [key, sound] of this.#kept) {
      if (bytes <= this.#keepBytes) return;
      if (sound.isRead) continue;
      bytes -= sound.bytes;
      this.#kept.delete(key);
    }
  }
}

interface SharedOptions {
  readonly open: () => Promise<Opening>;
  readonly now: () => number;
  readonly longest: number;
  /** It is too long to be kept. */
  readonly onLong: () => void;
  /** It cannot be read any more. */
  readonly onGone: () => void;
}

/** The same sound at a lower rate, piece by piece beside it: what a thousand listeners of a narrow room would else each make for themselves. */
class Narrowed {
  readonly pieces: Int16Array[];
  readonly #convert: SampleRate;
  readonly #from: FeedRate;

  constructor(pieces: readonly Int16Array[], { from, to }: { readonly from: FeedRate; readonly to: FeedRate }) {
    this.#convert = new SampleRate(to);
    this.#from = from;
    this.pieces = pieces.map((each) => this.#convert.process(each, from));
  }

  push(piece: Int16Array): void {
    this.pieces.push(this.#convert.process(piece, this.#from));
  }

  /** Nothing more comes: what the filter held back is a piece of its own. */
  end(): void {
    this.pieces.push(this.#convert.flush());
  }
}

/** One sound, decoded as far as its fastest reader is. */
class SharedSound {
  bytes = 0;
  readonly #options: SharedOptions;
  readonly #opened: Promise<void>;
  #source: SoundSource | undefined;
  #freshUntil = Number.POSITIVE_INFINITY;
  #rate: FeedRate = 48_000;
  #convert: SampleRate | undefined;
  #gain = 1;
  /** Pieces from `#first` on. */
  #pieces: Int16Array[] = [];
  readonly #narrowed = new Map<FeedRate, Narrowed>();
  #first = 0;
  #hasEnded = false;
  #failure: unknown;
  #isLong = false;
  #more: Promise<void> | undefined;
  readonly #readers = new Set<{ at: number }>();

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#opened = this.#open();
  }

  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  canBeJoined(now: number): boolean {
    return !this.#isLong && this.#failure === undefined && now < this.#freshUntil && (this.#hasEnded || this.isRead);
  }

  async reader(): Promise<SoundReader> {
    const place = { at: 0 };
    this.#readers.add(place);
    const close = (): void => {
      if (this.#readers.delete(place)) this.#left();
    };
    try {
      await this.#opened;
    } catch (error) {
      close();
      throw error;
    }
    const next = async (most: FeedRate = this.#rate): Promise<Piece | undefined> => {
      if (!this.#readers.has(place)) return undefined;
      while (place.at >= this.#first + this.#pieces.length && !this.#hasEnded) await this.#decodeMore();
      const rate = most < this.#rate ? most : this.#rate;
      const samples = this.#piecesAt(rate)[place.at - this.#first];
      if (samples === undefined && this.#failure !== undefined) throw this.#failure;
      place.at += 1;
      if (this.#isLong) this.#forget();
      return samples && { rate, samples };
    };
    return { next, close };
  }

  #piecesAt(rate: FeedRate): readonly Int16Array[] {
    if (rate === this.#rate) return this.#pieces;
    let narrowed = this.#narrowed.get(rate);
    if (narrowed === undefined) {
      narrowed = new Narrowed(this.#pieces, { from: this.#rate, to: rate });
      if (this.#hasEnded) narrowed.end();
      this.#narrowed.set(rate, narrowed);
      this.bytes += bytesOf(narrowed.pieces);
    }
    return narrowed.pieces;
  }

  /** Opens it and listens to the beginning. */
  async #open(): Promise<void> {
    const { source, freshMs } = await this.#options.open();
    this.#source = source;
    if (freshMs !== undefined) this.#freshUntil = this.#options.now() + freshMs;
    this.#rate = feedRateFor(source.rate);
    this.#convert = new SampleRate(this.#rate);
    const loudness = new Loudness(this.#rate);
    const until = this.#options.now() + PATIENCE_MS;
    for (let heard = 0; heard < (LISTEN_MS * this.#rate) / 1000 && !this.#hasEnded && this.#options.now() < until; ) {
      const before = this.#pieces.length;
      await this.#decode();
      for (const piece of this.#pieces.slice(before)) {
        loudness.push(piece);
        heard += piece.length;
      }
    }
    if (this.#pieces.length === 0 && this.#hasEnded) throw this.#failure ?? unplayable('it has no sound');
    this.#gain = loudness.gain;
    for (const piece of this.#pieces) amplify(piece, this.#gain);
  }

  /** One piece more, whoever wants it. */
  #decodeMore(): Promise<void> {
    this.#more ??= this.#decode().finally(() => {
      this.#more = undefined;
    });
    return this.#more;
  }

  async #decode(): Promise<void> {
    try {
      const samples = await this.#source?.next();
      if (samples !== undefined) return this.#keep(this.#convert!.process(samples, this.#source!.rate));
      this.#keep(this.#convert?.flush() ?? new Int16Array(0));
    } catch (error) {
      this.#keep(this.#convert?.flush() ?? new Int16Array(0));
      this.#failure = error;
    }
    this.#hasEnded = true;
    for (const each of this.#narrowed.values()) each.end();
    this.#source?.close();
  }

  #keep(samples: Int16Array): void {
    if (samples.length === 0) return;
    this.#pieces.push(amplify(samples, this.#gain));
    this.bytes += samples.byteLength;
    for (const each of this.#narrowed.values()) {
      each.push(samples);
      this.bytes += each.pieces.at(-1)!.byteLength;
    }
    if (this.#isLong || this.bytes <= this.#options.longest) return;
    this.#isLong = true;
    this.#options.onLong();
  }

  /** What the slowest reader has behind him is not needed any more. */
  #forget(): void {
    let slowest = this.#first + this.#pieces.length;
    for (const { at } of this.#readers) slowest = Math.min(slowest, at);
    for (; this.#first < slowest; this.#first++) {
      this.bytes -= this.#pieces.shift()?.byteLength ?? 0;
      for (const { pieces } of this.#narrowed.values()) this.bytes -= pieces.shift()?.byteLength ?? 0;
    }
  }

  /** A sound that is not decoded to its end and that nobody reads is let go. */
  #left(): void {
    if (this.isRead) return;
    if (this.#hasEnded && !this.#isLong) return;
    this.#hasEnded = true;
    this.#failure ??= new Error('nobody reads it any more');
    this.#source?.close();
    this.#pieces = [];
    this.#narrowed.clear();
    this.bytes = 0;
    this.#options.onGone();
  }
}

const bytesOf = (pieces: readonly Int16Array[]): number => pieces.reduce((sum, each) => sum + each.byteLength, 0);
