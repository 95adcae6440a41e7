import type { Conference, Participant, ParticipantId } from './conference.ts';
import type { Fact, Happening } from './facts.ts';
import { personAfter, personOf } from './fold.ts';

/** What a stamp says besides what is folded. */
export interface Stamp {
  /** Epoch ms. */
  readonly at: number;
  /** The conference before the facts; undefined when they begin it. */
  readonly before: Conference | undefined;
  /** The conference after them, with the sequence it had before them. */
  readonly next: Conference;
}

/** Numbers what one command made happen and writes on each fact the run of the room and the participant it names, as they were at exactly that fact. */
export function stamped(happenings: readonly Happening[], { at, before, next }: Stamp): readonly Fact[] {
  if (happenings.length === 0) return [];
  const people = new Map<ParticipantId, Participant>((before?.room?.participants ?? []).map((each) => [each.id, each]));
  let open = before?.room?.instance;
  return happenings.map((happening, index): Fact => {
    if (happening.type === 'room.opened') open = happening.instance;
    const instance = open;
    if (happening.type === 'room.closed') open = undefined;
    const about = named(people, happening);
    return {
      ...happening,
      at,
      account: next.account,
      conference: next.id,
      sequence: next.sequence + index + 1,
      ...(instance === undefined ? {} : { instance }),
      ...(about === undefined ? {} : { about }),
    };
  });
}

/** The participant whom it names, right after it; who left, right before. The map follows. */
function named(people: Map<ParticipantId, Participant>, happening: Happening): Participant | undefined {
  const id = personOf(happening);
  if (id === undefined) return undefined;
  const before = people.get(id);
  const after = personAfter(before, happening);
  if (after === undefined) people.delete(id);
  else people.set(id, after);
  return after ?? before;
}
