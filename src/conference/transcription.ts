import type { Brand } from '../base/index.ts';
import type { CallId, ParticipantId } from './ids.ts';
import type { RecordingId } from './recording.ts';

/** 32 hex digits. */
export type TranscriptionId = Brand<'TranscriptionId'>;

/** What is said in a room is being written down; at most one at a time. */
export interface Transcription {
  readonly id: TranscriptionId;
  /** RFC 5646, as it was asked for. */
  readonly language: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Not a room but this call, wherever it is. */
  readonly call?: CallId;
  /** Of a call: what it says, what it hears, or both. */
  readonly direction?: 'in' | 'out' | 'both';
  /** Not what is said now but what was recorded; `startedAt`: when that began, epoch ms. */
  readonly recording?: { readonly id: RecordingId; readonly startedAt: number };
  /** A flow that is started when it has ended, by 32 hex digits; absent: none. */
  readonly onEnd?: string;
}

/** Why a transcription ended. */
export type TranscriptionEnd = 'asked' | 'room-closed' | 'failed' | 'restart';

/** What one participant said in one go. */
export interface Utterance {
  readonly transcription: TranscriptionId;
  readonly participant: ParticipantId;
  readonly text: string;
  /** RFC 5646, as it was heard. */
  readonly language: string;
  /** Epoch ms at which it began and ended. */
  readonly from: number;
  readonly to: number;
  /** The same beginning by the room's clock: ticks of 20 ms since its first leg, as in the recording's manifest. */
  readonly tick?: number;
  /** Some or all of it could not be recognised. */
  readonly gap?: true;
  /** Of a call that is written down: whether it said this, or heard it. */
  readonly way?: 'in' | 'out';
  /** Who said it, also when he has left meanwhile. The keys are those of a call, so that `withoutCaller` finds him. */
  readonly speaker?: UtteranceSpeaker;
}

/** Who said something. */
export interface UtteranceSpeaker {
  readonly direction: 'inbound' | 'outbound';
  readonly callerNumber: string;
  readonly callerName: string;
}
