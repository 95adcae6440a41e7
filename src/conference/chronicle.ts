import type { AccountId } from '../accounts/index.ts';
import type { CallId, ConferenceId } from './ids.ts';
import type { LeaveReason } from './reasons.ts';
import type { Transcription, TranscriptionEnd } from './transcription.ts';

/** What every entry of the chronicle has. */
interface Entry {
  /** 32 hex digits: of the participant, or of the transcription. */
  readonly id: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** Epoch ms at which it began, and of its last change. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** Epoch ms; absent: it goes on. */
  readonly endedAt?: number;
}

/** That somebody took part. VoIPBIN's conferencecall. */
export interface Attendance extends Entry {
  readonly kind: 'attendance';
  readonly call: CallId;
  /** It is on its way in. */
  readonly joining?: true;
  /** It was no telephone but a program. */
  readonly stream?: true;
  /** It was a chat of that service. */
  readonly chat?: 'line';
  readonly reason?: LeaveReason;
}

/** That it was written down what was said. VoIPBIN's transcribe of a conference. */
export interface TranscriptionEntry extends Entry {
  readonly kind: 'transcription';
  readonly language: string;
  /** As of `Transcription`. */
  readonly call?: CallId;
  readonly direction?: 'in' | 'out' | 'both';
  readonly recording?: Transcription['recording'];
  readonly onEnd?: string;
  readonly reason?: TranscriptionEnd;
}

export type ChronicleEntry = Attendance | TranscriptionEntry;
export type ChronicleKind = ChronicleEntry['kind'];

/** Which entries; newest first by (startedAt, id). */
export interface ChronicleQuery<Kind extends ChronicleKind = ChronicleKind> {
  readonly account: AccountId;
  readonly kind: Kind;
  readonly conference?: ConferenceId;
  /** Only those before this one. */
  readonly before?: { readonly at: number; readonly id: string };
  readonly limit: number;
}

/** What began and ended in conferences, kept with the facts that told of it (`Store.save`) and for good: numbers and names of callers are not in it. */
export interface Chronicle {
  list<Kind extends ChronicleKind>(query: ChronicleQuery<Kind>): Promise<readonly (ChronicleEntry & { readonly kind: Kind })[]>;
  find<Kind extends ChronicleKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): Promise<(ChronicleEntry & { readonly kind: Kind }) | undefined>;
  /** What is being written down in all accounts, in no order: asked for once, at the start of a server. */
  unfinished(): Promise<readonly TranscriptionEntry[]>;
  /** Forgets one that is over. Nothing happens where there is none. */
  remove(account: AccountId, kind: ChronicleKind, id: string): Promise<void>;
}
