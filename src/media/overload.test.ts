import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quiet, threadHouse } from '../../test/kit/thread-house.ts';

test('a thread that has stopped answering is told, then ended and replaced', async () => {
  await using home = await threadHouse({ threads: 1 });
  await home.open('ann', 'a');
  home.fakes.all[0]!.obeys = false;
  await home.seconds(6, [1]);
  assert.equal(home.engine.load().admits, false);
  assert.match(home.engine.load().reason!, /has not answered for \d000 ms/);
  await assert.rejects(home.open('bob', 'b'), { kind: 'limit', code: 'overloaded' });
  assert.equal((await home.engine.metrics()).legs, 0, 'nobody waits for its figures');
  await home.seconds(8, [1]);
  assert.ok(home.fakes.all[0]!.isDead);
  assert.deepEqual(
    home.events.map((event) => (event.type === 'overload' ? event.state : event.type)),
    ['began', 'ended', 'thread-died'],
  );
  const died = home.events.find(({ type }) => type === 'thread-died');
  assert.match(died?.type === 'thread-died' ? died.reason : '', /has not answered for 10 s/);
  await home.open('bob', 'b');
  await home.engine.close();
  assert.equal(home.clock.armed, 0);
});

test('overload: three late seconds in a row begin it, five calm ones after the first end it, nothing between flaps', async () => {
  await using home = await threadHouse({ threads: 1, limits: { lateMs: 20, busy: 0.85 } });
  await home.open('ann', 'a');
  await home.seconds(1, [0.5]);
  await home.seconds(2, [0.5], [30]);
  await home.seconds(1, [0.5]);
  await home.seconds(2, [0.5], [30]);
  assert.deepEqual([home.engine.load().admits, home.overloads().length], [true, 0]);
  await home.seconds(1, [0.5], [30]);
  const load = home.engine.load();
  assert.equal(load.admits, false);
  assert.match(load.reason!, /ticks begin up to 30 ms late/);
  assert.ok(Math.abs(load.busy - 0.5) < 1e-9 && Math.abs(load.lateP99Ms - 30) < 0.2, JSON.stringify(load));
  await assert.rejects(home.open('bob', 'a'), { kind: 'limit', code: 'overloaded', message: load.reason! });
  await assert.rejects(home.open('bob', 'b'), { kind: 'limit', code: 'overloaded' });
  // Below the limit is not well below it.
  await home.seconds(10, [0.5], [18]);
  await home.seconds(5, [0.5]);
  await home.seconds(1, [0.5], [18]);
  await home.seconds(5, [0.5]);
  assert.equal(home.engine.load().admits, false);
  await home.seconds(1, [0.5]);
  assert.equal(home.engine.load().admits, true);
  await home.open('bob', 'b');
  assert.deepEqual(
    home.overloads().map((event) => event.type === 'overload' && [event.state, event.thread]),
    [
      ['began', 0],
      ['ended', 0],
    ],
  );
  await home.engine.close();
});

test('late ticks of a thread that has little to do count only when they are very late', async () => {
  await using home = await threadHouse({ threads: 1, limits: { lateMs: 16 } });
  await home.open('ann', 'a');
  await home.seconds(5, [0.1], [60]);
  assert.equal(home.engine.load().admits, true);
  await home.seconds(3, [0.1], [79]);
  assert.equal(home.engine.load().admits, true);
  await home.seconds(3, [0.1], [81]);
  assert.equal(home.engine.load().admits, false);
});

test('overload by use of time is one thread’s: its rooms take nobody, new rooms go elsewhere', async () => {
  await using home = await threadHouse({ threads: 2 });
  await home.fill(2);
  await home.seconds(4, [0.95, 0.3]);
  assert.deepEqual(
    home.engine.load().threads.map(({ admits }) => admits),
    [false, true],
  );
  assert.equal(home.engine.load().admits, true);
  assert.ok(Math.abs(home.engine.load().busy - 0.625) < 1e-9);
  await assert.rejects(home.open('ann', 'filler 0'), { code: 'overloaded', message: /95 % of its time/ });
  await home.open('ann', 'new');
  assert.equal(home.where('ann'), 1);
  await home.engine.close();
});

test('the limit of legs is exact, and told when it is reached and when there is room again', async () => {
  await using home = await threadHouse({ limits: { legs: 40 } });
  for (let n = 0; n < 40; n++) await home.open(`${n}`, 'a');
  assert.deepEqual([home.engine.load().admits, home.engine.load().reason], [false, 'the limit of 40 legs is reached']);
  await assert.rejects(home.open('40', 'a'), { kind: 'limit', code: 'overloaded', message: 'the limit of 40 legs is reached' });
  await home.end('0');
  assert.equal(home.engine.load().admits, false, 'one hang-up does not end it');
  await home.end('1');
  await home.open('40', 'a');
  await quiet();
  assert.deepEqual(
    home.overloads().map((event) => event.type === 'overload' && event.state),
    ['began', 'ended'],
  );
  await home.engine.close();
});

test('when nobody is there nothing is measured: no alarm is left, and old figures are forgotten', async () => {
  await using home = await threadHouse({ threads: 1 });
  await home.open('ann', 'a');
  await home.seconds(3, [0.7], [3]);
  assert.ok(home.engine.load().busy > 0.6);
  await home.end('ann');
  await home.seconds(15, [0]);
  assert.equal(home.clock.armed, 0);
  assert.deepEqual([home.engine.load().busy, home.engine.load().lateP99Ms], [0, 0]);
  await home.engine.close();
});
