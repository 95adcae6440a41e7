import type { Conference } from '../conference.ts';
import { removed } from './document.ts';
import { connected, isConnect, PAIR } from './pair.ts';
import type { Change, Context } from './rule.ts';

/**
 * Once two were connected and one of them leaves, the other is sent out and the conference ends (`rulings.md` "connect"). Who was there alone may come again:
 * nothing was connected yet.
 */
export function connectFollows(before: Conference | undefined, change: Change, { epoch }: Pick<Context, 'epoch'>): Change {
  if (before === undefined || change.forget === true || change.next.deletedAt !== undefined || !isConnect(change.next)) return change;
  const were = connected(before);
  const isParted = change.facts.some((fact) => fact.type === 'participant.left' && were.some(({ id }) => id === fact.participant));
  if (were.length < PAIR || !isParted) return change;
  const end = removed(change.next, { keep: true, reason: 'conference-deleted', epoch });
  return { ...end, facts: [...change.facts, ...end.facts], effects: [...change.effects, ...end.effects] };
}
