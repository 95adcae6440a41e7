import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Log, noLog, SystemChance, SystemClock } from '../../src/base/index.ts';
import { type Amqp, openAmqp } from '../../src/bus/index.ts';
import { selfSigned } from '../kit/certificate.ts';
import { openRabbit, type Rabbit } from '../kit/rabbit.ts';

const clock = new SystemClock();
const folder = mkdtempSync(join(tmpdir(), 'parley-amqp-tls-'));
const file = (name: string): string => join(folder, name);
let rabbit: Rabbit;

before(async () => {
  const [ours, other] = await Promise.all([selfSigned('mq.test', []), selfSigned('mq.test', [])]);
  writeFileSync(file('ours.pem'), ours.cert);
  writeFileSync(file('other.pem'), other.cert);
  rabbit = await openRabbit(ours);
});
after(async () => {
  await rabbit.close();
  rmSync(folder, { recursive: true });
});

async function until(what: string, so: () => boolean): Promise<void> {
  const end = clock.now() + 20_000;
  while (!so()) {
    assert.ok(clock.now() < end, what);
    await new Promise((next) => setTimeout(next, 10));
  }
}

const open = (query: string, log: Log = noLog): Amqp =>
  openAmqp({ url: `${rabbit.url}?${query}`, clock, chance: new SystemChance(), log, exchanges: [{ name: 'conference', type: 'topic' }] });

/** Why it does not connect. */
async function refused(query: string): Promise<string> {
  const said: string[] = [];
  const take = (_: string, more?: object): void =>
    void said.push(JSON.stringify(more, (_key, value) => (value instanceof Error ? value.message : value)));
  const amqp = open(query, { ...noLog, warn: take });
  await until('it says why', () => said.length > 0);
  assert.equal(amqp.counts().connected, false);
  await amqp.close();
  assert.ok(!said.join().includes('guest:guest'), 'the password is in no log');
  return said.join();
}

test('a broker that proves its name by the authority that is named: messages go and come', async () => {
  const amqp = open(`cacertfile=${file('ours.pem')}&server_name_indication=mq.test`);
  await until('connected', () => amqp.counts().connected);
  const got: string[] = [];
  const subscription = amqp.subscribe({
    exchange: 'conference',
    keys: ['#'],
    take: async ({ body }) => void got.push(Buffer.from(body).toString()),
  });
  await until('a queue', () => subscription.queue() !== undefined);
  await amqp.publish({ exchange: 'conference', key: 'conference.event.1.2', properties: {}, body: 'hello' });
  await until('it came back', () => got.includes('hello'));
  await amqp.close();
});

test('another authority, another name, and none at all are refused, until verify_none believes whoever answers', async () => {
  assert.match(await refused(`cacertfile=${file('other.pem')}&server_name_indication=mq.test`), /self-signed certificate/);
  assert.match(await refused(`cacertfile=${file('ours.pem')}`), /127\.0\.0\.1/);
  assert.match(await refused('server_name_indication=mq.test'), /self-signed certificate/);
  const amqp = open('verify=verify_none');
  await until('connected', () => amqp.counts().connected);
  await amqp.close();
});

test('a file that is not there yet is looked for again', async () => {
  assert.match(await refused(`cacertfile=${file('late.pem')}&server_name_indication=mq.test`), /late\.pem/);
  const amqp = open(`cacertfile=${file('late.pem')}&server_name_indication=mq.test`);
  writeFileSync(file('late.pem'), readFileSync(file('ours.pem')));
  await until('connected', () => amqp.counts().connected);
  await amqp.close();
});
