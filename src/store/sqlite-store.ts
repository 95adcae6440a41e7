import type { AccountStore, Registrations } from '../accounts/index.ts';
import { type Chance, type Log, noLog } from '../base/index.ts';
import type { CallRecords, Store } from '../conference/index.ts';
import { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/all.ts';
import { Seal } from './sealing.ts';
import { SqliteAccounts } from './sqlite-accounts.ts';
import { SqliteCalls } from './sqlite-calls.ts';
import { SqliteConferences } from './sqlite-conferences.ts';
import { SqliteRegistrations } from './sqlite-registrations.ts';
import type { AllStores } from './stores.ts';

/** How to open a database. */
export interface SqliteOptions {
  /** The file, made when missing; `:memory:` for one that vanishes with the process. */
  readonly path: string;
  readonly chance: Chance;
  /** 32 bytes; seals the columns with secrets. The same one is needed ever after. */
  readonly masterKey: Uint8Array;
  /** Default: none. */
  readonly log?: Log;
  /** When the writes of a moment are put on the disk together, at the end of the event loop's turn, say. Default: each at once. */
  readonly soon?: (commit: () => void) => void;
}

/** The name of the secret that tells at once whether the master key is the right one. */
const PROBE = 'master-key-probe';

/** Keeps everything in one SQLite file. A promise that has resolved means: it survives a power cut. */
export class SqliteStore implements AllStores {
  readonly conferences: Store;
  readonly calls: CallRecords;
  readonly accounts: AccountStore;
  readonly registrations: Registrations;
  readonly #database: Database;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.conferences = new SqliteConferences(database, seal);
    this.calls = new SqliteCalls(database, seal);
    this.accounts = new SqliteAccounts(database, seal);
    this.registrations = new SqliteRegistrations(database);
  }

  async close(): Promise<void> {
    this.#database.close();
  }
}

/** Opens or makes the database. Refuses with unavailable/{store_unavailable, database_newer, wrong_master_key}. */
export async function openSqlite({ path, chance, masterKey, log = noLog, soon }: SqliteOptions): Promise<SqliteStore> {
  const seal = new Seal(masterKey, chance);
  const database = new Database(path, soon);
  try {
    migrate(database, migrations, log);
    const store = new SqliteStore(database, seal);
    if ((await store.accounts.secret(PROBE)) === undefined) await store.accounts.saveSecret(PROBE, PROBE);
    return store;
  } catch (error) {
    database.close();
    throw error;
  }
}
