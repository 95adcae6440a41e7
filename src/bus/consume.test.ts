import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusHouse, settled } from '../../test/kit/bus-house.ts';
import type { Entry } from '../conference/index.ts';

const positions = (entries: readonly Entry[]): number[] => entries.map((each) => each.position);

/** A consumer that collects, and refuses on demand. */
function collecting(): { taken: number[][]; tries: number; fail: boolean; take: (entries: readonly Entry[]) => Promise<void> } {
  const it = {
    taken: [] as number[][],
    tries: 0,
    fail: false,
    async take(entries: readonly Entry[]) {
      it.tries += 1;
      if (it.fail) throw new Error('not now');
      it.taken.push(positions(entries));
    },
  };
  return it;
}

test('a consumer that was never here begins now, or at the start, and its cursor is kept at once', async () => {
  const house = new BusHouse();
  house.happen(house.fact(), house.fact());
  const [now, start] = [collecting(), collecting()];
  await house.bus.consume({ name: 'now', take: now.take });
  await house.bus.consume({ name: 'start', take: start.take, from: 'start' });
  assert.equal(house.journal.cursors.get('now'), 2);
  house.happen(house.fact());
  await settled();
  assert.deepEqual(now.taken.flat(), [3]);
  assert.deepEqual(start.taken.flat(), [1, 2, 3]);
  assert.deepEqual(
    ['now', 'start'].map((each) => house.journal.cursors.get(each)),
    [3, 3],
  );
});

test('a consumer goes on behind its cursor, in batches', async () => {
  const house = new BusHouse();
  house.happen(...Array.from({ length: 25 }, () => house.fact()));
  house.journal.cursors.set('amqp', 4);
  const one = collecting();
  await house.bus.consume({ name: 'amqp', take: one.take, batch: 10 });
  await settled();
  assert.deepEqual(one.taken.flat(), positions(house.journal.entries).slice(4));
  assert.ok(one.taken.every((each) => each.length <= 10));
  assert.equal(house.journal.cursors.get('amqp'), 25);
});

test('what is not taken comes again after 1, 2, 4 … 60 s, and nothing overtakes it', async () => {
  const house = new BusHouse();
  const one = collecting();
  await house.bus.consume({ name: 'amqp', take: one.take });
  one.fail = true;
  house.happen(house.fact());
  await settled();
  for (const [i, wait] of [1, 2, 4, 8, 16, 32, 60, 60].entries()) {
    assert.equal(one.tries, i + 1);
    house.happen(house.fact());
    house.clock.advance(wait * 1000 - 1);
    await settled();
    assert.equal(one.tries, i + 1, `${wait} s are not over`);
    house.clock.advance(1);
    await settled();
  }
  assert.deepEqual(house.bus.counts().consumers, [{ name: 'amqp', lag: 9, failures: 9 }]);
  assert.equal(house.journal.cursors.get('amqp'), 0);
  one.fail = false;
  house.clock.advance(60_000);
  await settled();
  assert.deepEqual(one.taken.flat(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(house.bus.counts().consumers, [{ name: 'amqp', lag: 0, failures: 0 }]);
});

test('the cursor moves when what was taken is safe, and only then', async () => {
  const house = new BusHouse();
  let safe = (): void => {};
  await house.bus.consume({ name: 'amqp', take: () => new Promise((resolve) => (safe = resolve)) });
  house.happen(house.fact(), house.fact());
  await settled();
  assert.equal(house.journal.cursors.get('amqp'), 0);
  safe();
  await settled();
  assert.equal(house.journal.cursors.get('amqp'), 2);
});

test('a cursor that cannot be moved is moved later, without giving the same entries again', async () => {
  const house = new BusHouse();
  const one = collecting();
  await house.bus.consume({ name: 'amqp', take: one.take });
  house.journal.before = (what) => {
    if (what === 'cursor') throw new Error('disk');
  };
  house.happen(house.fact());
  await settled();
  house.journal.before = () => {};
  house.happen(house.fact());
  house.clock.advance(1000);
  await settled();
  assert.deepEqual(one.taken.flat(), [1, 2]);
  assert.equal(house.journal.cursors.get('amqp'), 2);
  assert.equal(house.bus.counts().readErrors, 1);
});

test('close waits for the take that runs, keeps its progress, and frees the name', async () => {
  const house = new BusHouse();
  let safe = (): void => {};
  const take = (): Promise<void> => new Promise((resolve) => (safe = resolve));
  const consumer = await house.bus.consume({ name: 'amqp', take });
  await assert.rejects(house.bus.consume({ name: 'amqp', take }));
  house.happen(house.fact());
  await settled();
  let closed = false;
  const closing = consumer.close().then(() => (closed = true));
  await settled();
  assert.equal(closed, false);
  safe();
  await closing;
  assert.equal(house.journal.cursors.get('amqp'), 1);
  const next = collecting();
  await house.bus.consume({ name: 'amqp', take: next.take });
  house.happen(house.fact());
  await settled();
  assert.deepEqual(next.taken, [[2]]);
});

test('close does not wait for the next try', async () => {
  const house = new BusHouse();
  const one = collecting();
  one.fail = true;
  await house.bus.consume({ name: 'amqp', take: one.take });
  house.happen(house.fact());
  await settled();
  await house.bus.close();
  assert.equal(house.clock.armed, 0);
  assert.equal(house.journal.cursors.get('amqp'), 0);
});

test('a consumer far behind reads the journal again and misses nothing', async () => {
  const house = new BusHouse();
  let safe = (): void => {};
  const taken: number[] = [];
  let slow = true;
  await house.bus.consume({
    name: 'amqp',
    async take(entries) {
      taken.push(...positions(entries));
      if (slow) await new Promise<void>((resolve) => (safe = resolve));
    },
  });
  for (let i = 0; i < 60; i++) {
    house.happen(...Array.from({ length: 100 }, () => house.fact()));
    await settled();
  }
  slow = false;
  safe();
  for (let i = 0; i < 20; i++) await settled();
  assert.deepEqual(
    taken,
    Array.from({ length: 6000 }, (_, i) => i + 1),
  );
});

test('facts that retention forgot before they were taken are complained about once, and the rest comes', async () => {
  const complaints: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => void complaints.push(message), with: () => log };
  const house = new BusHouse({ log });
  house.happen(...Array.from({ length: 40 }, () => house.fact()));
  house.journal.cursors.set('amqp', 5);
  house.journal.forget(20);
  const one = collecting();
  await house.bus.consume({ name: 'amqp', take: one.take, batch: 10 });
  await settled();
  assert.deepEqual(one.taken.flat()[0], 21);
  assert.equal(one.taken.flat().length, 20);
  assert.equal(complaints.length, 1);
  const newcomer = collecting();
  await house.bus.consume({ name: 'webhooks', take: newcomer.take, from: 'start' });
  await settled();
  assert.deepEqual(newcomer.taken.flat(), one.taken.flat());
  assert.equal(complaints.length, 1, 'a newcomer misses nothing');
});
