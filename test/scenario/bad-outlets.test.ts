import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { ConferenceId } from '../../src/conference/index.ts';
import { bulk, openBlackholeHouse } from '../kit/blackhole-house.ts';
import { anAccount } from '../kit/conference-fakes.ts';
import { openEventHouse } from '../kit/event-house.ts';
import { eventually } from '../kit/house.ts';
import { openReplayHouse } from '../kit/replay-house.ts';
import { openWebhookHouse } from '../kit/webhook-house.ts';

const HUGE = 10_000_000;
const room = 'room' as ConferenceId;

/** Lets the clock go on in beats of half a minute until the socket is gone. */
async function forgotten(clock: { advance(ms: number): void }, gone: () => boolean): Promise<number> {
  for (let beat = 1; beat <= 5; beat++) {
    clock.advance(30_000);
    for (let n = 0; n < 20 && !gone(); n++) await new Promise((next) => void setTimeout(next, 10));
    if (gone()) return beat;
  }
  return Number.POSITIVE_INFINITY;
}

test('half-open: a far end that answers no ping is dropped within a minute and a half, by Blackhole and by our own stream', async () => {
  await using hole = await openBlackholeHouse();
  const { house, blackhole } = hole;
  const half = new WebSocket(String(blackhole.url), { autoPong: false });
  half.on('error', () => {});
  await once(half, 'open');
  half.send(JSON.stringify({ action: 'subscribe', auth_token: house.token, data: { account_id: house.account, binding: '*' } }));
  await eventually(() => blackhole.counts().sessions === 1, 'it is not counted');
  assert.ok((await forgotten(house.clock, () => blackhole.counts().sessions === 0)) <= 3);

  await using events = await openEventHouse();
  const before = events.bus.counts().followers;
  const silent = new WebSocket(events.url().replace('http', 'ws'), {
    autoPong: false,
    headers: { authorization: `Bearer ${events.accessKey}` },
  });
  silent.on('error', () => {});
  await once(silent, 'open');
  await eventually(() => events.bus.counts().followers > before, 'it does not follow');
  assert.ok((await forgotten(events.clock, () => events.bus.counts().followers === before)) <= 3);
});

test('10 MB: a frame ends a stream with 1009, a request is 413, a URL and a list of types are refused, the server goes on', async () => {
  await using house = await openEventHouse();
  const reader = house.socket();
  await reader.get('live');
  reader.socket.send('x'.repeat(HUGE));
  assert.equal((await reader.ended).code, 1009);
  assert.equal((await house.ask('POST', '/conferences', { name: 'x'.repeat(HUGE) })).status, 413);
  const types = Array.from({ length: 1000 }, (_, n) => `participant.${n}`).join();
  const many = house.sent({ query: `types=${types}` });
  assert.equal((await many.ended)?.status, 400);
  const wild = house.sent({ query: `account=${house.stranger}` });
  assert.ok([403, 404].includes((await wild.ended)?.status ?? 0));
  const after = house.socket();
  await after.get('live');
});

test('over AMQP: 10 MB, bytes that are no text, a tree of a thousand branches, prototypes: refused and counted, and the next command is done', async () => {
  await using house = await openReplayHouse({ seed: 1, path: ':memory:', post: async () => ({ status: 200 }) });
  const { broker, account, actor } = house;
  const { conferences, amqp } = house.run!;
  await conferences.execute('conference.create', { id: room, document: {} }, actor);
  const ask = { 'Event-Category': 'conference', 'Event-Name': 'command', 'Conference-ID': 'room', 'Server-ID': 'q', 'Msg-ID': '1' };
  const bad: unknown[] = [
    'x'.repeat(HUGE),
    '\u0000\u0001\ufffd',
    '['.repeat(100_000),
    { ...ask, 'Application-Name': 'x'.repeat(HUGE) },
    { ...ask, 'Application-Name': 'toString' },
    { ...ask, 'Application-Name': '__proto__' },
    { ...ask, 'Application-Name': 'lock', 'Conference-ID': { a: 1 } },
    { ...ask, 'Application-Name': 'mute_participant', 'Participant-ID': '1e999' },
    { ...ask, 'Application-Name': 'lock', 'Account-ID': 'c'.repeat(32) },
  ];
  for (const each of bad) await broker.deliver('conference.command.room', each);
  const { refused, unheard, obeyed } = amqp.counts();
  assert.deepEqual([refused + unheard, obeyed], [bad.length, 0]);
  for (const { body } of broker.replies) {
    const { 'Event-Name': name, 'Error-Message': message } = JSON.parse(body);
    assert.equal(name, 'error');
    assert.equal(typeof message, 'string');
    assert.ok(body.length < 100_000, 'an answer does not repeat ten megabytes');
  }
  await broker.deliver('conference.command.room', { ...ask, 'Application-Name': 'lock', 'Account-ID': account });
  assert.equal(amqp.counts().obeyed, 1);
  assert.equal((await conferences.execute('conference.read', { conference: room }, actor)).conference.locked, true);
});

test('a clock on the wall that is set back by an hour: facts keep their order, nothing is told twice, what is new goes out at once', async () => {
  await using hole = await openBlackholeHouse();
  const { house } = hole;
  const reader = await hole.subscribed('conference.event.room.*');
  await bulk(house, 4);
  const real = house.clock.epoch.bind(house.clock);
  house.clock.epoch = () => real() - 3_600_000;
  await bulk(house, 4);
  await eventually(() => reader.events.length === 8, 'not everything was told');
  assert.deepEqual(
    reader.events,
    Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? 'lock' : 'unlock')),
  );
  const ids = reader.frames.filter((each) => each.action === 'event').map((each) => each.data.msg_id);
  assert.equal(new Set(ids).size, 8);

  const hooks = await openWebhookHouse();
  const { webhooks, clock, story, happen, pass, got } = hooks;
  await webhooks.create(anAccount, { url: 'https://one.example/' });
  happen([story.fact('board')]);
  await pass(100);
  const wall = clock.epoch.bind(clock);
  clock.epoch = () => wall() - 3_600_000;
  happen([story.fact('board')]);
  await pass(100);
  assert.equal(got.length, 2, 'what happens after the jump is not held back');
  await hooks.close();
});
