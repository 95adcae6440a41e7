import { Failure, isObject, type Json, type JsonObject } from '../../../base/index.ts';
import { act } from '../act.ts';
import type { Action } from '../plan.ts';
import { readActions } from '../read-actions.ts';
import { flagOf, textOf } from './option.ts';

/** Most that one action calls. */
const MOST = 100;

/**
 * Calls others, each with a flow of its own, and goes on at once. `chained`: they are hung up with this call. That nobody can be called is no reason to stop
 * (voipbin-facts §4.4).
 */
export const call = act<JsonObject, never>({
  answers: false,
  read: (option) => option,
  begin(option) {
    const { destinations, source } = option;
    const targets = Array.isArray(destinations) ? destinations.slice(0, MOST).flatMap(targetOf) : [];
    const actions = flowOf(option);
    if (targets.length === 0) return { turn: 'go', failed: 'it does not say whom to call' };
    if (actions === undefined) return { turn: 'go', failed: 'its actions cannot be read' };
    const number = textOf(isObject(source) ? source : {}, 'target');
    const chained = flagOf(option, 'chained');
    const callerId = { ...(number === '' ? {} : { number }), ...(textOf(option, 'anonymous') === 'yes' ? { hidden: true } : {}) };
    return { turn: 'go', effects: targets.map((target) => ({ do: 'call', target, actions, callerId, chained }) as const) };
  },
});

/** A stored flow counts more than actions. */
function flowOf(option: JsonObject): readonly Action[] | undefined {
  const flow = textOf(option, 'flow_id');
  if (flow !== '' && !/^[0-]+$/.test(flow)) return [{ id: 'flow', type: 'fetch_flow', option: { flow_id: flow } }];
  try {
    return readActions(option['actions'] ?? [], 'called');
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
}

function targetOf(value: Json): readonly string[] {
  const target = typeof value === 'string' ? value : textOf(isObject(value) ? value : {}, 'target');
  if (target === '') return [];
  return [target.includes('@') && !/^sips?:/i.test(target) ? `sip:${target}` : target];
}
