import type { CallId, ConferenceId } from '../ids.ts';

/** The lobby of a call: where a conference's id is asked for, the call's own id stands (docs/decisions/0017). */
export const lobbyOf = (call: CallId): ConferenceId => call as string as ConferenceId;
