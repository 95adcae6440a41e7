import type { CallId, Conference } from '../conference.ts';
import type { Happening } from '../facts.ts';
import type { LeaveReason } from '../reasons.ts';
import { type Change, unchanged } from './rule.ts';

/**
 * Takes these calls out, whether they are in or on their way in. With the last one the room closes and its lock ends.
 * Nobody is hung up here: whoever causes the leaving adds that.
 */
export function leave(conference: Conference, gone: readonly CallId[], reason: LeaveReason): Change {
  const { room } = conference;
  if (room === undefined) return unchanged(conference);
  const leavers = room.participants.filter((each) => gone.includes(each.call.id));
  const left = new Set(leavers.map((each) => each.id));
  const participants = room.participants.filter((each) => !left.has(each.id));
  const arrivals = room.arrivals.filter((each) => !gone.includes(each.call.id));
  if (leavers.length === 0 && arrivals.length === room.arrivals.length) return unchanged(conference);

  const facts: Happening[] = leavers.map(({ id }) => ({ type: 'participant.left', participant: id, reason }));
  if (participants.length > 0 || arrivals.length > 0) {
    const relationships = room.relationships.filter((each) => !left.has(each.participant) && !left.has(each.other));
    const next = { ...conference, room: { ...room, participants, arrivals, relationships } };
    return { next, facts, effects: leavers.length > 0 ? [{ do: 'rehear' }] : [] };
  }
  if (conference.locked) facts.push({ type: 'conference.unlocked' });
  facts.push({ type: 'room.closed', instance: room.instance });
  return { next: { ...conference, locked: false, room: undefined }, facts, effects: [{ do: 'rehear' }] };
}
