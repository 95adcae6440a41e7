import type { AccountId } from '../../accounts/index.ts';
import type { Call } from '../conference.ts';
import type { CallId, ConferenceId, ParticipantId } from '../ids.ts';
import type { LeaveReason, Refusal } from '../reasons.ts';
import type { RecordingId } from '../recording.ts';
import type { Transcription, TranscriptionId } from '../transcription.ts';
import type { CallRecordingWish, CallTranscribingWish } from './companions.ts';
import type { Action, FlowPlan, RunHook } from './plan.ts';

/** VoIPBIN's states of a call (voipbin-facts §2.6), forward only. */
export type CallStatus = 'dialing' | 'ringing' | 'progressing' | 'canceling' | 'terminating' | 'hangup';

/** Which way a call is silenced: what it says, what it hears. */
export type MuteDirection = 'in' | 'out' | 'both';

/** Somebody who is not in yet: what is to be done before is being done. */
export interface Joining {
  readonly id: ParticipantId;
  readonly conference: ConferenceId;
  /** Epoch ms. */
  readonly startedAt: number;
}

/** How far a run of a flow is. */
export interface RunView {
  /** The stored flow that it was made of. */
  readonly flow?: string;
  /** The action that has the call now. */
  readonly current?: Action;
  /** The conference that it is on its way into, and as whom. */
  readonly joining?: Joining;
  /** What was done, the oldest first; of many only the last. */
  readonly executed: readonly Action[];
}

/** A call that lives, or has ended not long ago; what is older is told by its `Cdr`. */
export interface PhoneCall {
  readonly id: CallId;
  readonly account: AccountId;
  readonly direction: 'inbound' | 'outbound';
  /** The call as conferences know it. */
  readonly call: Call;
  readonly status: CallStatus;
  /** Who calls, and whom. */
  readonly source: { readonly number: string; readonly name: string };
  readonly destination: { readonly number: string; readonly name: string };
  /** Epoch ms. */
  readonly startedAt: number;
  readonly changedAt: number;
  /** When the far end of a call of ours began to ring. */
  readonly rangAt?: number;
  readonly answeredAt?: number;
  readonly endedAt?: number;
  readonly reason?: LeaveReason;
  readonly refusal?: Refusal;
  /** It was us who ended it. */
  readonly byUs: boolean;
  /** For whom it was made. */
  readonly master?: CallId;
  /** Who is told of its run. */
  readonly hook?: RunHook;
  readonly muted: '' | MuteDirection;
  /** It is recorded by itself now, and everything that was. */
  readonly recording?: RecordingId | undefined;
  readonly recordings?: readonly RecordingId[];
  readonly run?: RunView;
}

/** A call that is to be made, and what happens to it once it is up. */
export interface CallWish {
  /** Absent: a fresh one. */
  readonly id?: CallId;
  readonly account: AccountId;
  /** A number, an extension, a SIP URI. */
  readonly target: string;
  readonly plan: FlowPlan;
  readonly source?: { readonly number?: string; readonly name?: string; readonly hidden?: boolean };
  readonly timeoutSeconds?: number;
  /** For whom it is made. */
  readonly master?: CallId;
}

/** Something to be spoken to a call. */
export interface SpokenText {
  readonly say: string;
  readonly language?: string;
  readonly voice?: string;
}

/** Something is said to a call, or waits to be. */
export interface Said {
  /** Resolves when that is over, or the call is elsewhere or gone. Absent: the conference in which it is tells of that (`play.ended`). */
  readonly ended?: Promise<void>;
}

/** Calls one by one, wherever they are. Refuses with not-found/call_not_found what does not live (any more) in the account. */
export interface PhoneCalls {
  /** Live ones and those that ended within the last minutes; newest first. */
  list(account: AccountId): readonly PhoneCall[];
  find(account: AccountId, id: CallId): PhoneCall | undefined;
  /** Refuses with what `Dialling.resolve` says of the target, denied/dialling_denied, limit/too_many_chained. */
  make(wish: CallWish): Promise<PhoneCall>;
  hangUp(account: AccountId, id: CallId): PhoneCall;
  /** Silences it, or lets it be heard and hear again. */
  mute(account: AccountId, id: CallId, wish: { readonly direction: MuteDirection; readonly on: boolean }): Promise<void>;
  /** It neither hears nor is heard. */
  hold(account: AccountId, id: CallId, on: boolean): Promise<void>;
  /** It hears nothing. */
  silence(account: AccountId, id: CallId, on: boolean): Promise<void>;
  /** It hears music. */
  music(account: AccountId, id: CallId, on: boolean): Promise<void>;
  /** A string: a sound. */
  talk(account: AccountId, id: CallId, text: SpokenText | string): Promise<Said>;
  /** Records what it says and hears, wherever it is. Refuses with conflict/call_not_up, recording_active, unavailable/no_recorder. */
  record(account: AccountId, id: CallId, wish: CallRecordingWish): Promise<PhoneCall>;
  /** Nothing happens where nothing is recorded. */
  stopRecording(account: AccountId, id: CallId): PhoneCall;
  /** Writes down what it says and hears. Refuses with conflict/call_not_up, transcription_active, unavailable/no_transcriber, invalid/language_not_recognised. */
  transcribe(account: AccountId, id: CallId, wish: CallTranscribingWish): Promise<Transcription>;
  stopTranscribing(account: AccountId, id: CallId, transcription?: TranscriptionId): Promise<void>;
  /** Writes down what was recorded of it so far, as soon as its files are whole. Refuses with unavailable/no_transcriber. */
  transcribeRecordings(account: AccountId, id: CallId, wish: CallTranscribingWish): Promise<void>;
  /** Takes a call that is up out of wherever it is; what is done to it there ends, and this is done instead. Refuses with conflict/call_not_up. */
  divert(account: AccountId, id: CallId, plan: FlowPlan): Promise<void>;
  /** The same, to whatever this number, id or SIP URI means in the account. Refuses with not-found/number_not_found what means nothing. */
  transfer(account: AccountId, id: CallId, target: string): Promise<void>;
  /** Tells of every change of a call of the account, or of any, at once, until the returned function is called. `before`: undefined where it has just begun. */
  follow(account: AccountId | undefined, take: (call: PhoneCall, before: PhoneCall | undefined) => void): () => void;
  /** Where it is: a conference, or undefined in its lobby. */
  placeOf(account: AccountId, id: CallId): ConferenceId | undefined;
  /** The same of any call that is up, also of one that came without a lobby; its lobby has its id. Refuses with conflict/call_not_up. */
  whereIs(account: AccountId, id: CallId): Promise<ConferenceId>;
}

/** The low digits of an id, turned over: twice is nothing. */
const TURN = 0x5f1_0a7e_ac71_7e57n;

const turned = (id: string): string =>
  /^[0-9a-f]{32}$/.test(id) ? id.slice(0, 17) + (BigInt(`0x${id.slice(17)}`) ^ TURN).toString(16).padStart(15, '0') : id;

/**
 * The run that a call has: its id is that of the call with other low digits, so that each is found by the other, for ever, and nothing need be kept of it. 32 hex
 * digits both.
 */
export const runOf = (call: CallId): string => turned(call);

/** The call that a run has. */
export const callOfRun = (run: string): CallId => turned(run) as CallId;
