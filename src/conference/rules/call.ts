import { Failure } from '../../base/index.ts';
import type { Arrival, Call, CallId, Conference, Participant, ParticipantId, Role, Room } from '../conference.ts';
import type { Happening } from '../facts.ts';
import { callNotFound } from '../refusals.ts';
import { limitOf } from '../room-set.ts';
import { type RoleSettings, type Settings, settingsOf } from '../settings.ts';
import { leave } from './leaving.ts';
import { remute, withoutReasons, withReason } from './mute.ts';
import { refuseThird } from './pair.ts';
import { mustWait } from './presence.ts';
import { automatically } from './recording.ts';
import { type Change, type Context, type Rule, unchanged } from './rule.ts';
import { calls, people, speaking, waiters } from './which.ts';

const ofRole = (all: Settings, role: Role): RoleSettings => (role === 'moderator' ? all.moderator : all.member);

/** Whether somebody of this role must give a PIN; who has none yet must where any is set (kazoo-facts §7.3). */
const needsPin = (all: Settings, role: Role | undefined): boolean =>
  (role === undefined ? [...all.member.pins, ...all.moderator.pins] : ofRole(all, role).pins).length > 0;

/** Places that are taken: of everybody who counts, and of those who are being answered. */
const taken = (conference: Conference): number =>
  people(conference).filter((each) => !each.ghost).length +
  (conference.room?.arrivals ?? []).filter((each) => each.flags?.ghost !== true).length;

/** A call comes once. */
export function refuseKnown(conference: Conference, { id }: Call): void {
  if ([...calls(conference), ...waiters(conference).map((each) => each.call)].some((each) => each.id === id)) {
    throw new Failure('conflict', 'call_exists', 'this call is in the conference already', { details: { id } });
  }
}

/** No more than the document allows, or what was set for this run, and than its type does. */
export function refuseMore(conference: Conference, call: Call): void {
  refuseThird(conference, call);
  const limit = limitOf(conference);
  if (limit > 0 && taken(conference) >= limit) {
    throw new Failure('limit', 'conference_full', 'the conference is full', { details: { limit } });
  }
}

/** The room, which is opened where there is none. */
export function openedFor(
  { room }: Conference,
  { epoch, newUuid }: Context,
): { readonly room: Room; readonly facts: readonly Happening[] } {
  if (room !== undefined) return { room, facts: [] };
  const instance = newUuid();
  const fresh = { instance, startedAt: epoch, arrivals: [], participants: [], relationships: [] };
  return { room: fresh, facts: [{ type: 'room.opened', instance }] };
}

/** Lets a call in, or not. A dialled leg did not come by itself: neither lock nor PIN keeps it out (kazoo-facts §7.4, §10). */
export const arrived: Rule<'call.arrived'> = (conference, { call, role, vouched }, context) => {
  refuseKnown(conference, call);
  const all = settingsOf(conference);
  const byItself = call.direction === 'inbound';
  if (byItself && conference.locked) throw new Failure('denied', 'conference_locked', 'the conference is locked');
  if (byItself && vouched !== true && needsPin(all, role)) throw new Failure('denied', 'pin_required', 'the conference asks for a PIN');
  if (vouched !== true && mustWait(conference, call, role ?? 'member')) {
    throw new Failure('denied', 'admission_required', 'callers come in through its waiting room');
  }
  refuseMore(conference, call);
  const { room, facts } = openedFor(conference, context);
  const arrivals = [...room.arrivals, { call, role: role ?? 'member', at: context.epoch }];
  return { next: { ...conference, room: { ...room, arrivals } }, facts, effects: [{ do: 'answer', call: call.id }] };
};

/** How somebody joins otherwise than his role does. */
interface Otherwise {
  readonly muted?: boolean;
  readonly deaf?: boolean;
  /** His telephone holds the line already. */
  readonly held?: boolean;
}

/** Makes an arrival a participant, muted and deaf as its role joins. */
export const answered: Rule<'call.answered'> = (conference, { call }, context) => {
  const { room } = conference;
  const arrival = room?.arrivals.find((each) => each.call.id === call);
  if (room === undefined || arrival === undefined) {
    if (speaking(conference, call) === undefined) throw callNotFound(call);
    return unchanged(conference);
  }
  const arrivals = room.arrivals.filter((each) => each !== arrival);
  return admitted({ ...conference, room: { ...room, arrivals } }, arrival, context);
};

/** One more participant; with the first one an automatic recording begins. */
export function admitted(
  conference: Conference & { readonly room: Room },
  { call, role, flags, announcedAs, tones }: Arrival,
  context: Context,
  { muted = flags && flags.muted === true, deaf = flags && flags.deaf === true, held = false }: Otherwise = {},
): Change {
  const { joinMuted, joinDeaf } = ofRole(settingsOf(conference), role);
  const isRoomMuted = role === 'member' && conference.room.muted === true;
  const participant: Participant = {
    id: call.joiningAs ?? (context.newId() as ParticipantId),
    number: conference.nextNumber,
    call,
    role,
    ghost: flags?.ghost === true,
    muted: [
      ...((muted ?? joinMuted) ? (['self'] as const) : []),
      ...(isRoomMuted ? (['room'] as const) : []),
      ...(held ? (['hold'] as const) : []),
    ],
    deaf: deaf ?? joinDeaf,
    gainIn: 1,
    gainOut: 1,
    joinedAt: context.epoch,
    ...(flags !== undefined && Object.keys(flags).length > 0 ? { flags } : {}),
    ...(announcedAs === undefined ? {} : { announcedAs }),
    ...(tones === undefined ? {} : { tones }),
  };
  const { room, nextNumber } = conference;
  const joined = { ...conference, nextNumber: nextNumber + 1, room: { ...room, participants: [...room.participants, participant] } };
  const { next, facts, effects } = automatically(joined, context);
  return { next, facts: [{ type: 'participant.joined', participant }, ...facts], effects: [{ do: 'rehear' }, ...effects] };
}

/** A call that never asked to be let in: the room, if there is one, does not notice. */
export const refused: Rule<'call.refused'> = (conference, { call: { id, sipCallId, callerNumber }, refusal }) => ({
  next: conference,
  facts: [{ type: 'call.refused', call: id, sipCallId, callerNumber, refusal }],
  effects: [],
});

/** Who holds the line is not heard until he is back, whatever else mutes him. */
export const held: Rule<'call.held'> = (conference, { call, held: onHold }) => {
  const participant = speaking(conference, call);
  if (participant === undefined) return heldOutside(conference, call, onHold);
  return remute(conference, [participant], (reasons) => (onHold ? withReason(reasons, 'hold') : withoutReasons(reasons, ['hold'])));
};

/** Who waits to be admitted joins as his telephone is then. */
function heldOutside(conference: Conference, call: CallId, onHold: boolean): Change {
  const one = waiters(conference).find((each) => each.call.id === call);
  if (conference.room === undefined || one === undefined) throw callNotFound(call);
  const { held: _, ...rest } = one;
  const waiting = waiters(conference).map((each) => (each === one ? { ...rest, ...(onHold ? { held: onHold } : {}) } : each));
  return { next: { ...conference, room: { ...conference.room, waiting } }, facts: [], effects: [] };
}

/** Somebody of whom no sound comes: noted for those who look into it. */
export const silent: Rule<'call.silent'> = (conference, { call, reason }) => {
  const participant = speaking(conference, call);
  if (participant === undefined) throw callNotFound(call);
  return { next: conference, facts: [{ type: 'participant.silent', participant: participant.id, reason }], effects: [] };
};

/** A call is gone. One that nobody knows (any more) was removed before: nothing happens. */
export const ended: Rule<'call.ended'> = (conference, { call, reason, refusal }) => {
  const change = leave(conference, [call], reason);
  const arrival = conference.room?.arrivals.find((each) => each.call.id === call);
  if (refusal === undefined || arrival === undefined) return change;
  const { sipCallId, callerNumber } = arrival.call;
  return { ...change, facts: [{ type: 'call.refused', call, sipCallId, callerNumber, refusal }, ...change.facts] };
};
