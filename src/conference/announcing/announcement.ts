import type { ParticipantId } from '../ids.ts';
import type { Playing, PlaySource } from '../playing.ts';
import type { RecordingId } from '../recording.ts';

/**
 * What an announcement is about. `entered`, `left`: tones and names of those who come and go; `notice`: what all must be told; `told`: what others, or coming in,
 * did to one; `key`: the answer to his own key, which ends when he presses the next one; `waiting`: somebody asks to be admitted; `consent`: whether he agrees to
 * be recorded, and what he has said, which ends the question.
 */
export type AnnouncementKind = 'entered' | 'left' | 'notice' | 'told' | 'key' | 'waiting' | 'consent';

/**
 * Something that the room itself says or sounds. It is no fact and no play of anybody: it is heard beside what plays, stops nothing and is stopped by nobody. One for
 * the same people comes behind another.
 */
export interface Announcement extends Playing {
  readonly kind: AnnouncementKind;
  /** Those to whom it is played, as they were when it began; absent: it waits. */
  readonly ears?: readonly ParticipantId[];
  /** It says that this is recorded: who has heard all of it is in the facts. */
  readonly notice?: RecordingId;
}

/** What is to be announced. */
export interface Asked {
  readonly kind: AnnouncementKind;
  readonly to: Playing['to'];
  /** None: nothing is announced. */
  readonly sources: readonly PlaySource[];
  readonly notice?: RecordingId;
}
