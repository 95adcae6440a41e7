export { type Access, accessOf, guarded, mustHave, notYours } from './access.ts';
export type { Announcement, AnnouncementKind } from './announcing/announcement.ts';
export { languageOf, noticesRecording, profileSound, soundOf } from './announcing/caller-sounds.ts';
export type { Archive, RecordedPerson, RecordingEnd, RecordingFile, RecordingQuery, RecordingRecord, RecordingState } from './archive.ts';
export { type AwaitedRecording, awaitedRecording } from './awaited.ts';
export type { CallHappening, CallTrace, CallTraces, TracedHappening, TracedMessage, TraceEnd } from './call-trace.ts';
export type { CallHistory, Cdr, CdrConsent, CdrQuery } from './cdr.ts';
export type { Attendance, Chronicle, ChronicleEntry, ChronicleKind, ChronicleQuery, TranscriptionEntry } from './chronicle.ts';
export type {
  Actor,
  AtOnce,
  CommandName,
  Commands,
  ConferenceView,
  Destination,
  Execute,
  FactsPage,
  InLobby,
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
  Consent,
  ConsentBy,
  LegId,
  Music,
  MuteReason,
  Participant,
  ParticipantId,
  Relationship,
  Role,
  Room,
  RoomSet,
  StreamDirection,
  Waiting,
} from './conference.ts';
export { Conferences, type ConferencesOptions } from './conferences.ts';
export { deadline, roomEnd } from './deadline.ts';
export { type Defaults, noDefaults } from './defaults.ts';
export type { DialFlags } from './dial-flags.ts';
export {
  type BadEndpoint,
  type CallerId,
  type DialEndpoint,
  type Dialling,
  type DialOrder,
  type DialOutcome,
  type DialRequest,
  type DialTarget,
  type DialWay,
  outboundCall,
  type Resolved,
} from './dialling.ts';
export { EntryDesk, type EntryDeskOptions, type Names } from './entry/desk.ts';
export type { Guest, Invited, Visitor } from './entry/entry-plan.ts';
export type { Invitation, InvitationPin } from './entry/invitation.ts';
export { type InvitationText, invitationText } from './entry/invitation-text.ts';
export { Invitations, type InvitationWish } from './entry/invitations.ts';
export { enteringAs } from './entry/invited.ts';
export { keepLockouts } from './entry/lockout-documents.ts';
export { type EntryDoors, type LockedOut, Lockouts } from './entry/lockouts.ts';
export type { EntryStage } from './entry/stage.ts';
export { bodyWithoutCaller, ERASED, type Traces, tracesOf, withoutCaller } from './erasing.ts';
export { explain, hearsBy } from './explain.ts';
export type { ExplainNeeds, Finding, FindingCode, LegFacts } from './explain-values.ts';
export type { AccountFact, Fact, Happening, SoundHappening } from './facts.ts';
export { LONGEST_TALK } from './flow/actions/play.ts';
export { recordingWish } from './flow/actions/recording.ts';
export { transcribingWish } from './flow/actions/transcribing.ts';
export { type AttendedTransfer, transferAttended } from './flow/attended.ts';
export { actionTypes, checkActions } from './flow/check-actions.ts';
export type { Comings } from './flow/coming.ts';
export type { CallRecordingWish, CallTranscribingWish } from './flow/companions.ts';
export { type Errand, type ErrandChange, type ErrandReference, Errands, type ErrandWish } from './flow/errands.ts';
export { type CallflowCall, callflowModules, fromCallflow } from './flow/from-callflow.ts';
export { endLeftTranscriptions } from './flow/left-transcriptions.ts';
export type { HeardLine, Line } from './flow/line.ts';
export { Lobbies } from './flow/lobbies.ts';
export { lobbyOf } from './flow/lobby.ts';
export type { LobbyNeeds } from './flow/open-lobby.ts';
export {
  type CallStatus,
  type CallWish,
  callOfRun,
  type MuteDirection,
  type PhoneCall,
  type PhoneCalls,
  type RunView,
  runOf,
  type SpokenText,
} from './flow/phone-calls.ts';
export type { Action, FlowPlan, RunHook } from './flow/plan.ts';
export type { Dialled, ExternalMedia, ExternalMediaWish, Keys, Numbers, RecordingScribe, Web, WebRequest } from './flow/ports.ts';
export { fold, type Live, live } from './fold.ts';
export { gainOfLevel } from './gains.ts';
export { type HearingPlan, hearingPlan, type Source } from './hearing-plan.ts';
export { factPages } from './history.ts';
export type { Entry, Journal, JournalOf } from './journal.ts';
export type { Erased, Erasing, Forgetting, Forgotten, Keeping } from './keeping.ts';
export { ACTIONS as KEYPAD_ACTIONS, type Control, type KeypadAction, type KeypadMap } from './keypad/actions.ts';
export { type CardKey, type KeypadCard, keypadCard, keypadText } from './keypad/card.ts';
export { type ControlsFault, controlsFaults, keypadOf } from './keypad/controls.ts';
export type { Interim, LiveSound } from './live-levels.ts';
export type { LiveSpeech, Speech } from './live-speech.ts';
export type {
  MediaDocument,
  MediaDocuments,
  MediaId,
  MediaLibrary,
  SoundFile,
  UploadedSound,
} from './media-documents.ts';
export type { PlayEnd, Playing, PlayingId, PlaySource, Saying } from './playing.ts';
export type {
  CallRecord,
  CallRecords,
  ConferenceCut,
  Diary,
  Events,
  Media,
  Opening,
  Place,
  Player,
  Recorder,
  RoomOf,
  Scribe,
  Store,
  Streams,
  Telephony,
} from './ports.ts';
export { type FormPrompt, HOLD_MUSIC, PROMPT_LANGUAGES, PROMPT_NAMES, type PromptName, prompt } from './prompts.ts';
export type { LeaveReason, Refusal } from './reasons.ts';
export type { Recording, RecordingId, RecordingOutcome } from './recording.ts';
export type { ByteRange, FileOf, OldRecordings, OpenedFile, Peaks, Recordings } from './recordings.ts';
export { noTranscriber } from './refusals.ts';
export { type Report, type ReportPerson, type ReportRecording, type ReportTranscription, RunReport, runsOf } from './report.ts';
export { callerOf, callerSet, limitOf } from './room-set.ts';
export { allNumbers, domainOf, roleOfNumber, type Settings, settings, settingsOf } from './settings.ts';
export { type InterimSignal, isSpeech, type Signal, type SpeechSignal, type TalkSignal } from './signals.ts';
export { liveThen, type Moment, type PersonThen, type RelationshipThen, type StateThen, stateAt } from './state-at.ts';
export type { RoomTalk, TalkShare } from './talk-time.ts';
export { type ConferenceType, keptPrivately, type Terms, termsOf, usualTerms, withTerms } from './terms.ts';
export type { Transcription, TranscriptionEnd, TranscriptionId, Utterance, UtteranceSpeaker } from './transcription.ts';
export type { TranscriptQuery, TranscriptRecord, Transcripts } from './transcripts.ts';
