import { Failure } from '../../base/index.ts';
import { announce } from '../announcing/announce.ts';
import { spoken } from '../announcing/caller-sounds.ts';
import { toOne } from '../announcing/scene.ts';
import type { Participant } from '../conference.ts';
import { type Acted, acts, type Press } from '../keypad/acts.ts';
import { type Rule, unchanged } from './rule.ts';
import { speaking } from './which.ts';

/** What keys mean happens, and who pressed them hears so. What is not possible now is said to him, too: a caller cannot be sent a refusal. */
export const act: Rule<'keypad.act'> = (conference, { call, action, data }, context) => {
  const one = speaking(conference, call);
  if (one === undefined) return unchanged(conference);
  const { change, says } = tried({ conference, one, data, context }, acts[action]);
  return announce({ ...change, by: one.id }, heardBy(change.next.room?.participants, one) ? [toOne(one.id, 'key', ...says)] : [], context);
};

/** Whoever has left by his own keys hears no more. */
const heardBy = (left: readonly Participant[] | undefined, one: Participant): boolean => left?.some(({ id }) => id === one.id) === true;

function tried(press: Press, does: (press: Press) => Acted): Acted {
  try {
    return does(press);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { change: unchanged(press.conference), says: [spoken(press.conference, 'conf-not_possible')] };
  }
}
