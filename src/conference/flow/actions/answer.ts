import { act } from '../act.ts';

/** Answers the call. */
export const answer = act({ answers: true, read: () => undefined, begin: () => ({ turn: 'go' }) });
