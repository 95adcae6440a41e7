import { dashed, isObject, type Json, type JsonObject } from '../../base/index.ts';
import { refusals } from './refused.ts';
import { isUuid, listIn } from './scene.ts';
import { NIL } from './stamp.ts';

/** What refuses an action that Parley does not have; throws. */
export type CheckActions = (actions: readonly JsonObject[]) => void;

/** Most actions of one list; a longer one is a mistake or an attack. */
const MOST = 1000;

/** The actions of a body: each gets an id where it has none, and the key of what follows (voipbin-facts §2.2). */
export function actionsIn(
  body: JsonObject,
  key: string,
  { newId, check }: { newId: () => string; check: CheckActions },
): readonly JsonObject[] {
  const wished = listIn(body, key) ?? [];
  if (wished.length > MOST) throw refusals.badArgument(`The field ${key} may have ${MOST} actions at most.`);
  const whole = wished.map((each: Json): JsonObject => {
    if (!isObject(each)) throw refusals.badJsonOf(key, 'an array of actions');
    const { id, next_id: next, option } = each;
    return {
      ...each,
      id: typeof id === 'string' && isUuid(id) ? id.toLowerCase() : dashed(newId()),
      next_id: typeof next === 'string' && isUuid(next) ? next.toLowerCase() : NIL,
      option: isObject(option) ? option : {},
    };
  });
  check(whole);
  return whole;
}
