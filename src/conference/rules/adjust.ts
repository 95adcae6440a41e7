import { Failure } from '../../base/index.ts';
import type { Input } from '../commands.ts';
import type { Participant } from '../conference.ts';
import { adjusted } from '../fold.ts';
import { LEAST_GAIN, MOST_GAIN, stepped } from '../gains.ts';
import { settingsOf } from '../settings.ts';
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
  const energyOf = energyAfter(wish, settingsOf(conference).sound.energyLevel);
  const after = (each: Participant): Participant =>
    adjusted(each, {
      gainIn: gainIn ?? (stepIn === undefined ? each.gainIn : stepped(each.gainIn, stepIn)),
      gainOut: gainOut ?? (stepOut === undefined ? each.gainOut : stepped(each.gainOut, stepOut)),
      ...energyOf(each),
    });
  const who = chosen(conference, which);
  const changed = who.map(after).filter((each, index) => !isSame(each, who[index]));
  if (changed.length === 0) return unchanged(conference);
  return {
    next: withPeople(conference, changed),
    facts: changed.map(({ id, gainIn: toOthers, gainOut: fromOthers, energyLevel }) => ({
      type: 'participant.adjusted',
      participant: id,
      gainIn: toOthers,
      gainOut: fromOthers,
      ...(energyLevel === undefined ? {} : { energyLevel }),
    })),
    effects: [{ do: 'rehear' }],
  };
};

const isSame = (one: Participant, other: Participant | undefined): boolean =>
  one.gainIn === other?.gainIn && one.gainOut === other.gainOut && one.energyLevel === other.energyLevel;

/** Greatest energy level that there is (kazoo-facts §3.4), and by how much a key changes it, as mod_conference's. */
const MOST_ENERGY = 1800;
const ENERGY_STEP = 200;

type Energy = Pick<Participant, 'energyLevel'>;

/** How loud somebody must be to be heard afterwards; none: as the room has it. */
function energyAfter(
  { energyLevel, stepEnergy }: Pick<Input<'participants.adjust'>, 'energyLevel' | 'stepEnergy'>,
  ofRoom: number,
): (one: Energy) => Energy {
  if (energyLevel === null) return () => ({});
  if (energyLevel !== undefined && !(energyLevel >= 0 && energyLevel <= MOST_ENERGY)) {
    const details = { least: 0, most: MOST_ENERGY };
    throw new Failure('invalid', 'energy_out_of_range', `an energy level is from 0 to ${MOST_ENERGY}`, { details });
  }
  if (energyLevel !== undefined) return () => ({ energyLevel });
  if (stepEnergy === undefined) return (one) => (one.energyLevel === undefined ? {} : { energyLevel: one.energyLevel });
  return (one) => ({ energyLevel: Math.min(MOST_ENERGY, Math.max(0, (one.energyLevel ?? ofRoom) + stepEnergy * ENERGY_STEP)) });
}
