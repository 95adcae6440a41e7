import type { Which } from '../commands.ts';
import type { Call, CallId, Conference, Participant, Waiting } from '../conference.ts';
import { participantNotFound } from '../refusals.ts';

/** Everybody who is in, in order of number. */
export const people = (conference: Conference): readonly Participant[] => conference.room?.participants ?? [];

/** One participant by number, id, or SIP Call-ID; an id beats a Call-ID, because callers choose their Call-IDs. */
export function find(conference: Conference, which: Which): Participant | undefined {
  const all = people(conference);
  if (typeof which === 'number') return all.find((each) => each.number === which);
  return all.find((each) => each.id === which) ?? all.find((each) => each.call.sipCallId === which);
}

/** Whom a command means. A bulk act on an empty conference means nobody; a single absent one is refused. */
export function chosen(conference: Conference, which: Which): readonly Participant[] {
  if (which === 'all') return people(conference);
  if (which === 'all-but-moderators') return people(conference).filter((each) => each.role !== 'moderator');
  const one = find(conference, which);
  if (one === undefined) throw participantNotFound(which);
  return [one];
}

/** The participant who speaks through this call. */
export const speaking = (conference: Conference, call: CallId): Participant | undefined =>
  people(conference).find((each) => each.call.id === call);

/** Who waits to be admitted, longest first. */
export const waiters = (conference: Conference): readonly Waiting[] => conference.room?.waiting ?? [];

/** Every call that holds a place: of participants first, then of arrivals. */
export const calls = (conference: Conference): readonly Call[] => [
  ...people(conference).map((each) => each.call),
  ...(conference.room?.arrivals ?? []).map((each) => each.call),
];

/** The conference with these people in place of those of the same id. */
export function withPeople(conference: Conference, changed: readonly Participant[]): Conference {
  if (conference.room === undefined || changed.length === 0) return conference;
  const newer = new Map(changed.map((each) => [each.id, each]));
  const participants = conference.room.participants.map((each) => newer.get(each.id) ?? each);
  return { ...conference, room: { ...conference.room, participants } };
}
