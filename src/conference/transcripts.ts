import type { AccountId } from '../accounts/index.ts';
import type { ConferenceId, ParticipantId } from './conference.ts';
import type { TranscriptionId, Utterance } from './transcription.ts';

/** What somebody said, as it is kept: in the same transaction as the fact `transcript.created` that told of it, and as long as its own retention says. */
export interface TranscriptRecord extends Utterance {
  /** Names it in its account, and its place in a list: `TranscriptQuery.after`. */
  readonly id: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** The run of the room (`Room.instance`); absent: it was recognised after the room had closed. */
  readonly instance?: string;
}

/** Which ones; in the order in which they were said. */
export interface TranscriptQuery {
  readonly account: AccountId;
  readonly conference?: ConferenceId;
  readonly transcription?: TranscriptionId;
  readonly participant?: ParticipantId;
  /** Epoch ms of the beginning, inclusive. */
  readonly from?: number;
  /** Epoch ms of the beginning, exclusive. */
  readonly to?: number;
  /** Behind this one. What is no id gives nothing. */
  readonly after?: string;
  readonly limit: number;
}

/** Keeps transcripts. They come with the facts (`Store.save`), are forgotten and erased by `Keeping`. */
export interface Transcripts {
  list(query: TranscriptQuery): Promise<readonly TranscriptRecord[]>;
  /** Forgets all of a conference; says how many. */
  remove(account: AccountId, conference: ConferenceId): Promise<number>;
}
