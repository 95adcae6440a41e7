import type { Happening } from '../facts.ts';
import { withoutHand } from '../fold.ts';
import { type Rule, unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Raises or lowers hands; only those who change give a fact. Nothing sounds otherwise. */
export const hand: Rule<'participants.hand'> = (conference, { which, raised }, { epoch }) => {
  const changed = chosen(conference, which).filter((each) => (each.handRaisedAt !== undefined) !== raised);
  if (changed.length === 0) return unchanged(conference);
  return {
    next: withPeople(
      conference,
      changed.map((each) => (raised ? { ...each, handRaisedAt: epoch } : withoutHand(each))),
    ),
    facts: changed.map(
      ({ id }): Happening =>
        raised
          ? { type: 'participant.hand_raised', participant: id, raisedAt: epoch }
          : { type: 'participant.hand_lowered', participant: id },
    ),
    effects: [],
  };
};
