import { lobbyOf } from '../flow/lobby.ts';
import { callNotFound } from '../refusals.ts';
import { leave } from './leaving.ts';
import type { Rule } from './rule.ts';
import { speaking, waiters } from './which.ts';

/** Sends a call that is up back to its lobby, for good. A program has none, and who is still being answered is not up. */
export const divert: Rule<'call.divert'> = (conference, { call: id }) => {
  const call = speaking(conference, id)?.call ?? waiters(conference).find((each) => each.call.id === id)?.call;
  if (call === undefined || call.stream !== undefined) throw callNotFound(id);
  const change = leave(conference, [id], 'transferred');
  return { ...change, effects: [...change.effects, { do: 'bring', call: id, to: lobbyOf(id), reason: 'transferred' }] };
};
