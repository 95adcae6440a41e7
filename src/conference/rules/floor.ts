import { Failure } from '../../base/index.ts';
import type { ParticipantId, Room } from '../conference.ts';
import { participantNotFound } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';
import { find } from './which.ts';

/** The room in which this one has taken the floor, or nobody. */
export function withFloor(room: Room, floor: ParticipantId | undefined): Room {
  const { floor: _, ...rest } = room;
  return floor === undefined ? rest : { ...rest, floor };
}

/** The same room where whoever has taken the floor has left. */
export const withoutFloor = (room: Room, left: ReadonlySet<ParticipantId>): Room =>
  room.floor !== undefined && left.has(room.floor) ? withFloor(room, undefined) : room;

/**
 * Somebody takes the floor, or gives it back; who has not taken it gives back nothing. Nothing sounds otherwise, as in mod_conference: it says who is shown as
 * the one who speaks, whoever else talks.
 */
export const takeFloor: Rule<'participants.floor'> = (conference, { which, taken, force = false }) => {
  const { room } = conference;
  const one = find(conference, which);
  if (room === undefined || one === undefined) throw participantNotFound(which);
  if ((room.floor === one.id) === taken) return unchanged(conference);
  if (room.floor !== undefined && taken && !force) {
    throw new Failure('conflict', 'floor_taken', 'somebody else has taken the floor');
  }
  return {
    next: { ...conference, room: withFloor(room, taken ? one.id : undefined) },
    facts: [
      ...(room.floor === undefined ? [] : [{ type: 'participant.floor_released', participant: room.floor } as const]),
      ...(taken ? [{ type: 'participant.floor_taken', participant: one.id } as const] : []),
    ],
    effects: [],
  };
};
