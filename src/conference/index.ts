export type { Archive, RecordingEnd, RecordingFile, RecordingQuery, RecordingRecord, RecordingState } from './archive.ts';
export type { CallHistory, Cdr, CdrQuery } from './cdr.ts';
export type {
  Actor,
  CommandName,
  Commands,
  ConferenceView,
  Destination,
  Execute,
  FactsPage,
  Input,
  Level,
  Output,
  Which,
} from './commands.ts';
export type {
  Arrival,
  Call,
  CallId,
  Conference,
  ConferenceId,
  LegId,
  MuteReason,
  Participant,
  ParticipantId,
  Relationship,
  Role,
  Room,
} from './conference.ts';
export { Conferences, type ConferencesOptions } from './conferences.ts';
export { bodyWithoutCaller, ERASED, type Traces, tracesOf, withoutCaller } from './erasing.ts';
export type { AccountFact, Fact, Happening } from './facts.ts';
export { fold, type Live, live } from './fold.ts';
export { gainOfLevel } from './gains.ts';
export { type HearingPlan, hearingPlan, type Source } from './hearing-plan.ts';
export type { Entry, Journal, JournalOf } from './journal.ts';
export type { Erased, Erasing, Forgetting, Forgotten, Keeping } from './keeping.ts';
export type { LiveSound } from './live-levels.ts';
export type {
  MediaDocument,
  MediaDocuments,
  MediaId,
  MediaLibrary,
  SoundFile,
  UploadedSound,
} from './media-documents.ts';
export type { CallRecord, CallRecords, Events, Media, Store, Telephony } from './ports.ts';
export type { LeaveReason, Refusal } from './reasons.ts';
export { allNumbers, roleOfNumber, type Settings, settings } from './settings.ts';
export type { Signal } from './signals.ts';
export { liveThen, type Moment, type PersonThen, type RelationshipThen, type StateThen, stateAt } from './state-at.ts';
