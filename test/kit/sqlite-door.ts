import { join } from 'node:path';
import { masterKey } from '../../src/app/master-key.ts';
import { SystemChance } from '../../src/base/index.ts';
import { type AllStores, openSqlite } from '../../src/store/index.ts';

/** Opens the database of a server that is not running. */
export function openDoor(dataDir: string): Promise<AllStores> {
  const chance = new SystemChance();
  return openSqlite({ path: join(dataDir, 'parley.db'), masterKey: masterKey(dataDir, undefined, chance), chance });
}
