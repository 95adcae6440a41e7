import { type Rule, unchanged } from './rule.ts';

/**
 * What is configured for all has changed, and the conference that is given here has it already: the room is mixed by it, and its music follows from this change
 * as from any. It is no fact: nothing of this conference was changed by anybody.
 */
export const configured: Rule<'conference.configured'> = (conference) =>
  conference.room === undefined ? unchanged(conference) : { next: { ...conference }, facts: [], effects: [{ do: 'rehear' }] };
