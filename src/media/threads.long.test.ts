import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { FakeThreads } from '../../test/kit/fake-threads.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { plan, quiet, threadHouse } from '../../test/kit/thread-house.ts';
import { noLog } from '../base/index.ts';
import type { LegId } from '../conference/index.ts';
import { openEngine } from './engine.ts';

test('one thread at the start, and one more than have legs; never more than allowed', async () => {
  await using home = await threadHouse();
  assert.equal(home.fakes.all.length, 1);
  await home.open('1', 'a');
  assert.equal(home.fakes.all.length, 2);
  await quiet();
  await home.open('2', 'b');
  await quiet();
  await home.open('3', 'c');
  await home.open('4', 'd');
  assert.equal(home.fakes.all.length, 3);
  await home.engine.close();
  assert.equal(home.clock.armed, 0);
});

test('legs of one conference meet in one thread: at the same moment, later, and after all had left', async () => {
  await using home = await threadHouse();
  await home.fill(3);
  const meet = async (legs: readonly string[]): Promise<void> => {
    await Promise.all(legs.map((leg) => home.open(leg, 'room')));
    const threads = new Set(legs.map(home.where));
    assert.equal(threads.size, 1, `${legs} are in threads ${[...threads]}`);
    assert.ok(!threads.has(-1));
  };
  await meet(['a', 'b', 'c']);
  for (let n = 0; n < 5; n++) await home.open(`other ${n}`, `other ${n}`);
  await meet(['d', 'e']);
  assert.equal(home.where('d'), home.where('a'));
  // Somebody comes while the last one leaves.
  const ended = ['a', 'b', 'c', 'd', 'e'].map(home.end);
  await meet(['f', 'g', 'h']);
  await Promise.all(ended);
  await home.engine.close();
});

test('a new room goes where the least is to be done: by what is measured, else by legs', async () => {
  await using home = await threadHouse();
  await home.fill(3);
  await home.open('more 0', 'filler 0');
  await home.open('more 2', 'filler 2');
  await home.open('by legs', 'by legs');
  assert.equal(home.where('by legs'), 1);
  await home.seconds(3, [0.6, 0.5, 0.2]);
  await home.open('by load', 'by load');
  assert.equal(home.where('by load'), 2);
  // What has come since the last measurement counts as well: 20 legs at what legs cost elsewhere are not enough, 2 000 are.
  await Promise.all(Array.from({ length: 2000 }, (_, n) => home.open(`many ${n}`, 'by load')));
  await home.open('elsewhere', 'elsewhere');
  assert.equal(home.where('elsewhere'), 1);
  await home.engine.close();
});

test('a thread that dies takes only its rooms along, is replaced at once, and the same rooms work again', async () => {
  await using home = await threadHouse();
  await home.fill(3);
  await home.open('ann', 'filler 1');
  home.hear('filler 1', plan(1, ['ann']));
  await home.applied('filler 1', 1);
  home.hear('filler 1', plan(2, ['ann', 'bob']));
  const applied = home.applied('filler 1', 2);
  const opening = home.open('bob', 'filler 1');
  const ending = home.end('ann');
  home.fakes.all[1]!.die('as told');
  await assert.rejects(opening, { kind: 'unavailable', code: 'thread_died' });
  await Promise.all([applied, ending]);
  assert.deepEqual(
    home.events.filter(({ type }) => type === 'thread-died').map((event) => event.type === 'thread-died' && [...event.legs].sort()),
    [['bob', 'filler 1']],
  );
  assert.equal(home.fakes.alive.length, 3);
  await quiet();
  await home.open('bob', 'filler 1');
  await quiet();
  assert.equal(home.where('bob'), 3, 'the successor has the least to do');
  assert.deepEqual(
    home.fakes.all[3]!.orders.filter((order) => order.do === 'hear').map((order) => order.do === 'hear' && order.plan.version),
    [2],
    'a room that comes back is mixed by its newest plan',
  );
  assert.equal(home.where('filler 0'), 0);
  assert.equal((await home.engine.metrics()).legs, 3);
  await home.engine.close();
});

test('a thread that cannot even begin is tried again after a second, not at once', async () => {
  await using home = await threadHouse({ threads: 2 });
  home.fakes.areBroken = true;
  await home.open('1', 'a');
  await quiet();
  home.clock.advance(999);
  await quiet();
  assert.equal(home.fakes.all.length, 2);
  home.fakes.areBroken = false;
  home.clock.advance(1);
  await quiet();
  assert.equal(home.fakes.alive.length, 2);
  await home.engine.close();
  assert.equal(home.clock.armed, 0);
});

test('an engine whose first thread cannot begin does not open, and leaves no alarm', async () => {
  const clock = new FakeClock();
  const fakes = new FakeThreads();
  fakes.areBroken = true;
  const opening = openEngine({ clock, log: noLog, chance: new SeededChance(), ports: 'any', onEvent: () => {} }, fakes.start);
  await assert.rejects(opening, { kind: 'unavailable' });
  assert.equal(clock.armed, 0);
});

test('what cannot be heard is told with a reason in words, and only of legs that are there', async () => {
  await using home = await threadHouse({ threads: 1, silentAfterMs: 4000 });
  await home.open('ann', 'a');
  const [thread] = home.fakes.all;
  assert.equal(thread!.settings.silentAfterMs, 4000);
  const from = { address: '2001:db8::1', port: 4000 };
  thread!.say({
    say: 'signals',
    signals: [
      { type: 'media-silent', leg: 'ann', silentMs: 4010, why: 'nothing-came' },
      { type: 'media-silent', leg: 'gone', silentMs: 4010, why: 'nothing-came' },
      { type: 'media-silent', leg: 'ann', silentMs: 4010, why: 'only-strangers', from, count: 1 },
      { type: 'media-silent', leg: 'ann', silentMs: 4010, why: 'wrong-payload-type', from, count: 200, payloadType: 96 },
      { type: 'media-silent', leg: 'ann', silentMs: 4010, why: 'not-authentic', from, count: 2 },
    ],
  });
  await quiet();
  const told = home.events.map((event) => (event.type === 'media-silent' ? [event.leg, event.why, event.reason] : []));
  assert.deepEqual(told, [
    ['ann', 'nothing-came', 'no packet has come: a firewall or a wrong address in the SDP is in the way'],
    ['ann', 'only-strangers', 'one packet came, the last from [2001:db8::1]:4000, which is not the far end that the SDP names'],
    ['ann', 'wrong-payload-type', '200 packets came, the last from [2001:db8::1]:4000 with payload type 96, which was not agreed on'],
    [
      'ann',
      'not-authentic',
      '2 packets came, the last from [2001:db8::1]:4000, but its SRTP authentication is wrong: the far end uses another key',
    ],
  ]);
  await home.engine.close();
});

test('50 000 conferences without legs cost no alarm and no message', async () => {
  await using home = await threadHouse();
  for (let n = 0; n < 50_000; n++) home.hear(`${n}`, plan(1, ['x']));
  await Promise.all([home.applied('0', 1), home.applied('49999', 7)]);
  assert.equal(home.clock.armed, 0);
  assert.deepEqual(
    home.fakes.all.flatMap(({ orders }) => orders).map((order) => order.do),
    ['metrics'],
  );
  await home.engine.close();
});

test('metrics are the sum over all threads, dead ones too; lateness is that of all ticks', async () => {
  await using home = await threadHouse({ threads: 2 });
  await home.fill(2);
  for (const thread of home.fakes.all) thread.packetsIn = 10;
  // 990 ticks of the one are on time, 10 of the other are 50 ms late: p99 of the whole is not that of either.
  home.fakes.all[0]!.late = [0, 990];
  home.fakes.all[1]!.late = [500, 10];
  const { packetsIn, legs, tickLateness } = await home.engine.metrics();
  assert.deepEqual([packetsIn, legs], [20, 2]);
  assert.ok(tickLateness.p99 < 1 && tickLateness.max === 50, JSON.stringify(tickLateness));
  home.fakes.all[0]!.late = [0, 980];
  home.fakes.all[1]!.late = [500, 20];
  assert.equal((await home.engine.metrics()).tickLateness.p99, 50);
  home.fakes.all[1]!.die('as told');
  home.fakes.all[0]!.packetsIn = 11;
  const after = await home.engine.metrics();
  assert.deepEqual([after.packetsIn, after.legs, after.tickLateness], [21, 1, { p50: 0, p99: 0, max: 0 }]);
  await home.engine.close();
});

test('legs that end together are given to the thread a few at a time, and everything else goes on', async () => {
  await using home = await threadHouse({ threads: 1 });
  const names = Array.from({ length: 300 }, (_, n) => `${n}`);
  await Promise.all(names.map((name) => home.open(name, `${Number(name) % 30}`)));
  const [thread] = home.fakes.all;
  home.hear('0', plan(1, ['0', '30']));
  await home.applied('0', 1);
  thread!.orders.length = 0;
  const ends = names.slice(30).map(home.end);
  home.engine.change('0' as LegId, { direction: 'recvonly' });
  home.hear('0', plan(2, ['0']));
  assert.deepEqual(
    thread!.orders.slice(-2).map((order) => order.do),
    ['change', 'hear'],
    'who stays is not kept waiting',
  );
  assert.equal(home.engine.load().legs, 30);
  await Promise.all(ends);
  assert.equal(thread!.legs.size, 30);
  assert.ok(thread!.mostAtOnce <= 32, `${thread!.mostAtOnce} at once`);
  await home.engine.close();
});

test('orders for one leg arrive in their order, however many are waiting', async () => {
  await using home = await threadHouse({ threads: 1 });
  const [thread] = home.fakes.all;
  thread!.obeys = false;
  const opening = Array.from({ length: 100 }, (_, n) => home.open(`${n}`, 'a'));
  home.engine.change('99' as LegId, { direction: 'recvonly' });
  const record = home.engine.record('99' as LegId);
  const ended = home.end('99');
  const again = home.open('99', 'a');
  thread!.wake();
  await Promise.all([...opening, record, ended, again]);
  assert.deepEqual(thread!.told('99'), ['open', 'change', 'record', 'end', 'open']);
  await home.engine.close();
});

test('of plans that come faster than the thread takes them, it is told the newest', async () => {
  await using home = await threadHouse({ threads: 1 });
  await home.open('ann', 'a');
  const [thread] = home.fakes.all;
  thread!.obeys = false;
  for (let version = 1; version <= 100; version++) home.hear('a', plan(version, ['ann']));
  const [early, late] = [home.applied('a', 3), home.applied('a', 100)];
  thread!.wake();
  await Promise.all([early, late]);
  const versions = thread!.orders.flatMap((order) => (order.do === 'hear' ? [order.plan.version] : []));
  assert.deepEqual(versions, [1, 100]);
  await home.end('ann');
  await quiet();
  assert.deepEqual(thread!.orders.at(-1), { do: 'hear', room: 'a/a', plan: { version: -1, sources: [], listeners: [] } });
  await home.engine.close();
});
