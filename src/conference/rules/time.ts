import { Failure, type JsonObject } from '../../base/index.ts';
import type { Call, Conference } from '../conference.ts';
import { conferenceEnd, roomEnd, warningAt } from '../deadline.ts';
import type { Happening } from '../facts.ts';
import { settingsOf } from '../settings.ts';
import { consentsDue } from './consent.ts';
import { removed } from './document.ts';
import { hangUp, leave } from './leaving.ts';
import { type Change, type Context, type Rule, unchanged } from './rule.ts';
import { turnedAway } from './waiting.ts';
import { calls, people, waiters } from './which.ts';

type Step = (conference: Conference, context: Context) => Change;

/**
 * What is due happens; each step sees what the one before has left. After a conference has ended nothing else does. Who waited too long goes before those who are
 * in: with the last of them the room closes, and nobody begins the next one only to be turned away.
 */
export const time: Rule<'conference.time'> = (conference, _, context) => {
  const end = conferenceEnd(conference);
  if (end !== undefined && end <= context.epoch) return removed(conference, { keep: true, reason: 'time-up', epoch: context.epoch });
  return [runEnds, waitersGo, membersGo, consentsDue, warn].reduce<Change>((change, step) => {
    const more = step(change.next, context);
    return { ...more, facts: [...change.facts, ...more.facts], effects: [...change.effects, ...more.effects] };
  }, unchanged(conference));
};

/** Takes people out and hangs them up. */
function sendAway(conference: Conference, gone: readonly Call[], reason: 'time-up' | 'no-moderator'): Change {
  if (gone.length === 0) return unchanged(conference);
  const change = leave(
    conference,
    gone.map(({ id }) => id),
    reason,
  );
  return { ...change, effects: [...change.effects, ...gone.map((call) => hangUp(call, reason))] };
}

/** The run of the room is over: everybody goes. */
const runEnds: Step = (conference, { epoch }) => {
  const endsAt = conference.room?.endsAt;
  if (endsAt === undefined || endsAt > epoch) return unchanged(conference);
  const outside = turnedAway(conference, waiters(conference), 'time-up');
  const change = sendAway(outside.next, calls(outside.next), 'time-up');
  return { ...change, facts: [...outside.facts, ...change.facts], effects: [...outside.effects, ...change.effects] };
};

/** No moderator has come in time: all others go, whoever is on his way in among them. */
const membersGo: Step = (conference, { epoch }) => {
  const { room } = conference;
  if (room?.unattendedUntil === undefined || room.unattendedUntil > epoch) return unchanged(conference);
  const gone = [...people(conference), ...room.arrivals].filter(({ role }) => role !== 'moderator').map(({ call }) => call);
  const change = sendAway(conference, gone, 'no-moderator');
  if (change.next.room === undefined) return change;
  // Ghosts stay, and nobody waits for time any more.
  const { unattendedUntil: _, ...rest } = change.next.room;
  return { ...change, next: { ...change.next, room: rest }, facts: [...change.facts, { type: 'room.attended', led: false }] };
};

/** Says how long it lasts still. Of several that are due at once only the last is said. */
const warn: Step = (conference, { epoch }) => {
  const { room } = conference;
  const endsAt = roomEnd(conference);
  if (room === undefined || endsAt === undefined) return unchanged(conference);
  const minutes = warningAt(endsAt, epoch);
  if (minutes === undefined || minutes >= (room.warnedMinutes ?? Number.POSITIVE_INFINITY)) return unchanged(conference);
  const next = { ...conference, room: { ...room, warnedMinutes: minutes } };
  return { next, facts: people(conference).length > 0 ? [{ type: 'room.ending', minutes, endsAt }] : [], effects: [] };
};

/** Who was not admitted in time is turned away. */
const waitersGo: Step = (conference, { epoch }) => {
  const { longestWait } = settingsOf(conference);
  if (longestWait === undefined) return unchanged(conference);
  return turnedAway(
    conference,
    waiters(conference).filter(({ at }) => at + longestWait <= epoch),
    'no-moderator',
  );
};

/** Most that an end can be moved at once: a week, in seconds. */
const MOST = 7 * 24 * 3600;

/** Lets it end later: this run of the room, and the conference where it would end before that. */
export const extend: Rule<'conference.extend'> = (conference, { seconds }, { epoch }) => {
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= MOST)) {
    throw new Failure('invalid', 'bad_duration', `an end can be moved by 1 … ${MOST} whole seconds`, { details: { least: 1, most: MOST } });
  }
  const end = roomEnd(conference);
  if (end === undefined) throw new Failure('conflict', 'no_end_set', 'this conference has no end that could be moved');
  const endsAt = end + seconds * 1000;
  const conferenceEndsAt = conferenceEnd(conference);
  const isShort = conferenceEndsAt !== undefined && conferenceEndsAt < endsAt;
  const document: JsonObject = isShort ? { ...conference.document, timeout: (endsAt - conference.createdAt) / 1000 } : conference.document;
  const revision = isShort ? conference.revision + 1 : conference.revision;
  const { room } = conference;
  return {
    next: {
      ...conference,
      document,
      revision,
      modifiedAt: isShort ? epoch : conference.modifiedAt,
      room: room && rewarned({ ...room, ...(room.endsAt === undefined ? {} : { endsAt: Math.max(room.endsAt, endsAt) }) }, endsAt, epoch),
    },
    // Without a room there is no run that could end later: the document says it all.
    facts: [
      ...(isShort ? [{ type: 'conference.changed', revision } as const] : []),
      ...(room === undefined ? [] : [{ type: 'room.extended', endsAt } as const]),
    ],
    effects: [],
  };
};

type Room = NonNullable<Conference['room']>;

/** What is warned of next, when the end has moved. */
function rewarned(room: Room, end: number, epoch: number): Room {
  const { warnedMinutes: _, ...rest } = room;
  const passed = warningAt(end, epoch);
  return passed === undefined ? rest : { ...rest, warnedMinutes: passed };
}

/** A run that begins knows its end, and which warnings it is too late for; the facts of the change tell it. */
export function endFollows(before: Conference | undefined, change: Change, { epoch }: Context): Change {
  const { room } = change.next;
  if (room === undefined) return change;
  const isNew = before?.room?.instance !== room.instance;
  const { longestRun } = settingsOf(change.next);
  const opened = isNew && longestRun !== undefined ? { ...room, endsAt: room.startedAt + longestRun } : room;
  const end = roomEnd({ ...change.next, room: opened });
  if (end === undefined) return change;
  const isMoved = isNew || end !== (before === undefined ? undefined : roomEnd(before));
  const next = isMoved ? { ...change.next, room: rewarned(opened, end, epoch) } : change.next;
  return { ...change, next, facts: change.facts.map((each) => telling(each, room.instance, end)) };
}

/** A fact that tells when the room ends. */
function telling(fact: Happening, instance: string, endsAt: number): Happening {
  const tells = fact.type === 'conference.changed' || (fact.type === 'room.opened' && fact.instance === instance);
  return tells ? { ...fact, endsAt } : fact;
}
