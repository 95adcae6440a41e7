import type { Conference } from '../conference.ts';
import type { Change, Context } from '../rules/rule.ts';
import { announce, hushed } from './announce.ts';
import { goings } from './goings.ts';
import { notices } from './notices.ts';
import type { Scene } from './scene.ts';
import { told } from './told.ts';

/**
 * A change with what people hear of it though they did not ask for it: tones and names of those who come and go, words to the one who was muted, notices to all.
 * The facts alone decide, so that it is the same whichever way a command came. `before`: as it was; a
 * conference that is new has nobody in it who could hear anything.
 */
export function announced(before: Conference | undefined, change: Change, context: Context): Change {
  if (before === undefined) return change;
  const quiet = hushed(before, change);
  if (change.facts.length === 0 || quiet.next.room === undefined || context.lacks.has('player')) return quiet;
  const scene: Scene = { before, after: quiet.next, facts: change.facts, ...(change.by === undefined ? {} : { by: change.by }) };
  return announce(quiet, [...goings(scene), ...told(scene), ...notices(scene)], context);
}
