import { Failure } from '../../base/index.ts';
import type { Participant } from '../conference.ts';
import { LEAST_GAIN, MOST_GAIN, stepped } from '../gains.ts';
import { type Rule, unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Louder or quieter, for the others or for himself; only those who change give a fact. Silence is what mute and deafen are for. */
export const adjust: Rule<'participants.adjust'> = (conference, { which, ...wish }) => {
  const { gainIn, gainOut, stepIn, stepOut } = wish;
  for (const gain of [gainIn ?? 1, gainOut ?? 1]) {
    // Written so that NaN is refused too.
    if (!(gain >= LEAST_GAIN && gain <= MOST_GAIN)) {
      const details = { least: LEAST_GAIN, most: MOST_GAIN };
      throw new Failure('invalid', 'gain_out_of_range', `a gain is from ${LEAST_GAIN} to ${MOST_GAIN}`, { details });
    }
  }
  const after = (each: Participant): Participant => ({
    ...each,
    gainIn: gainIn ?? (stepIn === undefined ? each.gainIn : stepped(each.gainIn, stepIn)),
    gainOut: gainOut ?? (stepOut === undefined ? each.gainOut : stepped(each.gainOut, stepOut)),
  });
  const who = chosen(conference, which);
  const changed = who.map(after).filter((each, index) => each.gainIn !== who[index]?.gainIn || each.gainOut !== who[index]?.gainOut);
  if (changed.length === 0) return unchanged(conference);
  return {
    next: withPeople(conference, changed),
    facts: changed.map((each) => ({ type: 'participant.adjusted', participant: each.id, gainIn: each.gainIn, gainOut: each.gainOut })),
    effects: [{ do: 'rehear' }],
  };
};
