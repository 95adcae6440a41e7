import type { AccountId } from '../accounts/index.ts';
import type { Json } from '../base/index.ts';
import type { CallId, Conference, ConferenceId } from './conference.ts';
import type { Fact } from './facts.ts';
import type { HearingPlan } from './hearing-plan.ts';
import type { LeaveReason } from './reasons.ts';
import type { Signal } from './signals.ts';

/** What the domain needs from outside. Outer rooms implement these; the domain imports none of them. */
export interface Store {
  /** Also finds deleted ones; whoever asks looks at `deletedAt`. */
  load(account: AccountId, id: ConferenceId): Promise<Conference | undefined>;
  /** All that are not deleted, id descending. */
  list(account: AccountId): Promise<readonly Conference[]>;
  /** All, of every account, that have a room: what a crash left open. */
  running(): Promise<readonly Conference[]>;
  /** The accounts that have an undeleted conference of this id, in order. */
  accountsOf(id: ConferenceId): Promise<readonly AccountId[]>;
  /** The conferences of the account that claim this number and are not deleted (at most one by construction). */
  findByNumber(account: AccountId, number: string): Promise<ConferenceId | undefined>;
  /**
   * Keeps the conference and its new facts in one transaction, durably.
   * `fence` is the owner's token: a smaller one than stored is refused with unavailable/fenced.
   * Numbers (`settings(document)`) are unique per account among the undeleted: conflict/numbers_taken, details {numbers: string[]}.
   */
  save(conference: Conference, facts: readonly Fact[], fence: number): Promise<void>;
  /** Forgets the conference; its facts stay. */
  remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void>;
  /** Facts with a sequence above `after`, in order. */
  facts(account: AccountId, id: ConferenceId, after: number): Promise<readonly Fact[]>;
}

/** One call as it must survive a crash: plain values, secrets in them are sealed by the store. */
export interface CallRecord {
  readonly id: CallId;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Call-ID, tags, CSeqs, route set, remote target, SDP: `calls` knows its shape. */
  readonly dialog: Json;
  /** Local port, remote, SSRC, sequence, timestamp, codec, keys: `media` knows its shape. */
  readonly leg: Json;
}

/** Keeps calls beside the conferences. */
export interface CallRecords {
  put(record: CallRecord): Promise<void>;
  remove(id: CallId): Promise<void>;
  all(): Promise<readonly CallRecord[]>;
}

/** Hands stored facts, and signals, to whoever follows. Delivery is not awaited. */
export interface Events {
  publish(facts: readonly Fact[]): void;
  signal(signal: Signal): void;
}

/** The engine, as the domain sees it. */
export interface Media {
  /** From now on these hear each other so. An empty plan closes the mix. */
  hear(account: AccountId, conference: ConferenceId, plan: HearingPlan): void;
}

/** The signalling, as the domain sees it. Never awaited; outcomes come back as commands. */
export interface Telephony {
  answer(call: CallId): void;
  hangUp(call: CallId, reason: LeaveReason): void;
}
