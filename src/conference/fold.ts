import type { Conference, Participant, ParticipantId, Relationship } from './conference.ts';
import type { Happening } from './facts.ts';

/** What is live in a conference, as far as facts tell. */
export interface Live {
  /** The open room's name; undefined while it is closed. */
  readonly instance: string | undefined;
  readonly locked: boolean;
  /** In order of number. */
  readonly participants: readonly Participant[];
  readonly relationships: readonly Relationship[];
}

const nobody: Live = { instance: undefined, locked: false, participants: [], relationships: [] };

const change = (live: Live, id: ParticipantId, part: Partial<Participant>): Live => ({
  ...live,
  participants: live.participants.map((each) => (each.id === id ? { ...each, ...part } : each)),
});

const without = (live: Live, id: ParticipantId): Live => ({
  ...live,
  participants: live.participants.filter((each) => each.id !== id),
  relationships: live.relationships.filter((each) => each.participant !== id && each.other !== id),
});

function relate(live: Live, fact: Extract<Happening, { type: 'participants.related' }>): Live {
  const { participant, other, relationship } = fact;
  const rest = live.relationships.filter((each) => each.participant !== participant || each.other !== other);
  if (relationship === 'clear') return { ...live, relationships: rest };
  return { ...live, relationships: [...live.relationships, { participant, other, kind: relationship }] };
}

function after(live: Live, fact: Happening): Live {
  switch (fact.type) {
    case 'conference.created':
    case 'conference.changed':
    case 'conference.deleted':
    case 'participant.silent':
    case 'call.refused':
      return live;
    case 'conference.locked':
      return { ...live, locked: true };
    case 'conference.unlocked':
      return { ...live, locked: false };
    case 'room.opened':
      return { ...live, instance: fact.instance };
    case 'room.closed':
      return { ...live, instance: undefined };
    case 'participant.joined':
      return { ...live, participants: [...live.participants, fact.participant] };
    case 'participant.left':
      return without(live, fact.participant);
    case 'participant.muted':
      return change(live, fact.participant, { muted: fact.reasons });
    case 'participant.unmuted':
      return change(live, fact.participant, { muted: [] });
    case 'participant.deafened':
      return change(live, fact.participant, { deaf: true });
    case 'participant.undeafened':
      return change(live, fact.participant, { deaf: false });
    case 'participant.adjusted':
      return change(live, fact.participant, { gainIn: fact.gainIn, gainOut: fact.gainOut });
    case 'participants.related':
      return relate(live, fact);
  }
}

/** Tells from facts alone, given from the first on and in order, what is live after the last of them. */
export const fold = (facts: readonly Happening[]): Live => facts.reduce(after, nobody);

/** The same part of a conference as it stands. */
export const live = ({ room, locked }: Conference): Live => ({
  instance: room?.instance,
  locked,
  participants: room?.participants ?? [],
  relationships: room?.relationships ?? [],
});
