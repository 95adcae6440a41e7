import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { noLog, SystemClock } from '../../src/base/index.ts';
import { exportTables } from '../../src/store/export.ts';
import { importTables } from '../../src/store/import.ts';
import { type AllStores, type Database, exportDatabase, importDatabase, openPostgres, openSqlite } from '../../src/store/index.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/all.ts';
import { PostgresEngine } from '../../src/store/postgres-engine.ts';
import { Seal } from '../../src/store/sealing.ts';
import { SqliteEngine } from '../../src/store/sqlite-engine.ts';
import { rows, run } from '../../src/store/work.ts';
import { Postgres } from '../kit/postgres.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { A, account, B, conference, document, facts, oneOfEach, registration, room } from './examples.ts';
import { keepSecrets } from './store.ts';

const server = await Postgres.start();
const folder = mkdtempSync(join(tmpdir(), 'parley-transfer-'));
after(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const clock = new SystemClock();
const masterKey = new Uint8Array(32).fill(7);
let files = 0;
const newFile = (): Database => ({ path: join(folder, `${++files}.sqlite`) });
const newSchema = async (): Promise<Database> => ({ url: await server.newUrl(), clock });

const open = (database: Database): Promise<AllStores> =>
  'path' in database
    ? openSqlite({ ...database, chance: new SeededChance(1), masterKey })
    : openPostgres({ ...database, chance: new SeededChance(1), masterKey });

/** A database with something in every corner, and many rows in one. */
async function filled(): Promise<Database> {
  const database = newFile();
  const stores = await open(database);
  await keepSecrets(stores);
  // A child whose id comes before its parent's.
  await stores.accounts.saveAccount(
    account({ id: B, realm: 'parent.example', apiKey: 'ef'.repeat(32), name: 'quote " \\ \n 李 \u{1f600}' }),
  );
  await stores.accounts.saveAccount(account({ parent: B }));
  const full = conference('full', { room: room(), locked: true, sequence: 14, document: document(['3000', '3001']) });
  await stores.conferences.save(full, oneOfEach(full), 3);
  const long = conference('long', { sequence: 1234 });
  await stores.conferences.save(long, facts(long, 0, 1234), 1);
  const gone = conference('gone', { sequence: 2 });
  await stores.conferences.save(gone, facts(gone, 0, 2), 1);
  await stores.conferences.remove(A, gone.id, facts(gone, 2, 1), 1);
  await stores.registrations.put(registration());
  await stores.close();
  return database;
}

async function exported(database: Database): Promise<{ readonly text: string; readonly sha256: string }> {
  let text = '';
  const { sha256 } = await exportDatabase(database, { version: '0.0.0-test', write: (lines) => (text += lines) });
  return { text, sha256 };
}

const linesOf = (text: string) => () => text.split('\n').slice(0, -1);
const imported = (database: Database, text: string, replace = false) =>
  importDatabase(database, { lines: linesOf(text), replace, masterKey });

test('from SQLite to PostgreSQL and back: the same checksum, and everything opens', async () => {
  const [first, there, back] = [await filled(), await newSchema(), newFile()];
  const { text, sha256 } = await exported(first);
  const { header } = await imported(there, text);
  assert.deepEqual([header.parley, header.counts['accounts'], header.counts['conferences']], ['0.0.0-test', 2, 3]);
  const onServer = await exported(there);
  assert.equal(onServer.sha256, sha256);
  assert.equal(onServer.text, text);
  await imported(back, onServer.text);
  assert.equal((await exported(back)).sha256, sha256);
  for (const database of [there, back]) {
    const stores = await open(database);
    assert.equal((await stores.conferences.facts(A, 'long' as never, 0)).length, 1234);
    assert.equal((await stores.conferences.facts(A, 'gone' as never, 0)).length, 3);
    assert.equal((await stores.accounts.account(A))?.parent, B);
    assert.equal((await stores.accounts.accountByApiKey('ef'.repeat(32)))?.id, B);
    assert.equal(await stores.accounts.secret('token-key'), 'server-secret-in-clear');
    // It goes on where it was.
    const next = conference('long', { sequence: 1235 });
    await stores.conferences.save(next, facts(next, 1234, 1), 1);
    await stores.close();
  }
});

test('no secret stands in clear in an export', async () => {
  const { text } = await exported(await filled());
  for (const secret of ['ab'.repeat(32), 'device-password-in-clear', 'server-secret-in-clear', 'srtp-master-key-in-clear', '83650917426']) {
    assert.equal(text.includes(secret), false, secret);
  }
});

test('a database with something in it is refused and left alone; replaced only when that is asked for', async () => {
  for (const target of [newFile(), await newSchema()]) {
    const { text, sha256 } = await exported(await filled());
    const stores = await open(target);
    // Opened and migrated, but empty: good enough.
    await stores.close();
    await imported(target, text);
    const again = await open(target);
    await again.conferences.save(conference('later'), [], 1);
    await again.close();
    await assert.rejects(imported(target, text), { name: 'Failure', kind: 'conflict', code: 'database_not_empty' });
    assert.notEqual((await exported(target)).sha256, sha256);
    await imported(target, text, true);
    assert.equal((await exported(target)).sha256, sha256);
  }
});

test('a file that is cut, changed, of another key or of a newer version is refused before anything is touched', async () => {
  const { text } = await exported(await filled());
  const target = newFile();
  const bad = (changed: string, message: RegExp) =>
    assert.rejects(imported(target, changed), { name: 'Failure', kind: 'invalid', code: 'bad_export', message });
  const lines = text.split('\n');
  await bad('', /line 1: the file is empty/);
  await bad('hello\n', /line 1: it is not JSON/);
  await bad('{"some":"json"}\n', /line 1: this is no export of Parley/);
  await bad(text.replace('parley-export/1', 'parley-export/9'), /reads parley-export\/1, and the file is parley-export\/9/);
  await bad(text.replace('"schema":', '"schema":99'), /newer Parley/);
  await bad(`${lines.slice(0, 40).join('\n')}\n`, /cut: it has no checksum/);
  await bad(text.replace('quote', 'Quote'), /checksum is another one/);
  await bad(`${text}[]\n`, /something follows the end/);
  await bad(text.replace(/\["full.*\n|\["[^\n]*"full"[^\n]*\n/, ''), /checksum|values|rows/);
  await bad(text.replace(/("columns":\[)"id"/, '$1"ID"'), /columns of/);
  await assert.rejects(importDatabase(target, { lines: linesOf(text), replace: true, masterKey: new Uint8Array(32) }), {
    code: 'wrong_master_key',
  });
  await assert.rejects(exported(target), { code: 'database_missing' });
});

test('an import that fails halfway leaves what was there', async () => {
  const { text } = await exported(await filled());
  // Two accounts of one realm: whole as a file, impossible as a database.
  for (const target of [newFile(), await newSchema()]) {
    const stores = await open(target);
    await stores.conferences.save(conference('mine'), [], 1);
    await stores.close();
    const before = await exported(target);
    let round = 0;
    const lines = () => (++round === 1 ? linesOf(text)() : linesOf(text.replaceAll('parent.example', 'aaaa0001.parley.local'))());
    await assert.rejects(importDatabase(target, { lines, replace: true, masterKey }), /UNIQUE|unique/);
    assert.equal((await exported(target)).sha256, before.sha256);
  }
});

test('nothing is imported under a running server; an export beside it is a moment of its life', async () => {
  const target = await newSchema();
  const { text } = await exported(await filled());
  const running = await open(target);
  await assert.rejects(imported(target, text, true), { kind: 'conflict', code: 'database_in_use' });
  const one = conference('one', { sequence: 500 });
  await running.conferences.save(one, facts(one, 0, 500), 1);
  let sequence = 500;
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      const next = conference('one', { sequence: sequence + 1 });
      await running.conferences.save(next, facts(next, sequence++, 1), 1);
    }
  })();
  const taken = await exported(target);
  isOver = true;
  await writing;
  await running.close();
  const copy = newFile();
  await imported(copy, taken.text);
  const stores = await open(copy);
  const kept = await stores.conferences.load(A, 'one' as never);
  assert.equal((await stores.conferences.facts(A, 'one' as never, 0)).length, kept?.sequence);
  await stores.close();
});

test('a file of an older schema is brought up to date: its facts become the journal', async () => {
  const seal = new Seal(masterKey, new SeededChance(1));
  const older = migrations.slice(0, 2);
  const [old, now] = [new SqliteEngine(':memory:'), new PostgresEngine({ url: await server.newUrl(), clock, log: noLog, name: 'parley' })];
  await migrate(old, older, noLog);
  const note = "INSERT INTO facts VALUES ('a', 'room', 1, ?1, ?2, 'conference.created', '{}')";
  for (const [sequence, at] of [
    [1, 500],
    [2, 400],
  ] as const) {
    await old.write(() => run(note, sequence, at));
  }
  let text = '';
  const written = await exportTables(old, older, { version: '0.0.0-old', write: (lines) => (text += lines) });
  const { header, sha256 } = await importTables(now, migrations, { lines: linesOf(text), replace: false, seal });
  assert.deepEqual([header.schema, sha256, header.counts['facts']], [2, written.sha256, 2]);
  const journal = await now.read(() => rows('SELECT position, sequence FROM journal ORDER BY position'));
  assert.deepEqual(journal, [
    { position: 1, sequence: 1 },
    { position: 2, sequence: 2 },
  ]);
  assert.deepEqual(await migrate(now, migrations, noLog), []);
  // A file of a schema that this version does not know yet.
  await assert.rejects(importTables(old, older, { lines: linesOf(text.replace('"schema":2', '"schema":3')), replace: true, seal }), {
    code: 'bad_export',
  });
  await Promise.all([old.close(), now.close()]);
});
