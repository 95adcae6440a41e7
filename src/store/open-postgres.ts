import { type Chance, type Clock, Failure, type Log, noLog } from '../base/index.ts';
import { PostgresEngine } from './postgres-engine.ts';
import { reasonOf } from './postgres-errors.ts';
import { Seal } from './sealing.ts';
import type { AllStores } from './stores.ts';
import { openTables } from './table-store.ts';
import { row } from './work.ts';

/** How to open a database on a server. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`. Never logged. */
  readonly url: string;
  readonly clock: Clock;
  readonly chance: Chance;
  /** 32 bytes; seals the columns with secrets. The same one is needed ever after. */
  readonly masterKey: Uint8Array;
  /** Default: none. */
  readonly log?: Log;
  /** When the writes of a moment begin together, at the end of the event loop's turn, say. Default: each at once. */
  readonly soon?: (begin: () => void) => void;
}

/** Opens the database and brings its schema up to date. Refuses with unavailable/{store_unavailable, database_newer, wrong_master_key}. */
export async function openPostgres({ url, clock, chance, masterKey, log = noLog, soon }: PostgresOptions): Promise<AllStores> {
  const seal = new Seal(masterKey, chance);
  const engine = postgresEngine({ url, clock, log, ...(soon === undefined ? {} : { soon }) });
  try {
    if ((await engine.read(() => row(engine.dialect.othersHere))) !== undefined) {
      log.warn('another parley is connected to this database; one server per database is meant');
    }
    return await openTables(engine, seal, log);
  } catch (error) {
    await engine.close();
    throw named(error, url);
  }
}

interface EngineOptions extends Pick<PostgresOptions, 'url' | 'clock' | 'soon'> {
  readonly log: Log;
  /** As the server's statistics show it. Default: that of a running Parley. */
  readonly name?: string;
}

/** An engine over a server; it connects when it is first used. */
export const postgresEngine = ({ soon, name = 'parley', ...place }: EngineOptions): PostgresEngine =>
  new PostgresEngine({ name, ...place }, soon);

/** Whoever starts the server must read which database it is and what is wrong with it; he wrote both down. */
export function named(error: unknown, url: string): unknown {
  if (!(error instanceof Failure) || error.code !== 'store_unavailable' || error.cause === undefined) return error;
  const { host, pathname } = URL.parse(url) ?? { host: '', pathname: '' };
  const message = `the database ${host}${pathname} cannot be used: ${reasonOf(error.cause)}`;
  return new Failure('unavailable', 'store_unavailable', message, { cause: error.cause });
}
