import type { CallId } from './conference.ts';
import type { LeaveReason } from './reasons.ts';

/** What must be done outside once a change is stored. Outcomes come back later as commands. */
export type Effect =
  | { readonly do: 'rehear' }
  | { readonly do: 'answer'; readonly call: CallId }
  | { readonly do: 'hang-up'; readonly call: CallId; readonly reason: LeaveReason };
