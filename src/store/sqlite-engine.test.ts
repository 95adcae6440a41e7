import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { noLog } from '../base/index.ts';
import { migrate } from './migrate.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { type Engine, row, rows, run, script, type Work } from './work.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-engine-'));
after(() => rmSync(folder, { recursive: true }));

const tables = async (engine: Engine) =>
  (await engine.read(() => rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"))).map(({ name }) => name);

const insert = (x: number) => () => run('INSERT INTO t VALUES (?1)', x);
const kept = async (engine: Engine) => (await engine.read(() => rows('SELECT x FROM t ORDER BY x'))).map(({ x }) => x);

test('writes ahead, synchronises fully, checks foreign keys, waits for locks', async () => {
  const engine = new SqliteEngine(join(folder, 'pragmas.sqlite'));
  // As a write, because reads have a connection of their own.
  const pragma = async (name: string) => Object.values((await engine.write(() => row(`PRAGMA ${name}`))) ?? {})[0];
  const all = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'];
  assert.deepEqual(await Promise.all(all.map(pragma)), ['wal', 2, 1, 2000]);
  await engine.close();
});

test('a write that throws leaves nothing and does not block the next', async () => {
  const engine = new SqliteEngine(':memory:');
  await engine.write(() => script('CREATE TABLE t (x)'));
  function* halfway(): Work<void> {
    yield* insert(1)();
    throw new RangeError('halfway');
  }
  await assert.rejects(engine.write(halfway), RangeError);
  await engine.write(insert(2));
  assert.deepEqual(await kept(engine), [2]);
  await engine.close();
});

test('each schema step runs once, in order, and is told of', async () => {
  const engine = new SqliteEngine(':memory:');
  const [one, two] = [
    { name: 'one', sql: () => 'CREATE TABLE one (x)' },
    { name: 'two', sql: () => 'CREATE TABLE two (x); INSERT INTO one VALUES (1)' },
  ];
  assert.deepEqual(await migrate(engine, [one], noLog), [{ number: 1, name: 'one' }]);
  assert.deepEqual(await migrate(engine, [one, two], noLog), [{ number: 2, name: 'two' }]);
  assert.deepEqual(await migrate(engine, [one, two], noLog), []);
  assert.deepEqual(await tables(engine), ['migrations', 'one', 'two']);
  assert.equal((await engine.read(() => row('SELECT count(*) AS n FROM one')))?.['n'], 1);
  await engine.close();
});

test('a schema step that fails leaves nothing of itself and is tried again', async () => {
  const engine = new SqliteEngine(':memory:');
  const half = { name: 'half', sql: () => 'CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)' };
  await migrate(engine, [], noLog);
  await assert.rejects(migrate(engine, [half], noLog), /nowhere/);
  assert.deepEqual(await tables(engine), ['migrations']);
  await migrate(engine, [{ ...half, sql: () => 'CREATE TABLE half (x)' }], noLog);
  assert.deepEqual(await tables(engine), ['half', 'migrations']);
  await engine.close();
});

test('writes of a moment are one commit: none is done or seen before it, one that fails takes no other with it', async () => {
  const path = join(folder, 'group.sqlite');
  const commits: (() => void)[] = [];
  const engine = new SqliteEngine(path, (commit) => commits.push(commit));
  const made = engine.write(() => script('CREATE TABLE t (x INTEGER PRIMARY KEY)'));
  commits.shift()!();
  await made;
  const done: number[] = [];
  const writes = [1, 2, 1, 3].map((x) => engine.write(insert(x)).then(() => done.push(x)));
  await assert.rejects(writes[2]!, /UNIQUE/);
  assert.deepEqual([done, commits.length], [[], 1]);
  // Neither this process nor another sees anything yet.
  const other = new SqliteEngine(path);
  assert.deepEqual([await kept(engine), await kept(other)], [[], []]);
  commits[0]!();
  await Promise.allSettled(writes);
  assert.deepEqual(done, [1, 2, 3]);
  assert.deepEqual(
    [await kept(engine), await kept(other)],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  );
  const last = engine.write(insert(4));
  await engine.close();
  await last;
  assert.deepEqual(await kept(other), [1, 2, 3, 4]);
  await other.close();
});

test('in memory, too, a read sees what is done and nothing else', async () => {
  const engine = new SqliteEngine(':memory:', setImmediate);
  await engine.write(() => script('CREATE TABLE t (x)'));
  let done = false;
  const write = engine.write(insert(1)).then(() => {
    done = true;
  });
  const seen = await kept(engine);
  assert.deepEqual([seen, done], [[1], true]);
  await write;
  await engine.close();
});

test('a commit that fails fails every write of its moment, and the next moment begins anew', async () => {
  const commits: (() => void)[] = [];
  const engine = new SqliteEngine(':memory:', (commit) => commits.push(commit));
  const made = engine.write(() => script('CREATE TABLE p (x PRIMARY KEY); CREATE TABLE t (x REFERENCES p DEFERRABLE INITIALLY DEFERRED)'));
  commits[0]!();
  await made;
  const writes = [engine.write(insert(7)), engine.write(() => rows('SELECT 1'))];
  commits[1]!();
  for (const each of writes) await assert.rejects(each, /FOREIGN KEY/);
  const next = [engine.write(() => run('INSERT INTO p VALUES (?1)', 7)), engine.write(insert(7))];
  commits[2]!();
  await Promise.all(next);
  assert.deepEqual(await kept(engine), [7]);
  await engine.close();
});

test('the steps that make a new database are no news; those that change one are', async () => {
  const engine = new SqliteEngine(':memory:');
  const lines: string[] = [];
  const log = { ...noLog, info: () => lines.push('info'), debug: () => lines.push('debug') };
  const [one, two] = [
    { name: 'one', sql: () => 'CREATE TABLE one (x)' },
    { name: 'two', sql: () => 'CREATE TABLE two (x)' },
  ];
  await migrate(engine, [one], log);
  await migrate(engine, [one, two], log);
  assert.deepEqual(lines, ['debug', 'info']);
  await engine.close();
});

test('a row is believed until somebody writes: at once where it is this engine, from the next moment on where it is another', async () => {
  const path = join(folder, 'believed.sqlite');
  const moments: (() => void)[] = [];
  const [mine, theirs] = [new SqliteEngine(path, (then) => void moments.push(then)), new SqliteEngine(path)];
  const pass = (): void => {
    for (const each of moments.splice(0)) each();
  };
  const x = async (engine: Engine) => (await engine.read(() => row('SELECT x FROM t WHERE rowid = ?1', 1)))?.['x'];
  await theirs.write(() => script('CREATE TABLE t (x); INSERT INTO t VALUES (1)'));
  assert.equal(await x(mine), 1);
  pass();
  const written = mine.write(() => run('UPDATE t SET x = 2'));
  assert.equal(await x(mine), 1, 'what is not on the disk is not seen');
  moments.shift()?.();
  await written;
  assert.equal(await x(mine), 2, 'though the moment has not passed');
  pass();
  await theirs.write(() => run('UPDATE t SET x = 3'));
  assert.equal(await x(mine), 3);
  assert.equal(await mine.read(() => row('SELECT x FROM t WHERE rowid = ?1', 2)), undefined);
  pass();
  await theirs.write(() => run('INSERT INTO t VALUES (4)'));
  assert.deepEqual({ ...(await mine.read(() => row('SELECT x FROM t WHERE rowid = ?1', 2))) }, { x: 4 });
  await Promise.all([mine.close(), theirs.close()]);
});
