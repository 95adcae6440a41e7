import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { A, conference, facts, room } from '../../test/contract/examples.ts';
import { upgradesOpenRooms } from '../../test/contract/open-rooms.ts';
import { storeContract } from '../../test/contract/store.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { noLog } from '../base/index.ts';
import type { Room } from '../conference/index.ts';
import { openSqlite } from './open-sqlite.ts';
import { Seal } from './sealing.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { openTables } from './table-store.ts';
import type { Engine, Work } from './work.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-questions-'));
after(() => rmSync(folder, { recursive: true }));
/** A page in the log, and what stands before it. */
const FRAME = 4096 + 24;
const masterKey = new Uint8Array(32).fill(7);

/** Every statement that the store says while it does all that a store must. */
const said = new Set<string>();

function* overheard<T>(work: Work<T>): Work<T> {
  let step = work.next();
  while (!step.done) {
    if (step.value.gives !== 'script') said.add(step.value.sql);
    step = work.next(yield step.value);
  }
  return step.value;
}

storeContract('an overheard', async () => {
  const inner = new SqliteEngine(':memory:');
  const engine: Engine = {
    dialect: inner.dialect,
    read: (work) => inner.read(() => overheard(work())),
    write: (work) => inner.write(() => overheard(work())),
    snapshot: (body) => inner.snapshot(body),
    turn: () => inner.turn(),
    close: () => inner.close(),
  };
  const stores = await openTables(engine, new Seal(masterKey, new SeededChance(1)), noLog);
  return { stores, close: () => stores.close() };
});

/** Tables of which there are few rows, or of which all are wanted. */
const SMALL = new Set(['accounts', 'calls', 'journal_end', 'registrations', 'webhooks', 'waiting']);

/** A whole table; not the few rows for which there is an index of their own. */
const SCAN = /^SCAN (\w+)\b(?! USING INDEX (?:conferences_running|chronicle_transcriptions_open))/;

test('every question finds its rows by an index, that of a conference by the one of conferences', async () => {
  const path = join(folder, 'plans.sqlite');
  await (await openSqlite({ path, chance: new SeededChance(1), masterKey })).close();
  const database = new DatabaseSync(path, { readOnly: true });
  assert.ok(said.size > 150, `${said.size} statements`);
  for (const sql of said) {
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail));
    const scanned = plan.map((step) => SCAN.exec(step)?.[1]);
    for (const table of scanned) assert.ok(table === undefined || SMALL.has(table), `${table} is looked through by ${sql}`);
    // Another one finds the facts of the whole account.
    if (!/FROM journal\s+WHERE account = \?\d AND conference = \?\d/.test(sql)) continue;
    const [first] = plan.filter((step) => step.startsWith('SEARCH journal'));
    const name = sql.includes("type = 'room.opened'") ? 'turns' : '(of_conference|turns)';
    assert.match(first ?? '', new RegExp(`INDEX journal_${name} \\(account=\\? AND conference=\\?`), sql);
  }
  database.close();
});

/** A room with so many people. */
const crowd = (count: number): Room => {
  const one = room()!;
  return { ...one, participants: Array.from({ length: count }, (_, n) => ({ ...one.participants[n % 2]!, number: n + 1 })) };
};

for (const people of [2, 60]) {
  test(`a fact that changes nothing but one of ${people} in the room writes over what differs, and no index of conferences`, async () => {
    const path = join(folder, `pages-${people}.sqlite`);
    const stores = await openSqlite({ path, chance: new SeededChance(1), masterKey });
    const id = conference('room-7').id;
    for (let n = 1; n <= 9; n += 1) await stores.conferences.save(conference(`room-${n}`, { room: crowd(people) }), [], 1);
    const pages = (): number => (statSync(`${path}-wal`).size - 32) / FRAME;
    const next = async (sequence: number): Promise<void> => {
      const one = (await stores.conferences.load(A, id))!;
      const [person, ...others] = one.room!.participants;
      const changed = { ...one, sequence, room: { ...one.room!, participants: [{ ...person!, deaf: sequence % 2 === 0 }, ...others] } };
      await stores.conferences.save(changed, facts(changed, sequence - 1, 1), 1);
      assert.deepEqual(await stores.conferences.load(A, id), changed);
    };
    await next(1);
    const [before, many] = [pages(), 20];
    for (let n = 2; n < 2 + many; n += 1) await next(n);
    const database = new DatabaseSync(path, { readOnly: true });
    const indexes = database.prepare("SELECT name, rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'conferences'").all();
    database.close();
    assert.ok(indexes.length >= 4);
    const log = readFileSync(`${path}-wal`);
    const written = Array.from({ length: pages() - before }, (_, n) => log.readUInt32BE(32 + (before + n) * FRAME));
    for (const { name, rootpage } of indexes) assert.equal(written.includes(Number(rootpage)), false, `${name} is written`);
    // Two of the conference, the fact, its three indexes, the end of the journal; now and then a page is full, or somebody stands across two.
    assert.ok(written.length <= many * 8, `${written.length} pages for ${many} facts`);
    await stores.close();
  });
}

test('a database of before: rooms that were open are running', async () => {
  await upgradesOpenRooms(new SqliteEngine(join(folder, 'before.sqlite')));
});
