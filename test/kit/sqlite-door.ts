import { join } from 'node:path';
import { masterKey } from '../../src/app/master-key.ts';
import { SystemChance } from '../../src/base/index.ts';
import { openSqlite, type SqliteStore } from '../../src/store/index.ts';

/** Opens the database of a server that is not running. */
export function openDoor(dataDir: string): Promise<SqliteStore> {
  const chance = new SystemChance();
  return openSqlite({ path: join(dataDir, 'parley.db'), masterKey: masterKey(dataDir, undefined, chance), chance });
}
