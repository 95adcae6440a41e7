import type { Chance, Clock, Closable, Log } from '../base/index.ts';
import type { Archive, Recordings } from '../conference/index.ts';
import { RecordingLibrary } from './library/recording-library.ts';
import type { Shelf } from './ports.ts';
import type { HttpDoor, S3Place } from './s3-requests.ts';
import { FolderShelf } from './shelf-folder.ts';
import { S3Shelf } from './shelf-s3.ts';
import { Turns } from './turns.ts';
import { type UploadCounts, Uploads } from './uploads.ts';

/** What keeping recordings needs. */
export interface StorageOptions {
  readonly archive: Archive;
  /** Where the recorder leaves finished files, `folder/account/recording/file`, and where they stay without another store. */
  readonly folder: string;
  /** Another store for finished recordings, and the door that leads there alone, which is closed with this. Default none. */
  readonly s3?: { readonly place: S3Place; readonly door: HttpDoor };
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Where recordings are kept once they are over. */
export interface Storage extends Closable {
  readonly recordings: Recordings;
  /** Where finished ones go in the end. */
  readonly shelf: Shelf;
  /** A recording has been saved as `storing`: it is carried to its shelf. To be called once after the start, too. */
  kick(): void;
  counts(): UploadCounts;
}

/** Opens the place where recordings are kept. */
export function openStorage({ archive, folder, s3, clock, chance, log }: StorageOptions): Storage {
  const local = new FolderShelf(folder);
  const remote = s3 && new S3Shelf({ ...s3, clock, chance, log });
  const turns = new Turns();
  const shelf = remote ?? local;
  const uploads = new Uploads({
    archive,
    shelf,
    folder,
    turns,
    clock,
    chance,
    log,
    // Only what is safe elsewhere goes from here.
    ...(remote === undefined ? {} : { onStored: ({ account, id }) => local.remove(account, id) }),
  });
  const close = async (): Promise<void> => {
    const closing = uploads.close();
    await remote?.close();
    await closing;
  };
  let closing: Promise<void> | undefined;
  return {
    recordings: new RecordingLibrary({ archive, local, folder, remote, turns, clock, log }),
    shelf,
    kick: () => uploads.kick(),
    counts: () => uploads.counts(),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
