import { type Chance, type Log, noLog } from '../base/index.ts';
import { Seal } from './sealing.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import type { AllStores } from './stores.ts';
import { openTables } from './table-store.ts';

/** How to open a database in a file. */
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

/** Opens or makes the database. Refuses with unavailable/{store_unavailable, database_newer, wrong_master_key}. */
export async function openSqlite({ path, chance, masterKey, log = noLog, soon }: SqliteOptions): Promise<AllStores> {
  const seal = new Seal(masterKey, chance);
  return openTables(new SqliteEngine(path, soon), seal, log);
}
