import type { AccountId } from '../accounts/index.ts';
import type { Json } from '../base/index.ts';
import type { RecordingEnd } from './archive.ts';
import type { AwaitedRecording } from './awaited.ts';
import type { Call, CallId, Conference, ConferenceId, LegId, Participant } from './conference.ts';
import type { DialRequest } from './dialling.ts';
import type { EntryStage } from './entry/stage.ts';
import type { Fact, Happening } from './facts.ts';
import type { HearingPlan } from './hearing-plan.ts';
import type { Playing, PlayingId, PlaySource } from './playing.ts';
import type { LeaveReason } from './reasons.ts';
import type { Recording, RecordingId } from './recording.ts';
import type { Signal } from './signals.ts';
import type { Transcription, TranscriptionId } from './transcription.ts';

/** Which part of a list of conferences is meant, in the order of their ids. */
export interface ConferenceCut {
  /** Default down. */
  readonly order?: 'up' | 'down';
  /** The id that the list begins with, whether there is such a one or not. */
  readonly from?: ConferenceId;
  /** At most so many, from 1. */
  readonly limit?: number;
  /** Newest first by when they were made, of these only such as were made before (epoch ms): `order` and `from` are not asked then. */
  readonly madeBefore?: number;
}

/** What the domain needs from outside. Outer rooms implement these; the domain imports none of them. */
export interface Store {
  /** Also finds deleted ones; whoever asks looks at `deletedAt`. */
  load(account: AccountId, id: ConferenceId): Promise<Conference | undefined>;
  /** Those that are not deleted, all of them where nobody says otherwise. */
  list(account: AccountId, cut?: ConferenceCut): Promise<readonly Conference[]>;
  /** All, of every account, that have a room: what a crash left open. */
  running(): Promise<readonly Conference[]>;
  /** All, of every account, in which something waits for time (`deadline`), and when: epoch ms. */
  timed(): Promise<readonly { readonly account: AccountId; readonly id: ConferenceId; readonly at: number }[]>;
  /** The accounts that have an undeleted conference of this id, in order. */
  accountsOf(id: ConferenceId): Promise<readonly AccountId[]>;
  /** The undeleted conferences that answer under this further SIP domain (`domainOf`), of every account, oldest first. */
  byDomain(domain: string): Promise<readonly { readonly account: AccountId; readonly id: ConferenceId }[]>;
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
  /** Facts with a sequence above `after`, in order; the first so many of them, all where nobody says otherwise. */
  facts(account: AccountId, id: ConferenceId, after: number, limit?: number): Promise<readonly Fact[]>;
  /** The number of the last fact that is not later than this (epoch ms); 0: there is none. */
  sequenceAt(account: AccountId, id: ConferenceId, at: number): Promise<number>;
  /** The last opening of the room whose number is not above `until`; undefined: none is kept. */
  opening(account: AccountId, id: ConferenceId, until: number): Promise<Opening | undefined>;
}

/** Where a past can begin to be told: nobody was in, and nothing held but perhaps a lock. */
export interface Opening {
  /** Of the fact `room.opened`. */
  readonly opened: Fact;
  /** The last fact about the lock before it; undefined: none is kept. */
  readonly lock: Fact | undefined;
}

/** Keeps what happens to a call by itself, wherever it is: that it is recorded, and what is written down of it. */
export interface Diary {
  /** Numbers these behind what is kept of the place already, and keeps them durably, as `Store.save` keeps facts. Gives the facts. */
  note(
    of: { readonly account: AccountId; readonly place: ConferenceId; readonly at: number },
    what: readonly Happening[],
  ): Promise<readonly Fact[]>;
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
  /** Presses keys at the far end of a leg; absent: they are not passed on. */
  sendDigits?(leg: LegId, digits: string): void;
}

/** Where a call is to be. */
export interface Place {
  /** A conference, or the call's own lobby. */
  readonly conference: ConferenceId;
  /** Who it is there; absent in a lobby. */
  readonly participant?: Participant;
  /** Why it left the place where it was. */
  readonly reason?: LeaveReason;
}

/** The signalling, as the domain sees it. Never awaited; outcomes come back as commands. */
export interface Telephony {
  answer(call: CallId): void;
  /** Its INVITE is told that it rings somewhere. */
  ring(call: CallId): void;
  /** `status`: what the INVITE of a call is answered with that was never answered otherwise. */
  hangUp(call: CallId, reason: LeaveReason, status?: number): void;
  /** Moves a call that is up to another place: its sound, and the conference that its commands are addressed to. One that is gone is ignored. */
  bring(call: CallId, place: Place): void;
  /** Sends a call that takes part on to what this means in the account; where that is nothing he hears so and stays. */
  transfer?(account: AccountId, call: CallId, target: string): void;
  /** Calls somebody into the conference in which this call takes part; who cannot be reached is told to it. */
  callIn?(account: AccountId, to: { readonly conference: ConferenceId; readonly call: CallId; readonly target: string }): void;
  /** How far a call is on its way into a conference, for a far end that can show it. */
  stage?(call: CallId, stage: EntryStage): void;
  /** Makes a call; `hangUp` cancels it. Its end comes as `call.ended`, with a refusal (codes `dial_…`) where nobody answered. */
  dial(request: DialRequest): void;
}

/** One run of the room of a conference. */
export interface RoomOf {
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** `Room.instance`. */
  readonly instance: string;
  /** Not the room is meant but this call, which is at `place` now; `conference` and `instance` are its lobby's id, wherever it is. */
  readonly followed?: { readonly call: Call; readonly place: ConferenceId };
}

/**
 * Records rooms. Nothing here is awaited and nothing may throw; outcomes come back as the commands `recording.ended` and `recording.gapped`.
 * Whatever is started is stopped by the domain, unless the recorder said by itself that it has ended.
 */
export interface Recorder {
  start(room: RoomOf, recording: Recording): void;
  pause(room: RoomOf, recording: RecordingId): void;
  resume(room: RoomOf, recording: RecordingId): void;
  stop(room: RoomOf, recording: RecordingId, reason: RecordingEnd): void;
  /** The call that is recorded is at another place now. */
  moved?(room: RoomOf, recording: RecordingId): void;
  /** It will begin when somebody comes; it is known from now on, and is not awaited any more (`false`) when nobody did in time. */
  awaits?(room: RoomOf, recording: AwaitedRecording, on: boolean): void;
}

/**
 * Plays into rooms: feeds the engine's source {kind: 'prompt', id: playing.id}, which the hearing plan names from then on until it ended. Nothing but `check` is
 * awaited and nothing but it may throw; the end comes back as the command `play.ended`, unless the domain stopped it.
 */
export interface Player {
  /** Asked before anything is stored: rejects with a Failure (not-found/media_not_found, details {id}; invalid/…) what can never be played. */
  check(account: AccountId, sources: readonly PlaySource[]): Promise<void>;
  start(room: RoomOf, playing: Playing): void;
  stop(room: RoomOf, playing: PlayingId): void;
}

/** Writes down what is said, one stream per participant. As `Recorder`; outcomes are `transcript.add`, `transcription.ended`, `Conferences.interim` and `Conferences.speech`. */
export interface Scribe {
  /** Asked before anything is stored: rejects with a Failure a language that it does not know. Undefined: the provider's own. Gives the one it will be. */
  check(account: AccountId, language: string | undefined): Promise<string>;
  start(room: RoomOf, transcription: Transcription): void;
  /** What is under way is still recognised and added. */
  stop(room: RoomOf, transcription: TranscriptionId): void;
  /** The call that is written down is at another place now. */
  moved?(room: RoomOf, transcription: TranscriptionId): void;
}

/** Programs that take part. Never awaited; the end comes back as the command `stream.closed`. */
export interface Streams {
  /** Somebody removed it: say so to the program and let go. Unknown ones are ignored. */
  letGo(stream: CallId, reason: LeaveReason): void;
  /** A call is at another place: programs that are there for it alone go along. */
  moved?(call: CallId, place: ConferenceId): void;
  /** A call is gone, and with it those programs. */
  over?(call: CallId): void;
}
