import type { AccountId } from '../accounts/index.ts';
import type { Closable } from '../base/index.ts';
import type { ConferenceId, Entry, Events, Signal } from '../conference/index.ts';

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

/** Carries facts and signals to whoever follows, in one process. */
export interface Bus extends Events, Closable {
  /** Refuses with not-found/position_forgotten when `after` lies before what retention has left. */
  follow(options: FollowOptions): Promise<Following>;
  /** Resolves when the cursor is known; `close` of what it gives waits for the take that runs. */
  consume(consumer: Consumer): Promise<Closable>;
}
