import { Failure } from '../base/index.ts';
import type { Which } from './commands.ts';
import type { CallId, ConferenceId } from './conference.ts';

/** The account has no such conference, or it is deleted. */
export const conferenceNotFound = (id: ConferenceId): Failure =>
  new Failure('not-found', 'conference_not_found', 'there is no such conference', { details: { id } });

/** Nobody in the conference is known by this number or id. */
export const participantNotFound = (id: Which): Failure =>
  new Failure('not-found', 'participant_not_found', 'there is no such participant in this conference', { details: { id } });

/** The call is neither in the conference nor on its way in. */
export const callNotFound = (id: CallId): Failure =>
  new Failure('not-found', 'call_not_found', 'this call is not in the conference', { details: { id } });
