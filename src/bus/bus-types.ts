import type { AccountId } from '../accounts/index.ts';
import type { Clock, Closable, Failure, Log } from '../base/index.ts';
import type { ConferenceId, Entry, Events, Journal, Signal } from '../conference/index.ts';

/** What a follower gets: a fact at its place in the journal, or a signal. */
export type Item = { readonly kind: 'fact'; readonly entry: Entry } | { readonly kind: 'signal'; readonly signal: Signal };

/** What somebody wants to follow. */
export interface FollowOptions {
  /** Absent: every account. */
  readonly account?: AccountId;
  readonly conference?: ConferenceId;
  /** Begin after this position of the journal: what is stored since then comes first, without gap and without double. Absent: from now on. */
  readonly after?: number;
  /** Also signals, as long as they are live. Default true. */
  readonly signals?: boolean;
  /** Called in order; must not throw and must not wait. A follower that cannot take more closes itself and comes back with `after`. */
  readonly take: (item: Item) => void;
  /** Called once when what was asked for is taken in and only live items follow: the position up to which all was told. */
  readonly caughtUp?: (position: number) => void;
  /** Awaited before each page of what lies between, so that a long replay goes no faster than its reader. Must not reject. */
  readonly pace?: () => Promise<void>;
  /** Called once when it ends by itself: retention has overtaken it (not-found/position_forgotten), or its `take` threw. */
  readonly ended?: (why: Failure | undefined) => void;
}

/** Somebody who follows; `close` ends it, nothing comes afterwards. */
export interface Following {
  close(): void;
}

/** A follower who must get every fact at least once, also after a crash: his cursor is kept in the journal. */
export interface Consumer {
  /** The cursor's name; one consumer per name. */
  readonly name: string;
  /** Entries in order, at most `batch` (default 100). When the promise resolves the cursor moves; when it rejects the same entries come again, after 1, 2, 4 … 60 s. */
  readonly take: (entries: readonly Entry[]) => Promise<void>;
  readonly batch?: number;
  /** Where a consumer that was never here begins. Default: now. */
  readonly from?: 'start' | 'now';
}

/** For the metrics. */
export interface BusCounts {
  readonly followers: number;
  /** `lag`: positions between what was taken and the newest known; gaps are counted, so it may be less entries. */
  readonly consumers: readonly { readonly name: string; readonly lag: number; readonly failures: number }[];
  /** Reads of the journal, and moves of cursors, that failed and were tried again. */
  readonly readErrors: number;
  /** Signals that went to nobody because too many waited. */
  readonly droppedSignals: number;
}

/** What `openBus` needs. */
export interface BusOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  /** ms between looks for what others store in the same journal. Absent: nobody else does. */
  readonly pollMs?: number;
}

/** Carries facts and signals to whoever follows, in one process. `publish` of an empty list also looks for what is new. */
export interface Bus extends Events, Closable {
  /** Refuses with not-found/position_forgotten when `after` lies before what retention has left, with not-found/position_unknown when it was never given. */
  follow(options: FollowOptions): Promise<Following>;
  /** Resolves when the cursor is known; `close` of what it gives waits for the take that runs. */
  consume(consumer: Consumer): Promise<Closable>;
  counts(): BusCounts;
}
