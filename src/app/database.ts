import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { type Chance, type Clock, Failure, type Log, SystemChance, SystemClock } from '../base/index.ts';
import {
  type AllStores,
  type Database,
  dueOf,
  type Exported,
  exportDatabase,
  type Imported,
  importDatabase,
  migrateDatabase,
  openPostgres,
  openSqlite,
  type Progress,
  type Step,
} from '../store/index.ts';
import type { Config } from './config.ts';
import { masterKey } from './master-key.ts';
import { claim } from './ready-file.ts';
import { version } from './version.ts';

export type { Exported, Imported, Progress, Step };

type Where = Pick<Config, 'dataDir' | 'storeUrl'>;

const CHUNK = 1 << 16;

const pathIn = (dataDir: string): string => join(dataDir, 'parley.db');

/** Where everything is kept: the file in the data directory, or the server that `store.url` names. */
const databaseOf = ({ dataDir, storeUrl }: Where): Database =>
  storeUrl === undefined ? { path: pathIn(dataDir) } : { url: storeUrl, clock: new SystemClock() };

/** Which database that is, in words without secrets. */
export function placeOf({ dataDir, storeUrl }: Where): string {
  if (storeUrl === undefined) return pathIn(dataDir);
  const url = URL.parse(storeUrl);
  return `PostgreSQL at ${url?.host || 'a local socket'}, database ${url?.pathname.slice(1)}`;
}

/** What the server's store is opened with. */
export interface StoreNeeds {
  readonly config: Where;
  readonly masterKey: Uint8Array;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
}

/** Opens the store of the server and brings its schema up to date. */
export function openStore({ config, clock, ...needs }: StoreNeeds): Promise<AllStores> {
  const { dataDir, storeUrl } = config;
  return storeUrl === undefined
    ? openSqlite({ ...needs, path: pathIn(dataDir), soon: setImmediate })
    : openPostgres({ ...needs, url: storeUrl, clock, soon: setImmediate });
}

/** The steps of the schema that are due; changes nothing. */
export function dueSteps(config: Where): Promise<readonly Step[]> {
  const isMissing = config.storeUrl === undefined && !existsSync(pathIn(config.dataDir));
  return dueOf(isMissing ? { path: ':memory:' } : databaseOf(config));
}

/** Applies the steps that are due. Refuses while a server runs on the data directory. */
export const migrateSchema = (config: Where): Promise<readonly Step[]> => claimed(config, () => migrateDatabase(databaseOf(config)));

/** How a file is written. */
export interface ExportWishes {
  readonly path: string;
  /** Replaces a file that is there. */
  readonly force: boolean;
  readonly progress: (progress: Progress) => void;
}

/** Writes everything into a file that only its owner may read; it is there whole or not at all. */
export async function exportFile(config: Where, { path, force, progress }: ExportWishes): Promise<Exported> {
  if (config.storeUrl === undefined && !existsSync(pathIn(config.dataDir))) {
    throw new Failure('not-found', 'database_missing', `there is no database at ${pathIn(config.dataDir)}`);
  }
  if (!force && existsSync(path)) throw new Failure('conflict', 'file_exists', `${path} is there already; --force replaces it`);
  const draft = `${path}.part`;
  const file = opened(draft, 'w');
  try {
    const result = await exportDatabase(databaseOf(config), { version: version(), write: (lines) => writeAll(file, lines), progress });
    fsyncSync(file);
    closeSync(file);
    renameSync(draft, path);
    return result;
  } catch (error) {
    rmSync(draft, { force: true });
    throw asFailure(error, path);
  }
}

/** How a file is read. */
export interface ImportWishes {
  readonly path: string;
  /** Throws away what is in the database. */
  readonly replace: boolean;
  readonly givenKey: string | undefined;
  readonly progress: (progress: Progress) => void;
}

/** Makes the database what a file says, all of it or nothing. Refuses while a server runs on the data directory. */
export function importFile(config: Where, { path, replace, givenKey, progress }: ImportWishes): Promise<Imported> {
  closeSync(opened(path, 'r'));
  return claimed(config, async () => {
    const key = keptKey(config.dataDir, givenKey);
    return importDatabase(databaseOf(config), { lines: () => linesOf(path), replace, progress, masterKey: key });
  });
}

/** The key that sealed the secrets of the file; one made now could open none of them. */
function keptKey(dataDir: string, given: string | undefined): Uint8Array {
  if (!given && !existsSync(join(dataDir, 'master.key'))) {
    const message = `the secrets of the file are sealed: copy master.key from where it was exported to ${dataDir}, or give the key in PARLEY_MASTER_KEY`;
    throw new Failure('invalid', 'master_key_missing', message);
  }
  return masterKey(dataDir, given, new SystemChance());
}

async function claimed<T>({ dataDir }: Where, work: () => Promise<T>): Promise<T> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = claim(dataDir);
  try {
    return await work();
  } finally {
    await lock.close();
  }
}

function writeAll(file: number, text: string): void {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(file, rest));
}

/** The lines of a file, without their ends; the file may be larger than the memory. */
function* linesOf(path: string): Generator<string> {
  const file = opened(path, 'r');
  try {
    const [chunk, decoder] = [Buffer.alloc(CHUNK), new StringDecoder('utf8')];
    let rest = '';
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, length))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

function opened(path: string, how: 'r' | 'w'): number {
  try {
    return openSync(path, how, 0o600);
  } catch (error) {
    throw asFailure(error, path);
  }
}

/** What the operating system refuses is said in a line. */
function asFailure(error: unknown, path: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new Failure('invalid', 'file_unusable', `${path} cannot be used: ${error.message}`, { cause: error });
}
