import { hangUp, leave } from './leaving.ts';
import type { Rule } from './rule.ts';
import { chosen } from './which.ts';

/** Sends people away at once: they are gone before their phones know. */
export const kick: Rule<'participants.kick'> = (conference, { which }) => {
  const gone = chosen(conference, which).map((each) => each.call);
  const change = leave(
    conference,
    gone.map(({ id }) => id),
    'kicked',
  );
  return { ...change, effects: [...change.effects, ...gone.map((call) => hangUp(call, 'kicked'))] };
};
