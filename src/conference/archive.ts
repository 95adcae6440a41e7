import type { AccountId } from '../accounts/index.ts';
import type { CallId, ConferenceId, ParticipantId } from './conference.ts';
import type { Erasing } from './keeping.ts';

/**
 * `awaited`: it begins when somebody comes. `running`: it is being written. `storing`: it has ended, and its files wait for the shelf. `stored`: all of them are
 * there. `failed`: nothing of it could be kept; `words` says why.
 */
export type RecordingState = 'awaited' | 'running' | 'storing' | 'stored' | 'failed';

/**
 * Why a recording ended. `limit`: its longest time was reached. `silence`: nobody talked for as long as it was to wait. `restart`: the server stopped or died, and
 * the files were finished at its next start.
 */
export type RecordingEnd = 'asked' | 'room-closed' | 'limit' | 'silence' | 'failed' | 'restart';

/** One file of a recording. */
export interface RecordingFile {
  /** Without a folder, unique in the recording: `mix.wav`, `stem-002.ogg`, `manifest.json`. */
  readonly name: string;
  readonly kind: 'mix' | 'stem' | 'manifest' | 'peaks';
  /** Whose stem; absent when it belongs to nobody: the mix, a prompt, a stream. */
  readonly participant?: ParticipantId;
  /** Samples of the recording before the file's first one. */
  readonly offsetSamples: number;
  readonly bytes: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** Somebody who was in the room while it was recorded. The keys are those of a call, so that `withoutCaller` finds him. */
export interface RecordedPerson {
  readonly participant: ParticipantId;
  readonly direction: 'inbound' | 'outbound';
  readonly callerNumber: string;
  readonly callerName: string;
}

/** What is known of a recording without opening its files. A value. */
export interface RecordingRecord {
  /** 32 hex digits, as the domain named it. */
  readonly id: string;
  readonly account: AccountId;
  readonly conference: ConferenceId;
  /** The run of the room (`Room.instance`). */
  readonly instance: string;
  readonly name?: string;
  /** As of `Recording`. */
  readonly onEnd?: string;
  /** The call that was recorded; `conference` is its lobby. */
  readonly call?: CallId;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Epoch ms; absent while it is running. */
  readonly endedAt?: number;
  readonly state: RecordingState;
  /** How long its mix plays, without pauses; 0 while it is running. */
  readonly seconds: number;
  /** Hz of its files; 0 while nobody was there yet. */
  readonly rate: number;
  readonly format: 'wav' | 'ogg';
  /** Of a running recording none. */
  readonly files: readonly RecordingFile[];
  /** On which shelf its files are (`Shelf.place`); absent until all of them are there. */
  readonly place?: string;
  /** Absent while it is running. */
  readonly reason?: RecordingEnd;
  /** What else people should know, such as why it ended or what is missing. */
  readonly words?: string;
  /** Everybody who was in, once; by this a caller is found who is to be erased. Written with the end of the recording at the latest. */
  readonly people?: readonly RecordedPerson[];
  /** Those whose stems were removed because they were erased; the mix still has their voices. */
  readonly erased?: readonly ParticipantId[];
  /** Its files were half made when the server started, and were repaired. */
  readonly repaired: boolean;
  /** Parts were not written in time, or the machine stood still; the manifest names them. */
  readonly gaps: number;
}

/** Which recordings. `before` and `limit` page: newest first by (startedAt, id). */
export interface RecordingQuery {
  readonly account: AccountId;
  readonly conference?: ConferenceId;
  /** Epoch ms of the start, inclusive. */
  readonly from?: number;
  /** Epoch ms of the start, exclusive. */
  readonly to?: number;
  readonly before?: { readonly at: number; readonly id: string };
  readonly limit: number;
}

/** Keeps what is known of recordings. */
export interface Archive {
  /** Keeps it durably; in place of the one with the same (account, id). */
  save(record: RecordingRecord): Promise<void>;
  recording(account: AccountId, id: string): Promise<RecordingRecord | undefined>;
  list(query: RecordingQuery): Promise<readonly RecordingRecord[]>;
  /** Of every account: those that are running or storing. */
  unfinished(): Promise<readonly RecordingRecord[]>;
  /** Whose start was before that time (epoch ms) and that are neither running nor storing, oldest first: for expiry. */
  startedBefore(account: AccountId, time: number, limit: number): Promise<readonly RecordingRecord[]>;
  /** In which somebody called, or was called, under this number: for erasing. Oldest first. */
  ofCaller(whose: Erasing): Promise<readonly RecordingRecord[]>;
  remove(account: AccountId, id: string): Promise<void>;
}
