import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, LegId, Source } from '../conference/index.ts';

/** What is to be heard of a room: what most hear, what each one adds to it, what one of them does, or one of them both ways. */
export type TapWhat = 'mix' | 'legs' | { readonly leg: LegId } | { readonly call: LegId } | StreamEar;

/** What a stream hears by the hearing plan: one sum without itself, or `apart` everybody whom it hears, each with the gain that he has for it. */
export interface StreamEar {
  readonly stream: LegId;
  readonly apart: boolean;
}

/** What a tap is opened with. */
export interface TapRequest {
  readonly what: TapWhat;
  /** Bytes of the ring, rounded up to a power of two. Default 512 kB: a second and a half of three talkers at 48 kHz, ten times that at 8 kHz. */
  readonly bytes?: number;
  /**
   * For whoever reads in another worker: called with the memory of each life of the room, for `new TapReader(memory)` there. Whoever takes it must
   * not read by `Tap.read` or `Tap.items`, for a ring has one reader.
   */
  readonly onMemory?: (memory: SharedArrayBuffer) => void;
}

/**
 * What a tap tells, in the order in which it happened. `index` is the room's clock: ticks of 20 ms since the room got its first leg; it goes on
 * while the machine stands still. `lost` frames before this item were not read in time; no other item than the one behind a gap has more than 0.
 */
export type TapItem = { readonly index: number; readonly lost: number } & (
  | TapFrame
  /** The tap is on the room since this tick, which was at `epoch` ms since 1970. */
  | { readonly type: 'began'; readonly epoch: number }
  | { readonly type: 'came' | 'left'; readonly source: Source }
  /** Nothing is to be heard of it from this tick on, until its next frame. */
  | { readonly type: 'silent'; readonly source: Source | null }
  /** Everything of this tick has been told; a tick of which something was lost has none. */
  | { readonly type: 'tick' }
  /** The room has lost its last leg, or its thread. When it lives again, `index` begins anew. */
  | { readonly type: 'ended' }
);

/** 20 ms of sound. A stem is what its source adds to the room's sum: levelled, with its gain, at the room's rate; muted is silent. */
export interface TapFrame {
  readonly type: 'frame';
  /** Null: the mix. */
  readonly source: Source | null;
  /** Hz; changes with the room's. */
  readonly rate: number;
  readonly samples: Int16Array;
  /** A voice, not only noise. */
  readonly talking: boolean;
  /** Made up in place of what did not come in time. */
  readonly concealed: boolean;
}

/** The door for everything that listens to a room without being in it. A tap outlives the lives of its room. */
export interface Tap {
  /** What came since the last read, at most so many items; never waits. */
  read(most?: number): TapItem[];
  /** The same as it comes, looked for every 20 ms; ends when the tap is closed. */
  items(): AsyncIterable<TapItem>;
  /** Frames that were lost because they were not read in time. */
  readonly lost: number;
  close(): void;
}

/** What a feed is opened with. */
export interface FeedRequest {
  /** By this name it is a source of hearing plans. */
  readonly source: Exclude<Source, { readonly kind: 'leg' }>;
  /** Bytes of the ring, rounded up to a power of two. Default 128 kB: more than a second at 48 kHz. */
  readonly bytes?: number;
}

/**
 * A speaker without a socket. What is written waits for the room's first leg, is played from then on, brought to the room's rate but not levelled;
 * when nothing is there, it is silent. A feed ends with its room.
 */
export interface Feed {
  /** For whoever writes in another worker, by `new FeedWriter(memory)`; a ring has one writer. */
  readonly memory: SharedArrayBuffer;
  /** Hz at which the room mixes now: more is of no use to it. Undefined until its thread has seen the feed. */
  readonly roomRate: 8000 | 16_000 | 48_000 | undefined;
  /** Samples at this rate that `write` would take now. */
  space(rate: 8000 | 16_000 | 48_000): number;
  /** Gives how many were taken. Less than 20 ms waits for more, or for the end. */
  write(samples: Int16Array, rate: 8000 | 16_000 | 48_000): number;
  /** Nothing more will be written; what was is played. */
  end(): void;
  /** ms that were written and not played yet. */
  readonly waiting: number;
  /** Ticks in which there was nothing to play between the first frame and the end. */
  readonly starved: number;
  /** Forgets what was not played. */
  close(): void;
}

/** What a stream is opened with. */
export interface StreamRequest {
  /** By this name it is a source (`stream`) and a listener of hearing plans. */
  readonly leg: LegId;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Everybody apart, and not their sum. */
  readonly apart: boolean;
  /** Hz of what it can hear: the room is mixed at no less, as with a telephone of this rate. */
  readonly rate: 8000 | 16_000 | 48_000;
}

/** A leg without a socket: it hears and is heard by the plan, keeps its room alive, counts as a leg, and its levels are told as theirs are. */
export interface Stream {
  /** What it hears. It has one life, as the room cannot end before the stream, except with its thread. */
  readonly tap: Tap;
  /** What it says. */
  readonly feed: Feed;
  /** Idempotent. */
  close(): void;
}
