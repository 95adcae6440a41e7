import type { Conference, ParticipantId, Relationship } from '../conference.ts';
import { participantNotFound } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';
import { find } from './which.ts';

function related(
  relationships: readonly Relationship[],
  pair: { participant: ParticipantId; other: ParticipantId },
  kind: Relationship['kind'] | 'clear',
): readonly Relationship[] {
  const ofPair = (each: Relationship): boolean => each.participant === pair.participant && each.other === pair.other;
  if (kind === 'clear') return relationships.filter((each) => !ofPair(each));
  return relationships.some((each) => ofPair(each) && each.kind === kind) ? relationships : [...relationships, { ...pair, kind }];
}

/** Sets or clears what two people hear of each other; (a, b) and (b, a) are different pairs (`rulings.md` "relate"). */
export const relate: Rule<'participants.relate'> = (conference, input) => {
  const participant = find(conference, input.participant);
  const other = find(conference, input.other);
  // The order is KAZOO's: where both are wrong, or are one and the same, the other one is named (kazoo-facts §1.7).
  if (other === undefined || other.id === participant?.id) throw participantNotFound(input.other);
  if (participant === undefined) throw participantNotFound(input.participant);
  const pair = { participant: participant.id, other: other.id };
  const room = conference.room as NonNullable<Conference['room']>;
  const relationships = related(room.relationships, pair, input.relationship);
  if (relationships.length === room.relationships.length) return unchanged(conference);
  return {
    next: { ...conference, room: { ...room, relationships } },
    facts: [{ type: 'participants.related', ...pair, relationship: input.relationship }],
    effects: [{ do: 'rehear' }],
  };
};
