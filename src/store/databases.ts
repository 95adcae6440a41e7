import { type Clock, type Log, noLog } from '../base/index.ts';
import { type Exported, type ExportOptions, exportTables } from './export.ts';
import { type Imported, type ImportOptions, importTables } from './import.ts';
import { dueSteps, migrate, type Step } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import { named, postgresEngine } from './open-postgres.ts';
import { databaseInUse } from './refusals.ts';
import { Seal } from './sealing.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { type Engine, row } from './work.ts';

/** A database without the server: a file, or `postgres://…`. */
export type Database = { readonly path: string } | { readonly url: string; readonly clock: Clock };

/** The steps of the schema that `migrateDatabase` would apply. Changes nothing. */
export const dueOf = (database: Database): Promise<readonly Step[]> => using(database, noLog, (engine) => dueSteps(engine, migrations));

/** Brings the schema up to date; gives the steps that were applied. */
export const migrateDatabase = (database: Database, log: Log = noLog): Promise<readonly Step[]> =>
  using(database, log, (engine) => migrate(engine, migrations, log));

/** Writes everything in it as lines. A server may run meanwhile: what it writes later is not in them. */
export const exportDatabase = (database: Database, options: ExportOptions): Promise<Exported> =>
  using(database, noLog, (engine) => exportTables(engine, migrations, options));

/** How an import is done; secrets stay sealed and are not opened but for a probe. */
export interface DatabaseImport extends Omit<ImportOptions, 'seal'> {
  readonly masterKey: Uint8Array;
}

/** Makes the database what the lines say, all of it or nothing. Refuses with conflict/database_in_use while a server runs on it. */
export const importDatabase = (database: Database, { masterKey, ...options }: DatabaseImport): Promise<Imported> =>
  using(database, noLog, async (engine) => {
    const seal = new Seal(masterKey, { bytes: (n) => new Uint8Array(n) });
    if ((await engine.read(() => row(engine.dialect.othersHere))) !== undefined) throw databaseInUse();
    return importTables(engine, migrations, { ...options, seal });
  });

async function using<T>(database: Database, log: Log, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = 'path' in database ? new SqliteEngine(database.path) : postgresEngine({ ...database, log, name: 'parley tool' });
  try {
    return await work(engine);
  } catch (error) {
    throw 'url' in database ? named(error, database.url) : error;
  } finally {
    await engine.close();
  }
}
