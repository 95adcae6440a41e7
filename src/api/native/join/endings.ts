import type { LeaveReason } from '../../../conference/index.ts';

/** How a call ended, as the signalling tells it. */
export interface Ending {
  readonly reason: LeaveReason;
  readonly why?: { readonly code: string; readonly words: string };
}

/** `cause` and `text` of the last frame. */
export interface Farewell {
  readonly cause: string;
  readonly text: string;
}

const OF_REASON: Readonly<Record<LeaveReason, Farewell>> = {
  'hung-up': { cause: 'left', text: 'you have left' },
  'flow-ended': { cause: 'left', text: 'you have left' },
  transferred: { cause: 'left', text: 'you were sent elsewhere' },
  denied: { cause: 'denied', text: 'a moderator did not let you in' },
  'no-moderator': { cause: 'no-moderator', text: 'no moderator is there' },
  'no-consent': { cause: 'no-consent', text: 'you did not agree to be recorded' },
  'time-up': { cause: 'conference-over', text: 'the conference is over' },
  'conference-deleted': { cause: 'conference-over', text: 'the conference is over' },
  kicked: { cause: 'kicked', text: 'a moderator has removed you' },
  'media-lost': { cause: 'media-lost', text: 'the sound was lost' },
  refused: { cause: 'refused', text: 'you cannot come in' },
  failed: { cause: 'failed', text: 'the call failed' },
  shutdown: { cause: 'server-stopping', text: 'the server stops; try again in a minute' },
  restart: { cause: 'server-stopping', text: 'the server stops; try again in a minute' },
};

/** Refusals that have a cause of their own. */
const OF_CODE: ReadonlyMap<string, Farewell> = new Map([
  ['too_many_attempts', { cause: 'wrong-pin', text: 'the PIN was wrong too often' }],
  ['locked_out', { cause: 'locked-out', text: 'there were too many wrong PINs; try again in a quarter of an hour' }],
  ['conference_locked', { cause: 'locked', text: 'the conference is locked' }],
  ['overloaded', { cause: 'overloaded', text: 'the server has too much to do; try again in a minute' }],
  ['conference_full', { cause: 'full', text: 'the conference is full' }],
]);

/** Another page has gone on in its place. */
export const TAKEN_OVER: Farewell = { cause: 'taken-over', text: 'you have joined from another window' };
/** Others were quicker. */
export const USED_UP: Farewell = { cause: 'used', text: 'as many guests as were invited by this link have come' };
/** The server stops. */
export const STOPPING: Farewell = OF_REASON.shutdown;

/** What the guest is told. */
export function farewellOf({ reason, why }: Ending): Farewell {
  if (why === undefined) return OF_REASON[reason];
  if (reason === 'refused') return OF_CODE.get(why.code) ?? { cause: 'refused', text: why.words };
  return reason === 'media-lost' ? { cause: 'media-lost', text: why.words } : OF_REASON[reason];
}
