import { Failure, type Json } from '../../base/index.ts';
import { acts } from './actions/table.ts';
import type { Action } from './plan.ts';
import { readActions } from './read-actions.ts';

/** The types of action that there are, in order. */
export const actionTypes: readonly string[] = [...acts.keys()];

/**
 * A flow as clients write it, each action with an id. Refuses with invalid/bad_actions, and what there is no action for with invalid/invalid_action_type,
 * details {type}.
 */
export function checkActions(list: Json | undefined, prefix: string): readonly Action[] {
  const actions = readActions(list, prefix);
  const strange = actions.find(({ type }) => !acts.has(type));
  if (strange !== undefined) {
    const { type } = strange;
    throw new Failure('invalid', 'invalid_action_type', `there is no action ${type}`, { details: { type, known: actionTypes } });
  }
  return actions;
}
