import type { Conference } from '../conference.ts';
import { attendanceFollows, startFollows } from './attendance.ts';
import { connectFollows } from './connect.ts';
import { consentFollows } from './consent.ts';
import { musicFollows } from './music.ts';
import type { Change, Context } from './rule.ts';
import { endFollows } from './time.ts';
import { waitingFollows } from './waiting.ts';

/** One thing that follows from whatever has changed, whoever changed it. */
type Follow = (before: Conference | undefined, change: Change, context: Context) => Change;

const FOLLOWS: readonly Follow[] = [
  connectFollows,
  waitingFollows,
  endFollows,
  startFollows,
  attendanceFollows,
  consentFollows,
  musicFollows,
];

/** What follows from any change: who waits no longer, who is without a moderator, what plays for those who are alone. */
export function follow(before: Conference | undefined, change: Change, context: Context): Change {
  if (change.next === before && change.facts.length === 0) return change;
  return FOLLOWS.reduce((so, each) => each(before, so, context), change);
}
