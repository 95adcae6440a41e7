import type { AccountId } from '../accounts/index.ts';
import type { RecordingQuery, RecordingRecord } from './archive.ts';
import type { Erasing } from './keeping.ts';

/** Bytes of a file from the first to the last one given, both inclusive (RFC 9110 §14.1.2). */
export interface ByteRange {
  readonly first: number;
  /** Absent: to the end. */
  readonly last?: number;
}

/** An opened file of a recording. Whoever does not read it to its end returns its iterator. */
export interface OpenedFile {
  readonly type: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** What of it follows. */
  readonly first: number;
  readonly last: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Which file of which recording. */
export interface FileOf {
  readonly account: AccountId;
  readonly recording: string;
  readonly file: string;
}

/** A recording as a picture: what is least and most in each of equal parts of it, from -1 to 1. */
export interface Peaks {
  readonly seconds: number;
  readonly least: readonly number[];
  readonly most: readonly number[];
}

/** Whose old recordings are to go: those that started before this time (epoch ms). */
export interface OldRecordings {
  readonly account: AccountId;
  readonly before: number;
}

/**
 * Recordings with their files, for the dialects, retention and erasure. What is not of the account, or not there, is refused with
 * not-found/recording_not_found; where its files are cannot be reached now: unavailable/shelf.
 */
export interface Recordings {
  list(query: RecordingQuery): Promise<readonly RecordingRecord[]>;
  get(account: AccountId, id: string): Promise<RecordingRecord>;
  /** Refuses with not-found/recording_file_not_found, conflict/recording_running, invalid/range (details {bytes}). */
  open(file: FileOf, range?: ByteRange): Promise<OpenedFile>;
  /** Of the mix, in at most `points` parts. Made once, the first time that somebody asks. Refuses with conflict/recording_running. */
  peaks(account: AccountId, id: string, points: number): Promise<Peaks>;
  /** Its files first, then what is known of it; the record as it was. Refuses with conflict/recording_running. */
  remove(account: AccountId, id: string): Promise<RecordingRecord>;
  /** Removes some of those that are old and over, oldest first; says how many. None are left, or none that can be removed now, when it says 0. */
  forget(what: OldRecordings): Promise<number>;
  /**
   * Takes a caller out: his stems are removed, his number and names leave record and manifest, the mix stays and is marked; with `whole`, the
   * recordings go altogether. Says how many. What is running is left: ask again.
   */
  erase(whose: Erasing & { readonly whole?: boolean }): Promise<number>;
}
