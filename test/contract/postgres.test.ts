import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { noLog, SystemClock } from '../../src/base/index.ts';
import { openPostgres } from '../../src/store/index.ts';
import { migrations } from '../../src/store/migrations/all.ts';
import { PostgresEngine } from '../../src/store/postgres-engine.ts';
import { Postgres } from '../kit/postgres.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { room, T } from './examples.ts';
import { upgradesOpenRooms } from './open-rooms.ts';
import { A, conference, document, facts, keepSecrets, storeContract } from './store.ts';

const server = await Postgres.start();
after(() => server.close());

const masterKey = new Uint8Array(32).fill(7);
const clock = new SystemClock();

storeContract('postgres', async () => {
  const url = await server.newUrl();
  const open = () => openPostgres({ url, clock, chance: new SeededChance(1), masterKey, soon: setImmediate });
  let stores = await open();
  return {
    stores,
    close: () => stores.close(),
    reopen: async () => {
      await stores.close();
      stores = await open();
      return stores;
    },
  };
});

const openAt = (url: string, key = masterKey, log = noLog) =>
  openPostgres({ url, clock, chance: new SeededChance(1), masterKey: key, log });

test('no secret stands in the tables in clear', async () => {
  const url = await server.newUrl();
  const stores = await openAt(url);
  const secrets = await keepSecrets(stores);
  await stores.close();
  const tables = await server.sql('SELECT tablename FROM pg_tables WHERE schemaname = current_schema()', url);
  const dumps = await Promise.all(tables.map(({ tablename }) => server.sql(`SELECT t::text AS row FROM ${tablename} AS t`, url)));
  const text = JSON.stringify(dumps);
  const bytes = text.replaceAll(/\\\\x([0-9a-f]+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'));
  assert.ok(text.includes('aaaa0001.parley.local'), 'the search finds what is not sealed');
  for (const secret of secrets) assert.equal(text.includes(secret) || bytes.includes(secret), false, `${secret} stands in clear`);
});

test('another master key, a newer schema, an unfit database and a closed door are refused in words, without the password', async () => {
  const url = await server.newUrl();
  await (await openAt(url)).close();
  await assert.rejects(openAt(url, new Uint8Array(32).fill(8)), { kind: 'unavailable', code: 'wrong_master_key' });
  await server.sql("INSERT INTO migrations (number, name) VALUES (99, 'from-the-future')", url);
  await assert.rejects(openAt(url), { kind: 'unavailable', code: 'database_newer', message: /newer Parley \(schema 99/ });
  await server.sql("CREATE DATABASE latin ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'");
  const unfit = { kind: 'unavailable', code: 'store_unavailable' };
  await assert.rejects(openAt(server.url.replace('/postgres', '/latin')), {
    ...unfit,
    message: /encoding must be UTF8, and it is SQL_ASCII/,
  });
  const nowhere = server.url.replace('parley@', 'parley:geheim@').replace(/\/postgres$/, '/nowhere');
  await assert.rejects(openAt(nowhere), (error: Error) => {
    assert.match(error.message, /127\.0\.0\.1:\d+\/nowhere cannot be used: database "nowhere" does not exist/);
    return !/geheim/.test(inspect(error, { depth: 9 }));
  });
});

test('several who start at once bring the schema up to date together, and hear that they are not alone', async () => {
  const url = await server.newUrl();
  const told: string[] = [];
  const log = { ...noLog, warn: (message: string) => told.push(message) };
  const all = await Promise.all([openAt(url), openAt(url), openAt(url)]);
  const last = await openAt(url, masterKey, log);
  assert.deepEqual(told, ['another parley is connected to this database; one server per database is meant']);
  await Promise.all([...all, last].map((each) => each.close()));
  const [found] = await server.sql('SELECT count(*)::int AS n FROM migrations', url);
  assert.equal(found?.['n'], migrations.length);
});

test('a database of before: rooms that were open are running', async () => {
  await upgradesOpenRooms(new PostgresEngine({ url: await server.newUrl(), clock, log: noLog, name: 'parley' }));
});

test('a fact leaves the indexes of conferences alone', async () => {
  const url = await server.newUrl();
  const stores = await openAt(url);
  for (let n = 1; n <= 5; n += 1) await stores.conferences.save(conference(`room-${n}`, { room: room() }), [], 1);
  const { id } = conference('room-3');
  for (let sequence = 1; sequence <= 40; sequence += 1) {
    const next = { ...(await stores.conferences.load(A, id))!, sequence, modifiedAt: T + sequence };
    await stores.conferences.save(next, facts(next, sequence - 1, 1), 1);
  }
  // What a connection counted it tells at its end at the latest.
  await stores.close();
  const [schema] = await server.sql('SELECT current_schema() AS name', url);
  const counted = () =>
    server.sql(`SELECT n_tup_upd::int AS all, n_tup_hot_upd::int AS hot FROM pg_stat_user_tables
      WHERE relname = 'conferences' AND schemaname = '${schema?.['name']}'`);
  let [found] = await counted();
  while (Number(found?.['all']) < 40) [found] = await counted();
  // Where a page is full the next version stands in another one, and the indexes say so.
  assert.ok(Number(found?.['hot']) >= 35, `${found?.['hot']} of ${found?.['all']}`);
});

test('two processes: a smaller fence is refused, and one of two who change the same state wins', async () => {
  const url = await server.newUrl();
  const [one, other] = await Promise.all([openAt(url), openAt(url)]);
  const first = conference('room-1');
  await one.conferences.save(first, [], 5);
  await assert.rejects(other.conferences.save(first, [], 4), { code: 'fenced' });
  await other.conferences.save(first, [], 6);
  await assert.rejects(one.conferences.save(first, [], 5), { code: 'fenced' });
  for (let sequence = 1; sequence <= 20; sequence++) {
    const next = conference('room-1', { sequence });
    const outcomes = await Promise.allSettled([one, other].map((each) => each.conferences.save(next, facts(next, sequence - 1, 1), 6)));
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = outcomes.find((each) => each.status === 'rejected');
    assert.equal(refused?.reason.code, 'sequence_broken');
  }
  const makers = Array.from({ length: 10 }, (_, n) =>
    (n % 2 === 0 ? one : other).conferences.save(conference(`n-${n}`, { document: document(['77']) }), [], 1),
  );
  const made = await Promise.allSettled(makers);
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const each of made) if (each.status === 'rejected') assert.equal(each.reason.code, 'numbers_taken');
  await Promise.all([one.close(), other.close()]);
});

test('a fence that rises while a save is under way is seen by it', async () => {
  const url = await server.newUrl();
  const stores = await openAt(url);
  const one = conference('room-1');
  await stores.conferences.save(one, [], 5);
  const other = new Client({ connectionString: url });
  await other.connect();
  await other.query('BEGIN');
  await other.query('UPDATE conferences SET fence = 6');
  const late = assert.rejects(stores.conferences.save({ ...one, locked: true }, [], 5), { code: 'fenced' });
  const isWaiting = async () => {
    const waiting = await server.sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    return waiting.length > 0;
  };
  while (!(await isWaiting()));
  await other.query('COMMIT');
  await late;
  assert.equal((await stores.conferences.load(A, one.id))?.locked, false);
  await other.end();
  await stores.close();
});
