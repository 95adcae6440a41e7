import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Failure, type Log, noLog, SystemClock } from '../../src/base/index.ts';
import { PostgresEngine } from '../../src/store/postgres-engine.ts';
import { row, rows, run, script, type Work } from '../../src/store/work.ts';
import { Postgres } from '../kit/postgres.ts';

const server = await Postgres.start();
after(() => server.close());

const clock = new SystemClock();
const engineAt = (url: string, log: Log = noLog) => new PostgresEngine({ url, clock, log, name: 'parley' }, setImmediate);

/** An engine over an empty schema with one table, and another one over the same. */
async function two(): Promise<{ readonly url: string; readonly one: PostgresEngine; readonly other: PostgresEngine }> {
  const url = await server.newUrl();
  const [one, other] = [engineAt(url), engineAt(url)];
  await one.write(() => script('CREATE TABLE t (k BIGINT PRIMARY KEY, v BIGINT)'));
  return { url, one, other };
}

const put = (k: number, v = 0) => run('INSERT INTO t VALUES (?1, ?2)', k, v);
const keys = () => rows('SELECT k FROM t ORDER BY k');
const unavailable = { name: 'Failure', kind: 'unavailable', code: 'store_unavailable' };
const breakAll = () => server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parley'");

test('numbers are numbers, also sums and counts; bytes are bytes; texts keep every character', async () => {
  const { one } = await two();
  await one.write(() => put(1, 2 ** 53 - 1));
  const sql = 'SELECT v, count(*) AS n, sum(k) AS s, ?1::bytea AS b, ?2::text AS x FROM t GROUP BY v';
  const found = await one.read(() => row(sql, Uint8Array.of(0, 255), 'ü 李 \u{1f600} \\ $1 ?1'));
  assert.deepEqual([found?.['v'], found?.['n'], found?.['s'], found?.['x']], [2 ** 53 - 1, 1, 1, 'ü 李 \u{1f600} \\ $1 ?1']);
  assert.deepEqual(found?.['b'], Buffer.of(0, 255));
  await one.close();
});

test('a write that fails takes no other of its moment with it; what it wrote is undone', async () => {
  const { one } = await two();
  function* halfway(): Work<void> {
    yield* put(9);
    throw new Failure('conflict', 'numbers_taken', 'halfway');
  }
  const outcomes = await Promise.allSettled([
    one.write(() => put(1)),
    one.write(halfway),
    one.write(() => run('SELECT nothing')),
    one.write(() => put(2)),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await one.read(keys), [{ k: 1 }, { k: 2 }]);
  await one.close();
});

test('two who add the same row: the second runs again, sees the first, and is refused by its own rule', async () => {
  const { one, other } = await two();
  let runs = 0;
  function* claim(): Work<string> {
    runs++;
    if ((yield* row('SELECT 1 FROM t WHERE k = ?1', 7)) !== undefined) return 'taken';
    // Time for the other one.
    yield* run("SELECT pg_sleep('0.2')");
    yield* put(7);
    return 'mine';
  }
  const outcomes = await Promise.all([one.write(claim), other.write(claim)]);
  assert.deepEqual(outcomes.sort(), ['mine', 'taken']);
  assert.equal(runs, 3);
  await Promise.all([one.close(), other.close()]);
});

test('two who lock in opposite order both get through', async () => {
  const { one, other } = await two();
  await one.write(() => put(1));
  await one.write(() => put(2));
  const raise = (k: number) => run('UPDATE t SET v = v + 1 WHERE k = ?1', k);
  const pause = () => run("SELECT pg_sleep('0.1')");
  // Each is one transaction of two writes: the second write meets the other's first.
  const both = (engine: PostgresEngine, [a, b]: readonly [number, number]) => [
    engine.write(function* () {
      yield* raise(a);
      yield* pause();
    }),
    engine.write(() => raise(b)),
  ];
  await Promise.all([...both(one, [1, 2]), ...both(other, [2, 1])]);
  assert.deepEqual(await one.read(() => rows('SELECT v FROM t ORDER BY k')), [{ v: 2 }, { v: 2 }]);
  await Promise.all([one.close(), other.close()]);
});

test('a read of several statements, and a snapshot, see one state', async () => {
  const { one, other } = await two();
  await one.write(() => put(1));
  let begun = 0;
  const seen = await one.read(function* () {
    begun++;
    const first = yield* keys();
    // The first attempt is thrown away; the second one is a snapshot.
    if (begun === 2) yield* run("SELECT pg_sleep('0.2')");
    return [first.length, (yield* keys()).length];
  });
  assert.deepEqual(seen, [1, 1]);
  await one.snapshot(async (read) => {
    assert.equal((await read(keys)).length, 1);
    await other.write(() => put(2));
    assert.equal((await read(keys)).length, 1);
  });
  assert.equal((await one.read(keys)).length, 2);
  await assert
    .rejects(
      one.read(() => put(3)),
      { code: '25006' },
    )
    .catch(() => {});
  await Promise.all([one.close(), other.close()]);
});

test('connections that broke while nobody used them are replaced without a word to anybody', async () => {
  const { one } = await two();
  await Promise.all([1, 2, 3].map((k) => one.write(() => put(k))));
  await Promise.all([1, 2, 3, 4].map(() => one.read(keys)));
  await breakAll();
  const [seen] = await Promise.all([one.read(keys), one.write(() => put(4)), one.read(keys), one.read(keys)]);
  assert.ok(seen.length >= 3);
  await breakAll();
  await one.write(() => put(5));
  assert.equal((await one.read(keys)).length, 5);
  await one.close();
});

test('a write whose connection breaks under it is refused, those behind it are written', async () => {
  const { one } = await two();
  const cut = one.write(function* () {
    yield* put(1);
    yield* row('SELECT pg_terminate_backend(pg_backend_pid())');
  });
  const beside = one.write(() => put(2));
  await assert.rejects(cut, unavailable);
  await beside;
  assert.deepEqual(await one.read(keys), [{ k: 2 }]);
  await one.close();
});

test('an outage: short ones are waited for, long ones refused in about five seconds, and it comes back by itself', async () => {
  const { url, one } = await two();
  const told: string[] = [];
  const log: Log = { ...noLog, warn: (message) => told.push(message), info: (message) => told.push(message) };
  const engine = engineAt(url, log);
  await engine.write(() => put(1));
  await server.kill();
  const began = clock.now();
  const outcomes = await Promise.allSettled([engine.write(() => put(2)), engine.read(keys)]);
  for (const each of outcomes) assert.equal(each.status === 'rejected' && each.reason.code, 'store_unavailable');
  const waited = clock.now() - began;
  assert.ok(waited > 3000 && waited < 9000, `${waited} ms`);
  const patient = engine.write(() => put(3));
  await Promise.all([server.resume(), patient]);
  assert.deepEqual(await engine.read(keys), [{ k: 1 }, { k: 3 }]);
  assert.deepEqual(told, ['database connection lost', 'database connection is back']);
  await Promise.all([engine.close(), one.close()]);
});

test('a database that dies while it is asked ends no process: the question is asked again when it is back', async () => {
  const { one } = await two();
  await one.write(() => put(1));
  // Each of the connections that read is in the middle of an answer.
  const slow = [1, 2, 3, 4].map(() => one.read(() => row("SELECT k, pg_sleep('1.5') FROM t")));
  const asked = "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT k, pg_sleep%'";
  while ((await server.sql(asked)).length < slow.length);
  await server.kill();
  const answers = Promise.allSettled(slow);
  await server.resume();
  // A database that is not back within five seconds is told to whoever asked.
  for (const each of await answers) {
    if (each.status === 'rejected') assert.equal(each.reason.code, 'store_unavailable');
    else assert.equal(each.value?.['k'], 1);
  }
  assert.deepEqual(await one.read(keys), [{ k: 1 }]);
  await one.close();
});

test('a lock that somebody keeps is waited for two seconds, then the write is refused and the others are not', async () => {
  const { one, other } = await two();
  await one.write(() => put(1));
  const keeper = other.write(function* () {
    yield* run('UPDATE t SET v = 1');
    yield* run("SELECT pg_sleep('3.5')");
  });
  await new Promise<void>((done) => clock.wake(clock.now() + 300, done));
  await assert.rejects(
    one.write(() => run('UPDATE t SET v = 2')),
    unavailable,
  );
  await one.write(() => put(2));
  await keeper;
  await Promise.all([one.close(), other.close()]);
});

test('closing waits for the writes that were asked for, and refuses what comes later', async () => {
  const { url, one } = await two();
  const engine = engineAt(url);
  const last = engine.write(() => put(1));
  await Promise.all([engine.close(), engine.close()]);
  await last;
  const closed = { name: 'Failure', kind: 'unavailable', code: 'closed' };
  await assert.rejects(engine.read(keys), closed);
  await assert.rejects(
    engine.snapshot(async () => {}),
    closed,
  );
  await assert.rejects(
    engine.write(() => put(2)),
    closed,
  );
  assert.deepEqual(await one.read(keys), [{ k: 1 }]);
  await one.close();
});
