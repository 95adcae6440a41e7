import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { Failure, type Log, noLog, SystemChance, SystemClock } from '../../src/base/index.ts';
import { type Amqp, type AmqpDelivery, type AmqpOptions, openAmqp, openBus } from '../../src/bus/index.ts';
import type { Entry } from '../../src/conference/index.ts';
import { BusHouse } from '../kit/bus-house.ts';
import { openRabbit, type Rabbit } from '../kit/rabbit.ts';

const clock = new SystemClock();
const conference = [{ name: 'conference', type: 'topic' }] as const;
let rabbit: Rabbit;

before(async () => {
  rabbit = await openRabbit();
});
after(() => rabbit.close());

const open = (options: Partial<AmqpOptions> = {}): Amqp =>
  openAmqp({ url: rabbit.url, clock, chance: new SystemChance(), log: noLog, exchanges: conference, ...options });

/** Looks until it is so; a broker has no other way to tell. */
async function until(what: string, so: () => boolean, seconds = 30): Promise<void> {
  const end = clock.now() + seconds * 1000;
  while (!so()) {
    assert.ok(clock.now() < end, `not within ${seconds} s: ${what}`);
    await new Promise((next) => setTimeout(next, 10));
  }
}

const code = (wanted: string) => (error: unknown) => error instanceof Failure && error.code === wanted;

/** A program of somebody else: reads a durable queue with the bare library, and comes back when the broker does. */
class Reader {
  readonly ids: number[] = [];
  /** Its queue is bound. */
  ready = false;
  #model: ChannelModel | undefined;
  #closed = false;

  async run(url: string): Promise<void> {
    while (!this.#closed) {
      try {
        const model = await connect(url);
        this.#model = model;
        model.on('error', () => {});
        const gone = new Promise((resolve) => model.once('close', resolve));
        const channel = await model.createChannel();
        await channel.assertExchange('conference', 'topic', { durable: true });
        await channel.assertQueue('billing', { durable: true });
        await channel.bindQueue('billing', 'conference', 'conference.event.#');
        await channel.consume('billing', (message) => this.#take(message, () => message && channel.ack(message)));
        this.ready = true;
        await gone;
      } catch {
        await new Promise((next) => setTimeout(next, 100));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#model?.close().catch(() => {});
  }

  #take(message: ConsumeMessage | null, ack: () => void): void {
    if (message === null) return;
    this.ids.push(Number(message.properties.messageId));
    ack();
  }
}

test('commands come in, are answered to a queue, and an answer that nobody waits for is counted', async () => {
  const [server, client] = [open(), open()];
  const answers: AmqpDelivery[] = [];
  const replies = client.subscribe({ exchange: 'conference', keys: [], take: async (delivery) => void answers.push(delivery) });
  server.subscribe({
    exchange: 'conference',
    keys: ['conference.command.*'],
    take: async ({ properties, key }) =>
      void (await server.reply(properties.replyTo ?? '', { correlationId: properties.messageId ?? '' }, `done ${key}`)),
  });
  const ready = server.subscribe({ exchange: 'conference', keys: ['nothing'], take: async () => {} });
  await until('queues', () => replies.queue() !== undefined && ready.queue() !== undefined);
  await client.publish({
    exchange: 'conference',
    key: 'conference.command.4711',
    properties: {
      messageId: 'm1',
      replyTo: replies.queue() ?? '',
      contentType: 'application/json',
      headers: { 'App-Name': 'tests' },
      timestamp: 5000,
    },
    body: '{}',
  });
  await until('an answer', () => answers.length === 1);
  assert.equal(Buffer.from(answers[0]?.body ?? []).toString(), 'done conference.command.4711');
  assert.equal(answers[0]?.properties.correlationId, 'm1');
  assert.equal(await server.reply('nobody-has-this', {}, 'hello'), false);
  assert.equal(await server.reply(replies.queue() ?? '', {}, 'hello'), true);
  assert.equal(server.counts().returned, 1);
  assert.equal(server.counts().received, 1);
  await assert.rejects(client.publish({ exchange: 'conference', key: 'k'.repeat(300), body: '' }), code('message_unfit'));
  await assert.rejects(
    client.publish({ exchange: 'conference', key: 'k', properties: { headers: { big: 'x'.repeat(100_000) } }, body: '' }),
    code('message_unfit'),
  );
  await client.publish({ exchange: 'conference', key: 'k', body: Buffer.alloc(300_000) });
  await Promise.all([server.close(), client.close()]);
  assert.equal(server.counts().connected, false);
});

test('a message that cannot be taken comes once more and is refused then; what was not settled comes again to the next', async () => {
  const amqp = open();
  const seen: boolean[] = [];
  const subscription = amqp.subscribe({
    exchange: 'conference',
    keys: ['odd'],
    queue: 'odd',
    take: async ({ redelivered }) => {
      seen.push(redelivered);
      throw new Error('odd');
    },
  });
  await until('a queue', () => subscription.queue() !== undefined);
  await amqp.publish({ exchange: 'conference', key: 'odd', body: '1' });
  await until('two tries', () => amqp.counts().refused === 1);
  assert.deepEqual(seen, [false, true]);
  await subscription.close();
  await amqp.publish({ exchange: 'conference', key: 'odd', body: '2' });
  const later: string[] = [];
  amqp.subscribe({
    exchange: 'conference',
    keys: ['odd'],
    queue: 'odd',
    take: async ({ body }) => void later.push(Buffer.from(body).toString()),
  });
  await until('what waited', () => later.length === 1);
  assert.deepEqual(later, ['2']);
  await amqp.close();
});

test('a queue that is deleted under its reader is made anew', async () => {
  const amqp = open();
  const seen: string[] = [];
  const subscription = amqp.subscribe({
    exchange: 'conference',
    keys: ['lost.#'],
    queue: 'lost',
    take: async ({ key }) => void seen.push(key),
  });
  await until('a queue', () => subscription.queue() !== undefined);
  const model = await connect(rabbit.url);
  await (await model.createChannel()).deleteQueue('lost');
  await until('the loss', () => subscription.queue() === undefined);
  await until('another', () => subscription.queue() !== undefined);
  await amqp.publish({ exchange: 'conference', key: 'lost.found', body: '' });
  await until('a message', () => seen.length === 1);
  assert.equal(amqp.counts().reconnects, 0);
  await Promise.all([amqp.close(), model.close()]);
});

test('an exchange that stands already otherwise is used as it is; a full queue refuses and the sender hears it', async () => {
  const model = await connect(rabbit.url);
  const channel = await model.createChannel();
  await channel.assertExchange('elder', 'topic', { durable: false });
  await channel.assertQueue('full', { arguments: { 'x-max-length': 1, 'x-overflow': 'reject-publish' } });
  await channel.bindQueue('full', 'elder', 'k');
  const amqp = open({ exchanges: [{ name: 'elder', type: 'topic' }] });
  await until('a connection', () => amqp.counts().connected);
  await amqp.publish({ exchange: 'elder', key: 'k', body: '1' });
  await assert.rejects(amqp.publish({ exchange: 'elder', key: 'k', body: '2' }), code('broker_unavailable'));
  // An exchange that is not there ends the channel: the connection is made anew and works.
  await assert.rejects(amqp.publish({ exchange: 'no-such', key: 'k', body: '3' }), code('broker_unavailable'));
  await until('a new connection', () => amqp.counts().reconnects === 1 && amqp.counts().connected);
  await channel.purgeQueue('full');
  await amqp.publish({ exchange: 'elder', key: 'k', body: '4' });
  await Promise.all([amqp.close(), model.close()]);
});

test('a wrong password is said in the log and never shown', async () => {
  const lines: string[] = [];
  const keep = (message: string, fields?: object): void =>
    void lines.push(`${message} ${JSON.stringify(fields, (_, v) => (v instanceof Error ? `${v.stack}` : v))}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, with: () => log };
  const amqp = open({ url: rabbit.url.replace('guest:guest', 'guest:s3cr3t%2F'), log });
  await until('a line', () => lines.some((each) => each.includes('ACCESS')));
  await assert.rejects(amqp.publish({ exchange: 'conference', key: 'k', body: '' }), code('broker_unavailable'));
  await amqp.close();
  assert.ok(!lines.join('\n').includes('s3cr3t'), lines.join('\n'));
});

test('a broker that has run out of memory stops who publishes, until the alarm is over', async () => {
  const amqp = open({ confirmMs: 60_000 });
  await until('a connection', () => amqp.counts().connected);
  await rabbit.control('set_vm_memory_high_watermark', 'absolute', '1');
  // The broker says so at the next publish.
  const publishing = [amqp.publish({ exchange: 'conference', key: 'k', body: 'one' })];
  await until('an alarm', () => amqp.counts().blocked);
  publishing.push(amqp.publish({ exchange: 'conference', key: 'k', body: 'two' }));
  assert.equal(amqp.counts().published, 1);
  await rabbit.control('set_vm_memory_high_watermark', 'absolute', '1GB');
  await Promise.all(publishing);
  assert.equal(amqp.counts().blocked, false);
  await amqp.close();
});

test('the broker is killed and comes back while facts are published: nothing is missing, nothing out of order', async (t) => {
  const house = new BusHouse();
  const bus = openBus({ clock, log: noLog, journal: house.journal });
  const amqp = open();
  const reader = new Reader();
  const reading = reader.run(rabbit.url);
  t.after(async () => {
    await bus.close();
    await amqp.close();
    await reader.close();
    await reading;
  });
  await until('connections', () => amqp.counts().connected && reader.ready);
  const received: string[] = [];
  const commands = amqp.subscribe({
    exchange: 'conference',
    keys: ['conference.command.*'],
    take: async ({ key }) => void received.push(key),
  });
  const take = async (entries: readonly Entry[]): Promise<void> => {
    const sent = entries.map(({ position, fact }) =>
      amqp.publish({
        exchange: 'conference',
        key: 'conference.event.c.c',
        properties: { messageId: String(position) },
        body: JSON.stringify(fact),
      }),
    );
    const outcome = await Promise.allSettled(sent);
    const failed = outcome.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  await bus.consume({ name: 'amqp', take });
  const happen = (count: number): void => {
    const facts = Array.from({ length: count }, () => house.fact());
    house.journal.store(facts);
    bus.publish(facts);
  };
  happen(200);
  await until('the first ones', () => new Set(reader.ids).size >= 200);
  const storing = setInterval(() => happen(20), 5);
  t.after(() => clearInterval(storing));
  await until('a stream', () => amqp.counts().confirmed >= 600);
  await rabbit.kill();
  await until('noticed', () => !amqp.counts().connected);
  await rabbit.start();
  await until('a new connection', () => amqp.counts().connected && amqp.counts().reconnects === 1);
  clearInterval(storing);
  await until('the queue of commands', () => commands.queue() !== undefined);
  await amqp.publish({ exchange: 'conference', key: 'conference.command.x', body: '' });
  await until('a command', () => received.length === 1);
  happen(100);
  const last = house.journal.entries.length;
  await until('all of them', () => reader.ids.includes(last) && bus.counts().consumers[0]?.lag === 0, 60);
  assert.deepEqual(
    [...new Set(reader.ids)],
    house.journal.entries.map((each) => each.position),
  );
});
