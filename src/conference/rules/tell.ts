import { announce } from '../announcing/announce.ts';
import { spoken } from '../announcing/caller-sounds.ts';
import { howMany, rollCall } from '../announcing/count.ts';
import { counted, toOne } from '../announcing/scene.ts';
import { noPlayer } from '../refusals.ts';
import { type Rule, unchanged } from './rule.ts';
import { chosen } from './which.ts';

/** Tells people who else is here, or that whom their keys called could not be reached. */
export const tell: Rule<'participants.tell'> = (conference, { which, what }, context) => {
  const who = chosen(conference, which);
  if (context.lacks.has('player')) throw noPlayer();
  const asked = who.map(({ id }) => {
    if (what === 'dial_failed') return toOne(id, 'told', spoken(conference, 'conf-dial_failed'));
    const others = counted(conference).filter((each) => each.id !== id).length;
    return toOne(id, 'key', ...(what === 'count' ? howMany(conference, others) : rollCall(conference, others)));
  });
  return announce(unchanged(conference), asked, context);
};
