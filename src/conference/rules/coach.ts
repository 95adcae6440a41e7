import type { Happening } from '../facts.ts';
import { withoutCoaching } from '../fold.ts';
import { participantNotFound } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';
import { find, withPeople } from './which.ts';

/** Whoever coaches somebody is heard by him alone. Should that one leave, nobody hears the coach until somebody says otherwise: what is whispered never gets loud by itself. */
export const coach: Rule<'participants.coach'> = (conference, { which, whom }) => {
  const one = find(conference, which);
  if (one === undefined) throw participantNotFound(which);
  const coached = whom === null ? undefined : find(conference, whom);
  if (whom !== null && (coached === undefined || coached.id === one.id)) throw participantNotFound(whom);
  if (one.coaches === coached?.id) return unchanged(conference);
  const fact: Happening =
    coached === undefined
      ? { type: 'participant.coaching_ended', participant: one.id }
      : { type: 'participant.coaching', participant: one.id, whom: coached.id };
  return {
    next: withPeople(conference, [coached === undefined ? withoutCoaching(one) : { ...one, coaches: coached.id }]),
    facts: [fact],
    effects: [{ do: 'rehear' }],
  };
};
