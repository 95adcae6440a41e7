import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { SystemClock } from '../../src/base/index.ts';
import type { ConferenceId, Entry } from '../../src/conference/index.ts';
import { type AllStores, openPostgres } from '../../src/store/index.ts';
import { Postgres } from '../kit/postgres.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, aCdr, conference, facts } from './examples.ts';
import { aDelivery, aWebhook } from './webhooks-contract.ts';

const server = await Postgres.start();
after(() => server.close());

/** Several processes on one database, as far as PostgreSQL can tell. */
async function nodes(count: number): Promise<readonly AllStores[]> {
  const url = await server.newUrl();
  const clock = new SystemClock();
  const opened: AllStores[] = [];
  for (let n = 0; n < count; n += 1) {
    opened.push(await openPostgres({ url, clock, chance: new SeededChance(n), masterKey: new Uint8Array(32).fill(7) }));
  }
  return opened;
}

test('whoever follows while several nodes write misses nothing: positions are in the order of commits', async () => {
  const [one, two, reader] = (await nodes(3)) as [AllStores, AllStores, AllStores];
  const seen: Entry[] = [];
  const follow = async (): Promise<number> => {
    const entries = await reader.journal.read(seen.at(-1)?.position ?? 0, 7);
    seen.push(...entries);
    return entries.length;
  };
  let writing = 2;
  const write = async ({ conferences, history }: AllStores, name: string): Promise<void> => {
    let [at, upTo] = [conference(name), 1];
    for (let n = 1; n <= 150; n += 1) {
      const next = { ...at, sequence: at.sequence + upTo };
      const others = n % 10 === 0 ? [history.add(aCdr(n * 2 + (name === 'one' ? 0 : 1)))] : [];
      await Promise.all([conferences.save(next, facts(next, at.sequence, upTo), 1), ...others]);
      [at, upTo] = [next, 1 + (n % 4)];
    }
    writing -= 1;
  };
  const reading = (async () => {
    while (writing > 0) await follow();
    while ((await follow()) > 0);
  })();
  await Promise.all([write(one, 'one'), write(two, 'two'), reading]);
  const told = (id: string) => seen.flatMap(({ fact }) => ('conference' in fact && fact.conference === id ? [fact.sequence] : []));
  for (const id of ['one', 'two']) {
    const last = (await reader.conferences.load(A, id as ConferenceId))?.sequence ?? 0;
    assert.deepEqual(
      told(id),
      Array.from({ length: last }, (_, index) => index + 1),
    );
  }
  assert.equal(seen.filter(({ fact }) => fact.type === 'call.recorded').length, 30);
  assert.deepEqual(
    seen.map(({ position }) => position),
    Array.from({ length: seen.length }, (_, index) => index + 1),
  );
  for (const each of [one, two, reader]) await each.close();
});

test('nothing of a conference is left waiting when one node queues while another delivers', async () => {
  const [one, two] = (await nodes(2)) as [AllStores, AllStores];
  await one.webhooks.save(aWebhook(1, { order: 'conference' }));
  await one.webhooks.enqueue([aDelivery(1, 1)]);
  for (let position = 1; position <= 150; position += 1) {
    const due = await two.webhooks.due(Number.MAX_SAFE_INTEGER, 10, []);
    assert.deepEqual(due, [aDelivery(1, position)]);
    // At the same moment: the one may neither be given twice nor wait for what is gone.
    await Promise.all([two.webhooks.update({ ...due[0]!, state: 'delivered' }), one.webhooks.enqueue([aDelivery(1, position + 1)])]);
  }
  for (const each of [one, two]) await each.close();
});
