import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId } from './conference.ts';
import type { AccountFact, Fact } from './facts.ts';

/** One fact at its place in the one journal of the whole store. Positions rise in the order in which facts became durable; there may be gaps between them. */
export interface Entry {
  readonly position: number;
  readonly fact: Fact | AccountFact;
}

/** Whose entries. An absent account means all of them. */
export interface JournalOf {
  readonly account?: AccountId;
  readonly conference?: ConferenceId;
}

/** Every fact in one order. It is also the outbox: whoever must deliver each fact follows it with a cursor of his own. */
export interface Journal {
  /** Entries after this position, in order, at most `limit`; only such as survive a power cut, and none that a later read could still put before them. */
  read(after: number, limit: number, of?: JournalOf): Promise<readonly Entry[]>;
  /** The position of the newest durable entry; 0 when there never was one. */
  last(): Promise<number>;
  /** Entries at or before this position may have been forgotten (retention), of this account or of any; 0 when none was. */
  forgottenTo(account?: AccountId): Promise<number>;
  /** How far the follower of this name has come. */
  cursor(name: string): Promise<number | undefined>;
  /** Durably. A cursor never goes back but by this. */
  moveCursor(name: string, position: number): Promise<void>;
  removeCursor(name: string): Promise<void>;
}
