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
