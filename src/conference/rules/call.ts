import { Failure } from '../../base/index.ts';
import type { Conference, Participant, ParticipantId, Role } from '../conference.ts';
import type { Happening } from '../facts.ts';
import { callNotFound } from '../refusals.ts';
import { type RoleSettings, type Settings, settings } from '../settings.ts';
import { leave } from './leaving.ts';
import { remute, withoutReasons, withReason } from './mute.ts';
import { type Rule, unchanged } from './rule.ts';
import { calls, people, speaking } from './which.ts';

const ofRole = (all: Settings, role: Role): RoleSettings => (role === 'moderator' ? all.moderator : all.member);

/** Whether somebody of this role must give a PIN; who has none yet must where any is set (kazoo-facts §7.3). */
const needsPin = (all: Settings, role: Role | undefined): boolean =>
  (role === undefined ? [...all.member.pins, ...all.moderator.pins] : ofRole(all, role).pins).length > 0;

/** Places that are taken: of everybody who counts, and of those who are being answered. */
const taken = (conference: Conference): number =>
  people(conference).filter((each) => !each.ghost).length + (conference.room?.arrivals.length ?? 0);

/** Lets a call in, or not. A dialled leg did not come by itself: neither lock nor PIN keeps it out (kazoo-facts §7.4, §10). */
export const arrived: Rule<'call.arrived'> = (conference, { call, role }, { epoch, newUuid }) => {
  if (calls(conference).some((each) => each.id === call.id)) {
    throw new Failure('conflict', 'call_exists', 'this call is in the conference already', { details: { id: call.id } });
  }
  const all = settings(conference.document);
  const byItself = call.direction === 'inbound';
  if (byItself && conference.locked) throw new Failure('denied', 'conference_locked', 'the conference is locked');
  if (byItself && needsPin(all, role)) throw new Failure('denied', 'pin_required', 'the conference asks for a PIN');
  if (all.maxParticipants > 0 && taken(conference) >= all.maxParticipants) {
    throw new Failure('limit', 'conference_full', 'the conference is full', { details: { limit: all.maxParticipants } });
  }
  const room = conference.room ?? { instance: newUuid(), startedAt: epoch, arrivals: [], participants: [], relationships: [] };
  const opened: Happening[] = conference.room === undefined ? [{ type: 'room.opened', instance: room.instance }] : [];
  const arrivals = [...room.arrivals, { call, role: role ?? 'member', at: epoch }];
  return { next: { ...conference, room: { ...room, arrivals } }, facts: opened, effects: [{ do: 'answer', call: call.id }] };
};

/** Makes an arrival a participant, muted and deaf as its role joins. */
export const answered: Rule<'call.answered'> = (conference, { call }, { epoch, newId }) => {
  const { room } = conference;
  const arrival = room?.arrivals.find((each) => each.call.id === call);
  if (room === undefined || arrival === undefined) {
    if (speaking(conference, call) === undefined) throw callNotFound(call);
    return unchanged(conference);
  }
  const { joinMuted, joinDeaf } = ofRole(settings(conference.document), arrival.role);
  const participant: Participant = {
    id: newId() as ParticipantId,
    number: conference.nextNumber,
    call: arrival.call,
    role: arrival.role,
    ghost: false,
    muted: joinMuted ? ['self'] : [],
    deaf: joinDeaf,
    gainIn: 1,
    gainOut: 1,
    joinedAt: epoch,
  };
  const arrivals = room.arrivals.filter((each) => each !== arrival);
  return {
    next: {
      ...conference,
      nextNumber: conference.nextNumber + 1,
      room: { ...room, arrivals, participants: [...room.participants, participant] },
    },
    facts: [{ type: 'participant.joined', participant }],
    effects: [{ do: 'rehear' }],
  };
};

/** A call that never asked to be let in: the room, if there is one, does not notice. */
export const refused: Rule<'call.refused'> = (conference, { call: { id, sipCallId, callerNumber }, refusal }) => ({
  next: conference,
  facts: [{ type: 'call.refused', call: id, sipCallId, callerNumber, refusal }],
  effects: [],
});

/** Who holds the line is not heard until he is back, whatever else mutes him. */
export const held: Rule<'call.held'> = (conference, { call, held: onHold }) => {
  const participant = speaking(conference, call);
  if (participant === undefined) throw callNotFound(call);
  return remute(conference, [participant], (reasons) => (onHold ? withReason(reasons, 'hold') : withoutReasons(reasons, ['hold'])));
};

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

/** Keys mean nothing yet; they are taken so that signalling need not ask. */
export const digit: Rule<'call.digit'> = (conference) => unchanged(conference);
