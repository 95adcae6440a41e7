import type { Conference, Room } from '../conference.ts';
import type { Happening } from '../facts.ts';
import { settingsOf } from '../settings.ts';
import { isAwaited, leads } from './presence.ts';
import type { Change, Context } from './rule.ts';
import { people } from './which.ts';

const hasLeader = (conference: Conference | undefined): boolean => conference !== undefined && people(conference).some(leads);

const withRoom = (change: Change, room: Room, fact: Happening): Change => ({
  ...change,
  next: { ...change.next, room },
  facts: [...change.facts, fact],
  effects: [...change.effects, { do: 'rehear' }],
});

/** The first moderator lets those who waited for him hear each other, for as long as this run of the room lasts. */
export function startFollows(_before: Conference | undefined, change: Change): Change {
  const { room } = change.next;
  if (room === undefined || !isAwaited(change.next) || !hasLeader(change.next)) return change;
  return withRoom(change, { ...room, started: true }, { type: 'room.started' });
}

/** When the last moderator has left, members have some time left (`rulings.md` "require_moderator"). */
export function attendanceFollows(before: Conference | undefined, change: Change, { epoch }: Context): Change {
  const { room } = change.next;
  if (room === undefined) return change;
  const { moderatorGrace: grace } = settingsOf(change.next);
  if (room.unattendedUntil !== undefined) {
    if (grace !== undefined && !hasLeader(change.next) && people(change.next).length > 0) return change;
    const { unattendedUntil: _, ...rest } = room;
    return withRoom(change, rest, { type: 'room.attended', ...(hasLeader(change.next) ? {} : { led: false }) });
  }
  const hadLeader = before?.room?.instance === room.instance && hasLeader(before);
  if (grace === undefined || !hadLeader || hasLeader(change.next) || people(change.next).length === 0) return change;
  const until = epoch + grace;
  return withRoom(change, { ...room, unattendedUntil: until }, { type: 'room.unattended', until });
}
