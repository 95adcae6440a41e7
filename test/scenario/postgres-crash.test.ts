import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Failure } from '../../src/base/index.ts';
import type { ConferenceId } from '../../src/conference/index.ts';
import type { AllStores } from '../../src/store/index.ts';
import { A, conference, document, facts } from '../contract/store.ts';
import { openDurable } from '../kit/durable-store.ts';
import { Postgres } from '../kit/postgres.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { check, crashStore } from '../kit/store-crash.ts';

const server = await Postgres.start();
after(() => server.close());

test('what was acknowledged before kill -9 of the writer is there afterwards, whole', { timeout: 60_000 }, async () =>
  crashStore({ rounds: 3, seed: 12, url: await server.newUrl() }),
);

test('kill -9 of PostgreSQL during writes: nothing acknowledged is lost, the same store goes on by itself', {
  timeout: 120_000,
}, async (context) => {
  const chance = new SeededChance(5);
  const url = await server.newUrl();
  const store = await openDurable(url, chance);
  const acknowledged = new Map<string, number>();
  let isOver = false;
  let failure: unknown;
  const lanes = Array.from({ length: 8 }, (_, lane) =>
    write(store, `lane-${lane}`).catch((error) => {
      failure ??= error;
    }),
  );
  context.after(() => {
    isOver = true;
  });
  for (let round = 0; round < 5; round++) {
    const goal = total(acknowledged) + 1 + Math.floor(chance.next() * 300);
    // A few turns later, so that the kill may also meet a commit on its way.
    for (let turns = Math.floor(chance.next() * 500); total(acknowledged) < goal || turns > 0; turns--) {
      if (failure !== undefined) throw failure;
      await turn();
    }
    await server.kill();
    await server.resume();
  }
  isOver = true;
  await Promise.all(lanes);
  if (failure !== undefined) throw failure;
  await store.close();
  const again = await openDurable(url, chance);
  assert.equal(acknowledged.size, 8);
  for (const [id, revision] of acknowledged) await check(again, id, revision);
  await again.close();

  /** Changes one conference again and again; after a refusal it looks what is there. */
  async function write({ conferences }: AllStores, id: string): Promise<void> {
    let revision = 0;
    while (!isOver) {
      const next = conference(id, { revision: revision + 1, sequence: revision + 1, document: document([`${id}-${revision + 1}`]) });
      try {
        await conferences.save(next, facts(next, revision, 1), 1);
        acknowledged.set(id, ++revision);
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'store_unavailable', String(error));
        const found = await kept(store, id);
        assert.ok(found === revision || found === revision + 1, `${id}: ${found} is kept, ${revision} was acknowledged`);
        revision = found;
      }
    }
  }
});

const turn = (): Promise<void> => new Promise((later) => setImmediate(later));

const total = (acknowledged: Map<string, number>): number => [...acknowledged.values()].reduce((sum, each) => sum + each, 0);

/** The revision that is there, as soon as the database says so. */
async function kept(store: AllStores, id: string): Promise<number> {
  for (;;) {
    await turn();
    try {
      return (await store.conferences.load(A, id as ConferenceId))?.revision ?? 0;
    } catch (error) {
      assert.ok(error instanceof Failure && error.code === 'store_unavailable', String(error));
    }
  }
}
