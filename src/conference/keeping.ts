import type { AccountId } from '../accounts/index.ts';

/** What is old enough to be forgotten. Times are epoch ms; an absent one means: nothing of that sort. */
export interface Forgetting {
  /** Absent: of every account. */
  readonly account?: AccountId;
  /** Facts that happened before this time. */
  readonly factsBefore?: number;
  /** Records of calls that ended before this time. */
  readonly cdrsBefore?: number;
  /** Messages to webhooks that were delivered or given up before this time; pending ones stay. */
  readonly deliveriesBefore?: number;
  /** Transcripts of what was said before this time. */
  readonly transcriptsBefore?: number;
}

/** How many rows were forgotten. */
export interface Forgotten {
  readonly facts: number;
  readonly cdrs: number;
  readonly deliveries: number;
  /** Absent: none. */
  readonly transcripts?: number;
}

/** Whom to erase: everybody who called, or was called, under this number, spelled exactly as the records have it. */
export interface Erasing {
  readonly account: AccountId;
  readonly number: string;
}

/** What was erased: how many facts, records and messages named somebody of this number until now. */
export interface Erased {
  readonly facts: number;
  readonly cdrs: number;
  readonly deliveries: number;
  /** How often they said something that was written down; absent: never. */
  readonly transcripts?: number;
  /** How many calls of this number are in a room right now. What tells of them stays until they have left: ask again then. */
  readonly live: number;
}

/** Lets go of what must not be kept for ever. */
export interface Keeping {
  /**
   * Forgets what is old, in transactions of at most `limit` rows, so that nobody waits long for one. Facts go from the oldest on, per conference without a hole;
   * never such as a cursor has yet to pass, such as what is live now is told by (the open room, the lock in force), or the last one of a removed conference,
   * by which its id goes on counting. Raises `Journal.forgottenTo`.
   */
  forget(what: Forgetting, limit: number): Promise<Forgotten>;
  /**
   * Takes a caller's number, names, Call-IDs that carry the number, and channel variables, and what he said, out of facts, records, transcripts and messages. The word `erased` stands in their
   * place; numbers and positions stay as they are. Messages that are yet to be sent are rewritten the same way. Registrations are left: they are no history.
   */
  erase(whose: Erasing): Promise<Erased>;
}
