import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from '../../test/kit/bus-house.ts';
import { FakeBroker } from '../../test/kit/fake-broker.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { Failure, noLog } from '../base/index.ts';
import { openAmqp } from './amqp.ts';
import type { Amqp, AmqpOptions } from './amqp-types.ts';

const exchanges = [{ name: 'conference', type: 'topic' }] as const;

async function house(options: Partial<AmqpOptions> = {}): Promise<{ broker: FakeBroker; clock: FakeClock; amqp: Amqp }> {
  const [broker, clock] = [new FakeBroker(), new FakeClock()];
  const given = { url: 'amqp://h', clock, chance: new SeededChance(), log: noLog, exchanges, ...options };
  const amqp = openAmqp(given, broker.connect);
  await settled();
  return { broker, clock, amqp };
}

/** Publishes, and notes how it ended under its name. */
function send(amqp: Amqp, name: string, ends: string[]): void {
  amqp.publish({ exchange: 'conference', key: 'k', body: name }).then(
    () => ends.push(`${name} safe`),
    (error: unknown) => ends.push(`${name} ${error instanceof Failure ? error.code : error}`),
  );
}

const unavailable = (error: unknown): boolean =>
  error instanceof Failure && error.kind === 'unavailable' && error.code === 'broker_unavailable';

test('a publish is done when the broker confirms it, not before', async () => {
  const { broker, amqp } = await house();
  const ends: string[] = [];
  send(amqp, 'a', ends);
  send(amqp, 'b', ends);
  await settled();
  assert.deepEqual(ends, []);
  broker.confirm(1);
  await settled();
  assert.deepEqual(ends, ['a safe']);
  broker.given[0]?.confirm(new Error('message nacked'));
  await settled();
  assert.deepEqual(ends, ['a safe', 'b broker_unavailable']);
  const { published, confirmed, rejected, inFlight } = amqp.counts();
  assert.deepEqual({ published, confirmed, rejected, inFlight }, { published: 2, confirmed: 1, rejected: 1, inFlight: 0 });
  await amqp.close();
});

test('no more are unconfirmed than may be; the others wait in order', async () => {
  const { broker, amqp } = await house({ inFlight: 3 });
  const ends: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) send(amqp, name, ends);
  assert.deepEqual(
    broker.given.map((each) => each.body),
    ['a', 'b', 'c'],
  );
  broker.confirm(1);
  assert.deepEqual(
    broker.given.map((each) => each.body),
    ['b', 'c', 'd'],
  );
  await amqp.close();
  await settled();
  assert.equal(ends.filter((each) => each.endsWith('broker_unavailable')).length, 4);
});

test('a broker that is down at the start stops nobody: it is tried with growing pauses, and then used', async () => {
  const [broker, clock] = [new FakeBroker(), new FakeClock()];
  broker.down = true;
  const amqp = openAmqp({ url: 'amqp://h', clock, chance: new SeededChance(), log: noLog, exchanges }, broker.connect);
  await settled();
  await assert.rejects(amqp.publish({ exchange: 'conference', key: 'k', body: '' }), unavailable);
  const seen: number[] = [];
  for (let second = 0; second < 120; second++) {
    clock.advance(1000);
    await settled();
    seen.push(broker.attempts);
  }
  assert.ok((seen[3] ?? 0) >= 4, 'soon at first');
  assert.equal((seen[119] ?? 0) - (seen[59] ?? 0), 2, 'every 30 s later');
  broker.down = false;
  clock.advance(30_000);
  await settled();
  assert.equal(amqp.counts().connected, true);
  assert.deepEqual(broker.asserted, ['conference']);
  await amqp.close();
  assert.equal(clock.armed, 0);
});

test('when the connection is lost all that was on its way is rejected, and the exchanges are asserted anew', async () => {
  const { broker, clock, amqp } = await house({ inFlight: 1 });
  const ends: string[] = [];
  send(amqp, 'a', ends);
  send(amqp, 'b', ends);
  broker.cut();
  await settled();
  assert.deepEqual(ends, ['a broker_unavailable', 'b broker_unavailable']);
  assert.equal(amqp.counts().connected, false);
  clock.advance(1000);
  await settled();
  assert.deepEqual(broker.asserted, ['conference', 'conference']);
  assert.equal(amqp.counts().reconnects, 1);
  send(amqp, 'c', ends);
  broker.confirm(1);
  await settled();
  assert.equal(ends[2], 'c safe');
  await amqp.close();
});

test('after a restart of the broker those who were bound to a transient exchange get five seconds to come back; a lost connection needs none', async () => {
  const { broker, clock, amqp } = await house({ exchanges: [{ name: 'conference', type: 'topic', durable: false }] });
  assert.equal(amqp.counts().gathering, false, 'nobody was bound before the first connection');
  broker.cut();
  await settled();
  clock.advance(1000);
  await settled();
  assert.deepEqual([amqp.counts().connected, amqp.counts().gathering], [true, false]);
  broker.forgetful = true;
  broker.cut();
  await settled();
  clock.advance(1000);
  await settled();
  assert.deepEqual([amqp.counts().connected, amqp.counts().gathering], [true, true]);
  assert.deepEqual(broker.asserted.slice(-2), ['parley.mark', 'conference']);
  clock.advance(4999);
  assert.equal(amqp.counts().gathering, true);
  clock.advance(1);
  assert.equal(amqp.counts().gathering, false);
  await amqp.close();
});

test('a broker with an alarm gets nothing until it is over; what waited too long is rejected, and nothing overtakes it', async () => {
  const { broker, clock, amqp } = await house({ confirmMs: 10_000 });
  const ends: string[] = [];
  broker.model?.emit('blocked', 'memory');
  send(amqp, 'a', ends);
  assert.equal(broker.given.length, 0);
  assert.equal(amqp.counts().blocked, true);
  broker.model?.emit('unblocked');
  assert.equal(broker.given.length, 1);
  broker.confirm(1);
  broker.model?.emit('blocked', 'memory');
  send(amqp, 'b', ends);
  clock.advance(5000);
  send(amqp, 'c', ends);
  clock.advance(5000);
  await settled();
  assert.deepEqual(ends, ['a safe', 'b broker_unavailable', 'c broker_unavailable']);
  broker.model?.emit('unblocked');
  assert.equal(broker.given.length, 0);
  await amqp.close();
});

test('a confirm that does not come in time is not waited for, and coming late changes nothing', async () => {
  const { broker, clock, amqp } = await house({ confirmMs: 10_000 });
  const ends: string[] = [];
  send(amqp, 'a', ends);
  clock.advance(10_000);
  await settled();
  assert.deepEqual(ends, ['a broker_unavailable']);
  broker.confirm(1);
  await settled();
  const { confirmed, rejected, inFlight } = amqp.counts();
  assert.deepEqual({ confirmed, rejected, inFlight }, { confirmed: 0, rejected: 1, inFlight: 0 });
  await amqp.close();
  assert.equal(clock.armed, 0);
});

test('an answer that no queue takes is false and counted', async () => {
  const { broker, amqp } = await house();
  const answers = [amqp.reply('gone', {}, 'x'), amqp.reply('there', {}, 'y')];
  assert.deepEqual(
    broker.given.map(({ exchange, key, properties }) => [exchange, key, properties.mandatory]),
    [
      ['', 'gone', true],
      ['', 'there', true],
    ],
  );
  broker.channel?.emit('return', { properties: { messageId: broker.given[0]?.properties.messageId } });
  broker.confirm(2);
  assert.deepEqual(await Promise.all(answers), [false, true]);
  assert.equal(amqp.counts().returned, 1);
  await amqp.close();
});

test('a channel that the broker closes makes a new connection', async () => {
  const { broker, clock, amqp } = await house();
  broker.channel?.emit('error', new Error('NOT_FOUND'));
  broker.channel?.emit('close');
  await settled();
  clock.advance(1000);
  await settled();
  assert.equal(broker.attempts, 2);
  assert.equal(amqp.counts().connected, true);
  await amqp.close();
});

test('close while a connection is being made leaves nothing behind', async () => {
  const broker = new FakeBroker();
  const clock = new FakeClock();
  const amqp = openAmqp({ url: 'amqp://h', clock, chance: new SeededChance(), log: noLog, exchanges }, broker.connect);
  await amqp.close();
  await settled();
  assert.equal(clock.armed, 0);
  assert.equal(broker.open, 0);
  assert.equal(amqp.counts().connected, false);
});

test('close does not wait for a broker that says nothing any more', async () => {
  const { broker, clock, amqp } = await house();
  const ends: string[] = [];
  send(amqp, 'a', ends);
  broker.mute = true;
  let closed = false;
  void amqp.close().then(() => (closed = true));
  await settled();
  assert.deepEqual(ends, ['a broker_unavailable']);
  assert.equal(closed, false);
  clock.advance(3000);
  await settled();
  assert.equal(closed, true);
  assert.equal(clock.armed, 0);
});
