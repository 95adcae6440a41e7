import { dashed, type JsonObject, uuidOf } from '../../base/index.ts';
import type { ConferenceView, Participant } from '../../conference/index.ts';
import { withDefaults } from '../document/check.ts';
import { isoTime } from '../stamp.ts';

/** The id as this dialect spells it: always a UUID with dashes (rulings "One conference, two dialects"). */
export const idOf = ({ conference: { id, account } }: ConferenceView): string => uuidOf(id, account);

const participant = (person: Participant, view: ConferenceView): JsonObject => ({
  id: dashed(person.id),
  number: person.number,
  role: person.role,
  caller_name: person.call.callerName,
  caller_number: person.call.callerNumber,
  call_id: person.call.sipCallId,
  muted: person.muted.length > 0,
  mute_reasons: person.muted,
  deaf: person.deaf,
  ghost: person.ghost,
  talking: person.muted.length === 0 && view.levels.get(person.call.leg)?.talking === true,
  joined_at: isoTime(person.joinedAt),
});

/** Everybody in the room, in order of number. */
export const participants = (view: ConferenceView): readonly JsonObject[] =>
  (view.conference.room?.participants ?? []).map((each) => participant(each, view));

/** A conference as clients see it. */
export function conference(view: ConferenceView): JsonObject {
  const { document, revision, createdAt, modifiedAt, locked, room } = view.conference;
  return {
    id: idOf(view),
    name: typeof document['name'] === 'string' ? document['name'] : '',
    document: withDefaults(document),
    revision,
    created_at: isoTime(createdAt),
    modified_at: isoTime(modifiedAt),
    locked,
    running_since: room === undefined ? null : isoTime(room.startedAt),
    participants: participants(view),
  };
}
