import { leave } from './leaving.ts';
import type { Rule } from './rule.ts';
import { chosen } from './which.ts';

/** Sends people away at once: they are gone before their phones know. */
export const kick: Rule<'participants.kick'> = (conference, { which }) => {
  const gone = chosen(conference, which).map((each) => each.call.id);
  const change = leave(conference, gone, 'kicked');
  return { ...change, effects: [...change.effects, ...gone.map((call) => ({ do: 'hang-up', call, reason: 'kicked' }) as const)] };
};
