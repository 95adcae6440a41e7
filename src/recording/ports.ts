import type { AccountId } from '../accounts/index.ts';

/** Bytes of a file on the shelf, from the first to the last one given, both inclusive; as in RFC 9110 §14.1.2. */
export interface Range {
  readonly first: number;
  /** Absent: to the end. */
  readonly last?: number;
}

/** An opened file of the shelf. Whoever does not read it to its end returns its iterator. */
export interface Taken {
  /** Of the whole file. */
  readonly bytes: number;
  readonly type: string;
  /** What of it follows. */
  readonly first: number;
  readonly last: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Where a file stands: which recording of which account, and the file's name in it. */
export interface ShelfKey {
  readonly account: AccountId;
  readonly recording: string;
  readonly file: string;
}

/** What a file is put on the shelf with. */
export interface Putting {
  /** Where it lies now, on the local disk; it stays as it is until `put` has resolved, and is not taken away by it. */
  readonly path: string;
  /** `audio/wav`, `audio/ogg`, `application/json`. */
  readonly type: string;
  readonly bytes: number;
  /** 64 hex digits: what arrives is compared with it. */
  readonly sha256: string;
}

/** Keeps finished files: a folder, or a store that speaks S3. */
export interface Shelf {
  /** For people and for `RecordingRecord.place`: `folder`, `s3://bucket/prefix`. */
  readonly place: string;
  /**
   * Resolves once the file is kept durably; the same file again changes nothing, and what was half put is replaced. It tries again by itself for a
   * while, then rejects with unavailable/shelf and words; whoever asked comes back later.
   */
  put(key: ShelfKey, putting: Putting): Promise<void>;
  /** Undefined: there is no such file. A range that begins behind the end is refused with invalid/range. */
  get(key: ShelfKey, range?: Range): Promise<Taken | undefined>;
  /** Names and sizes of a recording's files. */
  list(account: AccountId, recording: string): Promise<readonly { readonly file: string; readonly bytes: number }[]>;
  /** One file is gone once it resolves; one that is not there does not count. */
  removeFile(key: ShelfKey): Promise<void>;
  /** The recording's files are gone once it resolves; those that are not there do not count. */
  remove(account: AccountId, recording: string): Promise<void>;
}
