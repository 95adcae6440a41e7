import type { Conference, Participant, ParticipantId } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { PlaySource } from '../playing.ts';
import { people } from '../rules/which.ts';
import type { AnnouncementKind, Asked } from './announcement.ts';

/** What a change made of a conference, for those who decide what is heard of it. */
export interface Scene {
  readonly before: Conference;
  readonly after: Conference;
  readonly facts: readonly Happening[];
  /** Whose keys did it. */
  readonly by?: ParticipantId;
}

/** Something to be said to one, as far as there is anything. */
export const toOne = (to: ParticipantId, kind: AnnouncementKind, ...sources: readonly (PlaySource | undefined)[]): Asked => ({
  kind,
  to,
  sources: sources.filter((each) => each !== undefined),
});

/** Something to be said to everybody who hears the room. */
export const toAll = (kind: AnnouncementKind, ...sources: readonly (PlaySource | undefined)[]): Asked => ({
  kind,
  to: 'all',
  sources: sources.filter((each) => each !== undefined),
});

/** Who counts (`rulings.md` "ghosts"). */
export const counted = (conference: Conference): readonly Participant[] => people(conference).filter((each) => !each.ghost);

/** Somebody of whose coming and going the others are told: no ghost, no program. */
export const isAnnounced = ({ ghost, call }: Participant): boolean => !ghost && call.stream === undefined;

/** Somebody who is in after the change. */
export const personIn = (conference: Conference, id: ParticipantId): Participant | undefined =>
  people(conference).find((each) => each.id === id);
