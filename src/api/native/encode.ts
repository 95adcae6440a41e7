import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import {
  type ConferenceView,
  type Consent,
  type Participant,
  type Relationship,
  type RoomSet,
  roomEnd,
  type Waiting,
} from '../../conference/index.ts';
import { withDefaults } from '../document/check.ts';
import { isoTime } from '../stamp.ts';
import { sounds } from './sounds-encode.ts';

/** The id as this dialect spells it: always a UUID with dashes (rulings "One conference, two dialects"). */
export const idOf = ({ conference: { id, account } }: ConferenceView): string => uuidOf(id, account);

/** Somebody, by what never changes of him. */
export const identity = ({ id, number, role, call, ghost, joinedAt }: Participant): JsonObject => ({
  id: dashed(id),
  number,
  role,
  caller_name: call.callerName,
  caller_number: call.callerNumber,
  call_id: call.sipCallId,
  ghost,
  joined_at: isoTime(joinedAt),
  ...(call.stream === undefined ? {} : { stream: call.stream }),
});

/** Whether somebody agrees to be recorded. */
const consentOf = ({ recording, state, until }: Consent): JsonObject => ({
  recording: dashed(recording),
  state,
  ...(until === undefined ? {} : { until: isoTime(until) }),
});

/** Somebody, without what is true for a moment only. */
export const person = (participant: Participant): JsonObject => ({
  ...identity(participant),
  muted: participant.muted.length > 0,
  mute_reasons: participant.muted,
  deaf: participant.deaf,
  gain_in: participant.gainIn,
  gain_out: participant.gainOut,
  ...(participant.energyLevel === undefined ? {} : { energy_level: participant.energyLevel }),
  ...(participant.handRaisedAt === undefined ? {} : { hand_raised_at: isoTime(participant.handRaisedAt) }),
  ...(participant.coaches === undefined ? {} : { coaches: dashed(participant.coaches) }),
  ...(participant.noticed === undefined ? {} : { notice_heard: dashed(participant.noticed) }),
  ...(participant.consent === undefined ? {} : { consent: consentOf(participant.consent) }),
});

/** Whether somebody talks, as the view tells. */
export const talks = ({ levels }: ConferenceView, { muted, call }: Participant): boolean =>
  muted.length === 0 && levels.get(call.leg)?.talking === true;

/** Somebody who waits to be admitted; `id` is his call's. */
export const waiter = ({ call, at }: Waiting): JsonObject => ({
  id: dashed(call.id),
  caller_name: call.callerName,
  caller_number: call.callerNumber,
  call_id: call.sipCallId,
  waits_since: isoTime(at),
});

const timeOf = (epoch: number | undefined): string | null => (epoch === undefined ? null : isoTime(epoch));

/** What was set for one run of a room alone; null: it is as the document has it. */
export const setOf = ({ maxParticipants, callerName, callerNumber }: RoomSet): JsonObject => ({
  max_participants: maxParticipants ?? null,
  caller_name: callerName ?? null,
  caller_number: callerNumber ?? null,
});

/** What holds in a room as a whole. */
const roomOf = (conference: ConferenceView['conference']): JsonObject => ({
  started: conference.room?.started === true,
  members_muted: conference.room?.muted === true,
  moh: conference.room?.mohOff !== true,
  set: setOf(conference.room?.set ?? {}),
  floor_taken: conference.room?.floor === undefined ? null : dashed(conference.room.floor),
  ends_at: timeOf(roomEnd(conference)),
  unattended_until: timeOf(conference.room?.unattendedUntil),
  waiting: (conference.room?.waiting ?? []).map(waiter),
});

/** Two people who do not hear each other, one way. */
export const relationship = ({ participant, other, kind }: Relationship): JsonObject => ({
  participant: dashed(participant),
  other: dashed(other),
  relationship: kind,
});

/** Who is live in a conference, and how; whether somebody talks is `isTalking`'s to say. */
const live = (
  { conference }: ConferenceView,
  isTalking: (participant: Participant) => boolean,
  { locked, room, sequence } = conference,
): JsonObject => ({
  locked,
  ...roomOf(conference),
  running_since: room === undefined ? null : isoTime(room.startedAt),
  instance: room?.instance ?? null,
  sequence,
  participants: (room?.participants ?? []).map((each) => ({ ...person(each), talking: isTalking(each) })),
  relationships: (room?.relationships ?? []).map(relationship),
  ...sounds(room ?? {}),
});

/** Somebody in the room, as he is just now. */
export const participant = (view: ConferenceView, each: Participant): JsonObject => ({ ...person(each), talking: talks(view, each) });

/** A conference as clients see it. */
export function conference(view: ConferenceView, isTalking = (each: Participant): boolean => talks(view, each)): JsonObject {
  const { document, revision, createdAt, modifiedAt } = view.conference;
  return {
    id: idOf(view),
    name: typeof document['name'] === 'string' ? document['name'] : '',
    document: withDefaults(document),
    revision,
    created_at: isoTime(createdAt),
    modified_at: isoTime(modifiedAt),
    ...live(view, isTalking),
  };
}
