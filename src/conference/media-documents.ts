import type { AccountId } from '../accounts/index.ts';
import type { Brand, JsonObject } from '../base/index.ts';

/** The id of a media document: 32 hex digits. */
export type MediaId = Brand<'MediaId'>;

/** What was uploaded to a media document. */
export interface UploadedSound {
  /** As the upload said, without parameters. */
  readonly type: string;
  readonly bytes: number;
  /** Of the bytes, in hex. */
  readonly sha256: string;
}

/** Something an account can have played: what was uploaded, or a text to be spoken (kazoo-facts §11.1). */
export interface MediaDocument {
  readonly id: MediaId;
  readonly account: AccountId;
  /** What the account says of it, in KAZOO's keys; `name` is always there. */
  readonly document: JsonObject;
  /** Grows with every change, from 1. */
  readonly revision: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  /** Absent: nothing was uploaded yet. */
  readonly sound?: UploadedSound;
}

/** Keeps media documents; their sounds are files of whoever plays them. */
export interface MediaDocuments {
  find(account: AccountId, id: MediaId): Promise<MediaDocument | undefined>;
  /** Of one account, id ascending. */
  list(account: AccountId): Promise<readonly MediaDocument[]>;
  /** Adds or replaces. */
  save(document: MediaDocument): Promise<void>;
  remove(account: AccountId, id: MediaId): Promise<void>;
}

/** Bytes of a sound, as somebody sends or gets them. */
export interface SoundFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Media documents with their sounds, for the dialects. Refuses with not-found/media_not_found what is not of the account. */
export interface MediaLibrary {
  get(account: AccountId, id: MediaId): Promise<MediaDocument>;
  /** Id ascending. */
  list(account: AccountId): Promise<readonly MediaDocument[]>;
  /** `document` has been checked by the dialect. */
  create(account: AccountId, document: JsonObject): Promise<MediaDocument>;
  /** Replaces what is said; the sound stays. */
  change(media: Pick<MediaDocument, 'account' | 'id'>, document: JsonObject): Promise<MediaDocument>;
  /** The document as it was; its sound goes with it. */
  remove(account: AccountId, id: MediaId): Promise<MediaDocument>;
  /** Replaces the sound. Refuses what nobody could play: invalid/media_unplayable, details {reason}. */
  upload(media: Pick<MediaDocument, 'account' | 'id'>, file: SoundFile): Promise<MediaDocument>;
  /** Refuses with not-found/media_empty when nothing was uploaded. */
  download(account: AccountId, id: MediaId): Promise<SoundFile>;
}
