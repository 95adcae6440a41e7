import { SystemClock } from '../../src/base/index.ts';
import { type AllStores, openPostgres, openSqlite } from '../../src/store/index.ts';
import type { SeededChance } from './seeded-chance.ts';

/** Opens what lies at a path or behind a `postgres://` URL, as the server does: writes of a moment share a commit. */
export function openDurable(where: string, chance: SeededChance): Promise<AllStores> {
  const common = { chance, masterKey: new Uint8Array(32).fill(7), soon: setImmediate };
  return where.startsWith('postgres://')
    ? openPostgres({ ...common, url: where, clock: new SystemClock() })
    : openSqlite({ ...common, path: where });
}
