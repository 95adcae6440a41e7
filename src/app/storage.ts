import { mkdirSync } from 'node:fs';
import { type Chance, type Clock, Failure, type Log } from '../base/index.ts';
import { openFetch } from '../fetch/index.ts';
import { openStorage, type S3Place, type Storage } from '../recording/index.ts';
import type { AllStores } from '../store/index.ts';
import { version } from './version.ts';

/** Where recordings are kept. */
export interface RecordingConfig {
  /** Absolute. */
  readonly dir: string;
  /** Undefined: they stay in the folder. */
  readonly s3: S3Place | undefined;
}

const invalid = (message: string): Failure => new Failure('invalid', 'bad_configuration', message);

/** Reads the settings of the store that speaks S3; undefined without a bucket. */
export function s3From(text: (key: string) => string): S3Place | undefined {
  const bucket = text('recording.s3.bucket');
  if (bucket === '') return undefined;
  const [accessKeyId, secretAccessKey] = [text('recording.s3.access_key_id'), text('recording.s3.secret_access_key')];
  if (accessKeyId === '' || secretAccessKey === '') {
    throw invalid('recording.s3.bucket needs recording.s3.access_key_id and recording.s3.secret_access_key');
  }
  const [region, prefix] = [text('recording.s3.region'), text('recording.s3.prefix')];
  return {
    bucket,
    region,
    accessKeyId,
    secretAccessKey,
    endpoint: text('recording.s3.endpoint') || `https://s3.${region}.amazonaws.com`,
    prefix: prefix === '' ? '' : `${prefix}/`,
    isPathStyle: text('recording.s3.path_style') === 'on',
  };
}

/** What is needed to open the place of recordings. */
export interface StorageNeeds {
  readonly recording: RecordingConfig;
  readonly store: Pick<AllStores, 'archive'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Opens the place where recordings are kept, and goes on carrying what was on its way there. */
export function storageOf({ recording: { dir, s3 }, store, clock, chance, log }: StorageNeeds): Storage {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new Failure('invalid', 'bad_configuration', `cannot make recording.dir ${dir}: ${(cause as Error).message}`, { cause });
  }
  // A door of its own: the operator, and nobody over the API, says whom it calls, so that it may be in his own network.
  const door = () => openFetch({ clock, log, allow: ['private', 'loopback'], agent: `Parley/${version()}` });
  const storage = openStorage({
    archive: store.archive,
    folder: dir,
    clock,
    chance,
    log,
    ...(s3 === undefined ? {} : { s3: { place: s3, door: door() } }),
  });
  storage.kick();
  return storage;
}
