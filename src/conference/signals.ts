import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, Participant } from './conference.ts';
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
  /** Epoch ms at which it began. */
  readonly from: number;
}

/** Something that is true for a moment: not stored, not numbered, may be dropped under load. */
export type Signal = TalkSignal | InterimSignal;
