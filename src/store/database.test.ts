import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { noLog } from '../base/index.ts';
import { Database } from './database.ts';
import { migrate } from './migrate.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-database-'));
after(() => rmSync(folder, { recursive: true }));

const tables = (database: Database) =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name);

test('writes ahead, synchronises fully, checks foreign keys, waits for locks', () => {
  const database = new Database(join(folder, 'pragmas.sqlite'));
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys'), pragma('busy_timeout')], ['wal', 2, 1, 2000]);
  database.close();
});

test('a transaction that throws leaves nothing and does not block the next', () => {
  const database = new Database(':memory:');
  database.run('CREATE TABLE t (x)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  assert.throws(
    () =>
      database.transaction(() => {
        insert.run(1);
        throw new RangeError('halfway');
      }),
    RangeError,
  );
  database.transaction(() => insert.run(2));
  assert.deepEqual(
    database
      .prepare('SELECT x FROM t')
      .all()
      .map(({ x }) => x),
    [2],
  );
  database.close();
});

test('each schema step runs once, in order', () => {
  const database = new Database(':memory:');
  const [one, two] = [
    { name: 'one', sql: 'CREATE TABLE one (x)' },
    { name: 'two', sql: 'CREATE TABLE two (x); INSERT INTO one VALUES (1)' },
  ];
  migrate(database, [one], noLog);
  migrate(database, [one, two], noLog);
  migrate(database, [one, two], noLog);
  assert.deepEqual(tables(database), ['migrations', 'one', 'two']);
  assert.equal(database.prepare('SELECT count(*) AS n FROM one').get()?.n, 1);
  database.close();
});

test('a schema step that fails leaves nothing of itself and is tried again', () => {
  const database = new Database(':memory:');
  const half = { name: 'half', sql: 'CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)' };
  assert.throws(() => migrate(database, [half], noLog), /nowhere/);
  assert.deepEqual(tables(database), ['migrations']);
  migrate(database, [{ ...half, sql: 'CREATE TABLE half (x)' }], noLog);
  assert.deepEqual(tables(database), ['half', 'migrations']);
  database.close();
});

test('writes of a moment are one commit: none is done before it, one that fails takes no other with it', async () => {
  const path = join(folder, 'group.sqlite');
  const commits: (() => void)[] = [];
  const database = new Database(path, (commit) => commits.push(commit));
  database.run('CREATE TABLE t (x INTEGER PRIMARY KEY)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const done: number[] = [];
  const writes = [1, 2, 1, 3].map((x) => database.write(() => insert.run(x)).then(() => done.push(x)));
  await assert.rejects(writes[2]!, /UNIQUE/);
  assert.deepEqual([done, commits.length], [[], 1]);
  // Another process sees nothing yet.
  const other = new Database(path);
  const seen = other.prepare('SELECT x FROM t ORDER BY x');
  assert.equal(seen.all().length, 0);
  commits[0]!();
  await Promise.allSettled(writes);
  assert.deepEqual(done, [1, 2, 3]);
  assert.deepEqual(
    seen.all().map(({ x }) => x),
    [1, 2, 3],
  );
  const last = database.write(() => insert.run(4));
  database.close();
  await last;
  assert.equal(seen.all().length, 4);
  other.close();
});

test('a commit that fails fails every write of its moment, and the next moment begins anew', async () => {
  const commits: (() => void)[] = [];
  const database = new Database(':memory:', (commit) => commits.push(commit));
  database.run('CREATE TABLE p (x PRIMARY KEY); CREATE TABLE t (x REFERENCES p DEFERRABLE INITIALLY DEFERRED)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const writes = [database.write(() => insert.run(7)), database.write(() => 'nothing')];
  commits[0]!();
  for (const each of writes) await assert.rejects(each, /FOREIGN KEY/);
  const parent = database.prepare('INSERT INTO p VALUES (?)');
  const next = [database.write(() => parent.run(7)), database.write(() => insert.run(7))];
  commits[1]!();
  await Promise.all(next);
  assert.equal(database.prepare('SELECT count(*) AS n FROM t').get()?.n, 1);
  database.close();
});
