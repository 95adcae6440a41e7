import { Failure } from '../base/index.ts';
import type { Which } from './commands.ts';
import type { CallId, ConferenceId } from './conference.ts';

/** The account has no such conference, or it is deleted. */
export const conferenceNotFound = (id: ConferenceId): Failure =>
  new Failure('not-found', 'conference_not_found', 'there is no such conference', { details: { id } });

/** Nobody in the conference is known by this number or id. */
export const participantNotFound = (id: Which): Failure =>
  new Failure('not-found', 'participant_not_found', 'there is no such participant in this conference', { details: { id } });

/** Nobody is in, so that there is nothing to record and nobody to play to. */
export const nobodyThere = (): Failure => new Failure('conflict', 'nobody_there', 'nobody is in this conference');

const see = (setting: string): { details: { setting: string } } => ({ details: { setting } });

/** The server has nothing that records. */
export const noRecorder = (): Failure =>
  new Failure('unavailable', 'no_recorder', 'this server records nothing; see the setting recording.dir', see('recording.dir'));

/** The server has nothing that plays. */
export const noPlayer = (): Failure =>
  new Failure('unavailable', 'no_player', 'this server plays nothing; see the setting playing.prompts', see('playing.prompts'));

/** The server has no provider of speech recognition. */
export const noTranscriber = (): Failure =>
  new Failure('unavailable', 'no_transcriber', 'no provider of speech to text is set; see the setting speech.stt', see('speech.stt'));

/** The server lets no programs take part. */
export const noStreams = (): Failure =>
  new Failure(
    'unavailable',
    'no_streams',
    'programs cannot take part here; see the setting streams.per_conference',
    see('streams.per_conference'),
  );

/** The call is neither in the conference nor on its way in. */
export const callNotFound = (id: CallId): Failure =>
  new Failure('not-found', 'call_not_found', 'this call is not in the conference', { details: { id } });

/** A call may outlive its conference; that it ends, or that its keys are pressed, is then nobody's concern. */
export const acceptGone = (error: unknown): undefined => {
  if (error instanceof Failure && error.code === 'conference_not_found') return undefined;
  throw error;
};
