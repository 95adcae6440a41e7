import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { A, aCdr, B, conference, document, facts, T } from '../../test/contract/examples.ts';
import { aDelivery, aWebhook } from '../../test/contract/webhooks-contract.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { sqlite } from './dialect.ts';
import { first } from './migrations/0001-first.ts';
import { media } from './migrations/0002-media.ts';
import { openSqlite } from './open-sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-journal-'));
after(() => rmSync(folder, { recursive: true }));

/** A store whose commits wait until they are asked for. */
async function openHeld(name: string) {
  const path = join(folder, name);
  let held: (() => void)[] | undefined;
  const soon = (commit: () => void): void => (held === undefined ? commit() : void held.push(commit));
  const stores = await openSqlite({ path, chance: new SeededChance(), masterKey: new Uint8Array(32).fill(7), soon });
  const hold = (): void => {
    held = [];
  };
  const release = (): void => {
    for (const commit of held?.splice(0) ?? []) commit();
  };
  return { stores, path, hold, release };
}

test('nothing is read that a power cut would take back', async () => {
  const { stores, path, hold, release } = await openHeld('durable.sqlite');
  const { conferences, journal, history } = stores;
  const other = new DatabaseSync(path, { readOnly: true });
  const elsewhere = (): unknown => other.prepare('SELECT count(*) AS n FROM journal').get()?.['n'];
  const one = conference('room-1', { sequence: 2 });
  hold();
  const writes = [conferences.save(one, facts(one, 0, 2), 1), history.add(aCdr(1)), journal.moveCursor('amqp', 2)];
  assert.deepEqual([await journal.read(0, 10), await journal.last(), await journal.cursor('amqp')], [[], 0, undefined]);
  assert.deepEqual([await conferences.facts(A, one.id, 0), await history.list({ account: A, limit: 1 }), elsewhere()], [[], [], 0]);
  release();
  await Promise.all(writes);
  assert.equal((await journal.read(0, 10)).length, 3);
  assert.deepEqual([await journal.last(), await journal.cursor('amqp'), elsewhere()], [3, 2, 3]);
  other.close();
  await stores.close();
});

test('a write that is refused among others takes no position', async () => {
  const { stores, hold, release } = await openHeld('refused.sqlite');
  const { conferences, journal } = stores;
  const [one, two, three] = [1, 2, 3].map((n) => conference(`room-${n}`, { sequence: 2, document: document([n === 2 ? '1' : `${n}`]) }));
  hold();
  const writes = [one!, two!, three!].map((each) => conferences.save(each, facts(each, 0, 2), 1));
  release();
  await assert.rejects(writes[1]!, { code: 'numbers_taken' });
  await Promise.all([writes[0], writes[2]]);
  const entries = await journal.read(0, 10);
  assert.deepEqual(
    entries.map(({ position, fact }) => [position, 'conference' in fact && fact.conference]),
    [1, 2, 3, 4].map((position) => [position, position < 3 ? 'room-1' : 'room-3']),
  );
  await stores.close();
});

test('facts of before the journal come into it in the order of their times, and of their numbers', async () => {
  const path = join(folder, 'old.sqlite');
  const raw = new DatabaseSync(path);
  for (const sql of [first(sqlite), media(sqlite)]) raw.exec(sql);
  raw.exec(
    "CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO migrations VALUES (1, 'first'), (2, 'media')",
  );
  const note = raw.prepare("INSERT INTO facts VALUES (?, ?, ?, ?, ?, 'conference.changed', '{\"revision\":1}')");
  // The clock of the first was set back by an hour after its second fact.
  const told = [
    [A, 'one', 1, 1, T + 1],
    [A, 'one', 1, 2, T + 3_600_002],
    [A, 'one', 1, 3, T + 3],
    [A, 'one', 2, 1, T + 4],
    [B, 'two', 1, 1, T + 2],
    [B, 'two', 1, 2, T + 3_600_005],
  ] as const;
  for (const each of told) note.run(...each);
  raw.close();
  const stores = await openSqlite({ path, chance: new SeededChance(), masterKey: new Uint8Array(32).fill(7) });
  const entries = await stores.journal.read(0, 10);
  assert.deepEqual(
    entries.map(({ position, fact }) => [position, fact.account, 'sequence' in fact && fact.sequence, fact.at - T]),
    [
      [1, A, 1, 1],
      [2, B, 1, 2],
      [3, A, 2, 3_600_002],
      [4, A, 3, 3],
      [5, A, 1, 4],
      [6, B, 2, 3_600_005],
    ],
  );
  assert.equal((await stores.conferences.facts(A, conference('one').id, 0)).length, 1);
  const two = conference('two', { account: B, sequence: 1 });
  await stores.conferences.save(two, facts(two, 0, 1), 1);
  assert.equal(await stores.journal.last(), 7);
  await stores.close();
});

test('what is due is found at once among very many that wait', async () => {
  const { stores } = await openHeld('many.sqlite');
  const { webhooks } = stores;
  await webhooks.save(aWebhook(1));
  await webhooks.save(aWebhook(2, { order: 'conference' }));
  await webhooks.save(aWebhook(3));
  const many = (n: number) => Array.from({ length: 20_000 }, (_, index) => aDelivery(n, index + 1, { body: '{}' }));
  for (const n of [1, 2]) await webhooks.enqueue(many(n));
  const late = aDelivery(3, 1, { dueAt: T + 30_000 });
  await webhooks.enqueue([late]);
  const begun = performance.now();
  for (let n = 0; n < 50; n += 1) {
    assert.deepEqual(await webhooks.due(T + 40_000, 5, [aWebhook(1).id, aWebhook(2).id]), [late]);
    assert.equal((await webhooks.due(T + 40_000, 5, [aWebhook(1).id])).length, 2);
    assert.equal(await webhooks.nextDue([aWebhook(1).id, aWebhook(2).id]), T + 30_000);
  }
  // A fraction of a millisecond each; looking through what waits would take 10 ms and more.
  assert.ok(performance.now() - begun < 50 * 3 * 5, `${(performance.now() - begun) / 150} ms each`);
  await stores.close();
});
