import type { MixPlan } from '../../audio/index.ts';
import type { ThreadPlan } from './messages.ts';

/** The slot of whoever records: no leg's, so that nobody is taken out of what he hears as himself. */
export const RECORDER = -1;

/** The ears of whoever records, where the plan has people who are in no recording: he hears the sum without them, and all others hear it whole. */
export function recordersEars(plan: ThreadPlan | undefined, slots: ReadonlyMap<string, number>): MixPlan['listeners'] {
  const left = (plan?.sources ?? []).flatMap(({ leg, unrecorded }) => (unrecorded === true ? (slots.get(leg) ?? []) : []));
  return left.length === 0 ? [] : [{ slot: RECORDER, gains: left.map((slot) => ({ slot, gain: 0 })) }];
}
