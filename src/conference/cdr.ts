import type { AccountId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { CallId, ConferenceId, ParticipantId, Role } from './conference.ts';
import type { LeaveReason } from './reasons.ts';
import type { RecordingId } from './recording.ts';

/** What somebody said to being in a recording; `asked`: nothing until he was gone. */
export interface CdrConsent {
  readonly recording: RecordingId;
  readonly state: 'asked' | 'given' | 'refused';
}

/** Call detail record: one leg from its first message to its end, also of one that was refused. Times are epoch ms. */
export interface Cdr {
  readonly id: CallId;
  readonly account: AccountId;
  /** Absent: the call was refused before it was known where it wants to go. */
  readonly conference?: ConferenceId;
  /** Absent: nobody became a participant through it. */
  readonly participant?: ParticipantId;
  readonly role?: Role;
  readonly direction: 'inbound' | 'outbound';
  readonly sipCallId: string;
  readonly callerName: string;
  readonly callerNumber: string;
  /** The user part that was dialled. */
  readonly calledNumber: string;
  readonly startedAt: number;
  /** Absent: it was never answered. */
  readonly answeredAt?: number;
  readonly endedAt: number;
  readonly reason: LeaveReason;
  /** The final SIP status of the INVITE; 200 for an answered call. */
  readonly sipStatus: number;
  /** Q.850 cause; 16 is normal clearing. */
  readonly cause: number;
  readonly codec?: string;
  /** Packets, losses, jitter, round trip, MOS, as `engine.md` 7 names them; absent without media. */
  readonly quality?: JsonObject;
  /** What the signalling truly knew (`Call.channelVars`). */
  readonly channelVars: Readonly<Record<string, string>>;
  /** What whoever dialled gave along (`Call.applicationVars`). */
  readonly applicationVars?: Readonly<Record<string, string>>;
  /** Of each recording that asked him whether he agrees (`recording_consent`), what he said last; absent: he was never asked. */
  readonly consents?: readonly CdrConsent[];
  /**
   * It stands for several refused calls, because there were too many to keep each: how many, and from which address or network they came (absent: several).
   * Everything else is what they had in common; status and cause are those of the first.
   */
  readonly refusals?: { readonly calls: number; readonly source?: string };
}

/** Which records. `before` and `limit` page: newest first by (time, id), where the time is the one that `by` names. */
export interface CdrQuery {
  readonly account: AccountId;
  readonly conference?: ConferenceId;
  /** Whether the query goes by `startedAt` or by `endedAt`: who asks again and again misses no long call by its end. Default start. */
  readonly by?: 'start' | 'end';
  /** Epoch ms, inclusive. */
  readonly from?: number;
  /** Epoch ms, exclusive. */
  readonly to?: number;
  readonly before?: { readonly at: number; readonly id: CallId };
  readonly limit: number;
}

/** Keeps call detail records. */
export interface CallHistory {
  /** Keeps it and its entry `call.recorded` in the journal, durably and together. A second record of the same id is ignored. */
  add(cdr: Cdr): Promise<void>;
  list(query: CdrQuery): Promise<readonly Cdr[]>;
  cdr(account: AccountId, id: CallId): Promise<Cdr | undefined>;
  /** Seconds of answered calls of the account that ended at or after `since` (epoch ms), each call rounded up to full seconds. */
  secondsSince(account: AccountId, since: number): Promise<number>;
}
