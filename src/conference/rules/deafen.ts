import { type Rule, unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Stops people from hearing, or lets them hear again; only those who change give a fact. */
export const deafen: Rule<'participants.deafen'> = (conference, { which, deaf }) => {
  const changed = chosen(conference, which)
    .filter((each) => each.deaf !== deaf)
    .map((each) => ({ ...each, deaf }));
  if (changed.length === 0) return unchanged(conference);
  return {
    next: withPeople(conference, changed),
    facts: changed.map(({ id }) => ({ type: deaf ? 'participant.deafened' : 'participant.undeafened', participant: id })),
    effects: [{ do: 'rehear' }],
  };
};
