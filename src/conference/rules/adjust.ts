import { Failure } from '../../base/index.ts';
import { LEAST_GAIN, MOST_GAIN } from '../gains.ts';
import { type Rule, unchanged } from './rule.ts';
import { chosen, withPeople } from './which.ts';

/** Louder or quieter, for the others or for himself; only those who change give a fact. Silence is what mute and deafen are for. */
export const adjust: Rule<'participants.adjust'> = (conference, { which, gainIn, gainOut }) => {
  for (const gain of [gainIn ?? 1, gainOut ?? 1]) {
    // Written so that NaN is refused too.
    if (!(gain >= LEAST_GAIN && gain <= MOST_GAIN)) {
      const details = { least: LEAST_GAIN, most: MOST_GAIN };
      throw new Failure('invalid', 'gain_out_of_range', `a gain is from ${LEAST_GAIN} to ${MOST_GAIN}`, { details });
    }
  }
  const changed = chosen(conference, which)
    .filter((each) => each.gainIn !== (gainIn ?? each.gainIn) || each.gainOut !== (gainOut ?? each.gainOut))
    .map((each) => ({ ...each, gainIn: gainIn ?? each.gainIn, gainOut: gainOut ?? each.gainOut }));
  if (changed.length === 0) return unchanged(conference);
  return {
    next: withPeople(conference, changed),
    facts: changed.map((each) => ({ type: 'participant.adjusted', participant: each.id, gainIn: each.gainIn, gainOut: each.gainOut })),
    effects: [{ do: 'rehear' }],
  };
};
