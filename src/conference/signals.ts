import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, Participant } from './conference.ts';

/**
 * Something that is true for a moment: not stored, not numbered, may be dropped under load. Starts and stops come in pairs: whoever got a start gets its stop,
 * before the fact that mutes or removes the participant; a pair is dropped whole or not at all.
 */
export interface Signal {
  readonly type: 'participant.started-talking' | 'participant.stopped-talking';
  /** Epoch ms. */
  readonly at: number;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** `Room.instance`. */
  readonly instance: string;
  readonly about: Participant;
  /** As `Level.energy`. */
  readonly energy: number;
}
