import { type Rule, unchanged } from './rule.ts';

/** Keeps newcomers out, or lets them in again; an empty conference may be locked too. */
export const lock: Rule<'conference.lock'> = (conference, { locked }) =>
  conference.locked === locked
    ? unchanged(conference)
    : {
        next: { ...conference, locked },
        facts: [{ type: locked ? 'conference.locked' : 'conference.unlocked' }],
        effects: [],
      };
