import type { AccountId } from '../../accounts/index.ts';
import type { TranscriptionEntry } from '../chronicle.ts';
import type { CallId } from '../ids.ts';
import type { RecordingId } from '../recording.ts';
import type { Transcription } from '../transcription.ts';
import type { CallTranscribingWish } from './companions.ts';
import type { FlowPlan } from './plan.ts';

/** What was dialled. */
export interface Dialled {
  /** The user part. */
  readonly dialled: string;
  /** The host of the request URI, in lower case. */
  readonly domain?: string;
}

/** What an account has put on what can be dialled. Outer rooms implement it; what is absent was never put there. */
export interface Numbers {
  /** Extension or device, callflow number, VoIPBIN number, in this order (rulings "Whose call is it"); undefined: none of them. */
  find(account: AccountId, dialled: Dialled): Promise<FlowPlan | undefined>;
  /** Whether dialling this asks for the number of a conference: an access number of the server, or of the account. */
  isAccessNumber(account: AccountId, dialled: Dialled): Promise<boolean>;
  /** A stored flow (`fetch_flow`). */
  flow(account: AccountId, id: string): Promise<FlowPlan | undefined>;
}

/** A request of a flow to a server of its owner's. */
export interface WebRequest {
  readonly method: string;
  readonly uri: string;
  /** Content-Type of the body. */
  readonly type: string;
  readonly body: string;
}

/** Calls out over HTTP for flows. Rejects with a Failure what may not be called, is too slow, or answers too much. */
export interface Web {
  /** Gives the body of the answer. */
  request(account: AccountId, request: WebRequest): Promise<string>;
}

/** Keys that are pressed at a far end. */
export interface Keys {
  /** Resolves when the last one is up. */
  send(call: CallId, digits: string, times: { readonly durationMs: number; readonly intervalMs: number }): Promise<void>;
}

/** Where a server of the client's is, and how it is spoken to. */
export interface ExternalMediaWish {
  /** `ws://` or `wss://`; or `host:port` of a server that speaks AudioSocket over TCP, or RTP over UDP. */
  readonly target: string;
  /** What surrounds the sound: 16 bits, 8 kHz, 20 ms. */
  readonly framing: 'rtp' | 'sln' | 'audiosocket';
  /** Of AudioSocket: samples in a second. Default 8000. */
  readonly rate?: number;
  /** 32 hex digits by which it is known there, and by which it says who it is where it connects. Absent: the id of the call. */
  readonly id?: string;
  /** It connects to us, by AudioSocket over TCP; `target` is not looked at. */
  readonly connects?: true;
  /** What is in RTP over UDP. */
  readonly payload?: 'ulaw' | 'alaw' | 'slin' | 'slin16';
  /** It hears what the call says; it speaks to the call. */
  readonly hears: boolean;
  readonly speaks: boolean;
}

/** Programs that hear a call and speak to it, each over a connection that we open. */
export interface ExternalMedia {
  /** Rejects with a Failure what may not be called, or does not answer. What it gives ends it; it also ends with the call. */
  open(account: AccountId, call: CallId, wish: ExternalMediaWish): Promise<() => void>;
}

/** Writes down what was recorded. What it notes is kept under the id of the recording. */
export interface RecordingScribe {
  /**
   * Begins as soon as the recording's files are whole, and gives what it will be. Refuses with not-found/recording_not_found,
   * conflict/transcription_active where it is written down in this language already, invalid/language_not_recognised.
   */
  transcribe(account: AccountId, recording: RecordingId, wish: CallTranscribingWish): Promise<Transcription>;
  /** Ends it; what was written down stays. Nothing happens where it is over. */
  stop(account: AccountId, transcription: TranscriptionEntry): Promise<void>;
}
