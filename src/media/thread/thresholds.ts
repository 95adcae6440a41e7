import type { ThreadPlan } from './messages.ts';

/** How loud legs must be to be heard for which the plan says otherwise than for the room. */
export function ownThresholds(plan: ThreadPlan | undefined): ReadonlyMap<string, number> {
  const own = new Map<string, number>();
  for (const { leg, energyLevel } of plan?.sources ?? []) if (energyLevel !== undefined) own.set(leg, energyLevel);
  return own;
}
