import assert from 'node:assert/strict';
import { type Log, noLog } from '../../src/base/index.ts';
import type { ConferenceId } from '../../src/conference/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/all.ts';
import { Seal } from '../../src/store/sealing.ts';
import { openTables } from '../../src/store/table-store.ts';
import { type Engine, run } from '../../src/store/work.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, document, room, T } from './examples.ts';

/** Steps of the schema before it had a column that tells whether a conference has a room. */
const BEFORE = 13;

/** A database of before is told apart by nothing but its rooms: those that were open are running after the upgrade, closed and opened like any other. */
export async function upgradesOpenRooms(engine: Engine, log: Log = noLog): Promise<void> {
  await migrate(engine, migrations.slice(0, BEFORE), log);
  const seal = new Seal(new Uint8Array(32).fill(7), new SeededChance(1));
  for (const [id, open] of [
    ['open-1', room()],
    ['empty', undefined],
    ['open-2', room()],
  ] as const) {
    const sealed = seal.seal(JSON.stringify(document([])), { table: 'conferences', column: 'document', row: `${A}/${id}` });
    await engine.write(() =>
      run(
        `INSERT INTO conferences (account, id, revision, fence, sequence, incarnation, created_at, modified_at, locked, next_number, document_sealed, room)
          VALUES (?1, ?2, 1, 1, 0, 1, ?3, ?3, 0, 5, ?4, ?5)`,
        ...([A, id, T, sealed, open === undefined ? null : JSON.stringify(open)] as const),
      ),
    );
  }
  const { conferences, close } = await opened(engine, seal, log);
  const running = async () => (await conferences.running()).map(({ id }) => id).sort();
  assert.deepEqual(await running(), ['open-1', 'open-2']);
  const [one, empty] = [await conferences.load(A, 'open-1' as ConferenceId), await conferences.load(A, 'empty' as ConferenceId)];
  assert.deepEqual([one?.room, empty?.room], [room(), undefined]);
  await conferences.save({ ...one!, room: undefined }, [], 1);
  await conferences.save({ ...empty!, room: room() }, [], 1);
  assert.deepEqual(await running(), ['empty', 'open-2']);
  await close();
}

async function opened(engine: Engine, seal: Seal, log: Log) {
  const stores = await openTables(engine, seal, log);
  return { conferences: stores.conferences, close: () => stores.close() };
}
