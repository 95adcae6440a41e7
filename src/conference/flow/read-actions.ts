import { Failure, isObject, type Json } from '../../base/index.ts';
import type { Action } from './plan.ts';

/** Most actions of one flow. */
const MOST = 1000;

const badActions = (words: string): Failure => new Failure('invalid', 'bad_actions', words);

/** Reserved ids of VoIPBIN (voipbin-facts §2.7): none, start, finish, next. */
const isNone = (id: string): boolean => /^(0{8}-0{4}-0{4}-0{4}-0{11}[0-3])?$/.test(id);

/** A list of actions as clients write it. Whoever has no id is given one that begins with `prefix`. Refuses with invalid/bad_actions. */
export function readActions(list: Json | undefined, prefix: string): readonly Action[] {
  if (!Array.isArray(list)) throw badActions('actions are a list');
  if (list.length > MOST) throw badActions(`a flow has at most ${MOST} actions`);
  return list.map((each, index) => {
    if (!isObject(each) || typeof each['type'] !== 'string') throw badActions(`action ${index + 1} is no object with a type`);
    const { id, type, option, next_id: next } = each;
    return {
      id: typeof id === 'string' && !isNone(id) ? id : `${prefix}-${index}`,
      type,
      option: option !== undefined && isObject(option) ? option : {},
      ...(typeof next === 'string' && !isNone(next) ? { nextId: next } : {}),
    };
  });
}
