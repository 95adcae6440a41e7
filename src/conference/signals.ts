import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, LegId, Participant } from './conference.ts';
import type { TranscriptionId } from './transcription.ts';

interface SignalStamp {
  /** Epoch ms. */
  readonly at: number;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** `Room.instance`. */
  readonly instance: string;
  readonly about: Participant;
}

/**
 * Somebody starts to talk, or stops. Both come in pairs: whoever got a start gets its stop, before the fact that mutes or removes the participant; a pair is
 * dropped whole or not at all.
 */
export interface TalkSignal extends SignalStamp {
  readonly type: 'participant.started-talking' | 'participant.stopped-talking';
  /** As `Level.energy`. */
  readonly energy: number;
}

/** What somebody seems to be saying right now; the next one, or the fact `transcript.created`, takes its place. Any of them may be dropped. */
export interface InterimSignal extends SignalStamp {
  readonly type: 'transcript.interim';
  readonly transcription: TranscriptionId;
  readonly text: string;
  /** RFC 5646. */
  readonly language: string;
  /** As of `SpeechSignal`. */
  readonly way?: 'in' | 'out';
  /** Epoch ms at which it began. */
  readonly from: number;
}

/**
 * Somebody whose words are written down begins to say something, or has said it: one stretch, as it is recognised in one piece. Both come in pairs, as those of
 * talking do: the end also comes before the fact that mutes or removes him, or ends the transcription.
 */
export interface SpeechSignal extends Omit<SignalStamp, 'about'> {
  readonly type: 'speech.started' | 'speech.ended';
  /** Absent where a call is written down, which may be in no conference: then `conference` is its lobby. */
  readonly about?: Participant;
  /** Whose voice it is. */
  readonly leg: LegId;
  readonly transcription: TranscriptionId;
  /** Of a call: it says this (`in`), or hears it (`out`). */
  readonly way?: 'in' | 'out';
  /** Epoch ms at which it began. */
  readonly from: number;
}

/** Something that is true for a moment: not stored, not numbered, may be dropped under load. */
export type Signal = TalkSignal | InterimSignal | SpeechSignal;

/** Whether somebody begins to say something that is written down, or has said it. */
export const isSpeech = (happened: { readonly type: string }): happened is SpeechSignal =>
  happened.type === 'speech.started' || happened.type === 'speech.ended';
