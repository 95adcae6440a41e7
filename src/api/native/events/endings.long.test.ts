import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventHouse, openEventHouse } from '../../../../test/kit/event-house.ts';
import { eventually } from '../../../../test/kit/house.ts';
import type { AccountId, UserId } from '../../../accounts/index.ts';
import type { ConferenceId } from '../../../conference/index.ts';

const ID = 'd'.repeat(32);
const HOUR = 3_600_000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a stream ends when its token does, to the millisecond', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  house.clock.advance(HOUR - 10_000);
  const socket = house.socket({ key: house.token });
  const sent = house.sent({ key: house.token });
  const key = house.socket();
  for (const reader of [socket, sent, key]) await reader.get('live');
  house.clock.advance(9999);
  await house.conferences.execute('conference.lock', { conference, locked: true }, house.actor);
  for (const reader of [socket, sent]) await reader.get('conference.locked');
  assert.deepEqual(socket.of('goodbye'), []);
  house.clock.advance(1);
  assert.deepEqual(await socket.ended, { code: 4401, reason: 'token_expired' });
  assert.equal(await sent.ended, undefined, 'server-sent events simply end');
  for (const reader of [socket, sent]) {
    assert.equal(reader.messages.at(-1).type, 'goodbye');
    assert.equal(reader.messages.at(-1).reason, 'token_expired');
    assert.equal(reader.position, reader.facts.at(-1).position, 'where to come back to');
  }
  assert.equal(key.of('goodbye').length, 0, 'an access key does not expire');
});

test('whoever is disabled is out with the next heartbeat', async () => {
  await using house = await openEventHouse();
  const socket = house.socket({ key: house.token });
  await socket.get('live');
  const [user] = await house.store.accounts.users(house.account as AccountId);
  await house.store.accounts.saveUser({ ...user!, id: user!.id as UserId, enabled: false });
  house.clock.advance(15_000);
  assert.deepEqual(await socket.ended, { code: 4401, reason: 'not_recognised' });
});

test('a heartbeat tells how far it is, also who is told of nothing', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  const query = 'types=participant.*';
  const [socket, sent] = [house.socket({ query }), house.sent({ query })];
  for (const reader of [socket, sent]) await reader.get('live');
  await house.conferences.execute('conference.lock', { conference, locked: true }, house.actor);
  await house.conferences.execute('conference.create', { document: {} }, { account: house.stranger as AccountId, kind: 'api' });
  const last = await house.store.journal.last();
  await turn();
  house.clock.advance(15_000);
  assert.equal((await socket.get('heartbeat')).position, last);
  await eventually(() => sent.position === last, 'the id of server-sent events moves too');
  assert.deepEqual(sent.comments, ['heartbeat']);
  assert.deepEqual(sent.of('heartbeat'), [], 'and the page hears nothing');
});

test('what retention has forgotten is gone, with words what to do', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  for (let n = 0; n < 4; n += 1) await house.conferences.execute('conference.lock', { conference, locked: n % 2 === 0 }, house.actor);
  house.clock.advance(10_000);
  await house.conferences.execute('conference.lock', { conference, locked: true }, house.actor);
  await house.store.keeping.forget({ factsBefore: house.clock.epoch() }, 1000);
  const to = await house.store.journal.forgottenTo();
  assert.ok(to > 0);
  const sent = await house.sent({ query: 'after=1' }).ended;
  assert.equal(sent?.status, 410);
  assert.equal(sent?.body.code, 'position_forgotten');
  assert.match(sent?.body.detail, /present state/);
  const socket = house.socket({ query: 'after=1' });
  assert.deepEqual(await socket.ended, { code: 4410, reason: 'position_forgotten' });
  assert.equal((await socket.get('goodbye')).status, 410);
  const kept = house.socket({ query: `after=${to}` });
  await kept.get('live');
  assert.deepEqual(
    kept.facts.map(({ type }) => type),
    ['conference.locked'],
  );
});

test('when the server stops everybody hears it, and nothing is left', async () => {
  const house = await openEventHouse();
  const readers = [house.socket(), house.sent(), house.socket({ query: 'after=0' })];
  for (const reader of readers) await reader.get('live');
  await house.api.close();
  for (const reader of readers) {
    await reader.ended;
    assert.equal(reader.messages.at(-1).reason, 'shutdown');
  }
  assert.equal((await house.socket().ended).code, 1006, 'nobody gets in any more');
  await house.bus.close();
  assert.equal(house.clock.armed, 0);
});

test('a reader who goes leaves nothing behind', async () => {
  await using house = await openEventHouse();
  const before = house.bus.counts().followers;
  const readers = [house.socket(), house.sent(), house.sent({ query: 'after=0' })];
  for (const reader of readers) await reader.get('live');
  assert.equal(house.bus.counts().followers, before + 3);
  for (const reader of readers) reader.close();
  await eventually(() => house.bus.counts().followers === before, 'the streams end');
});

test('whoever speaks to a stream is told once that nobody listens; a frame that is too long ends it', async () => {
  await using house = await openEventHouse();
  const reader = house.socket();
  await reader.get('live');
  for (const frame of ['{"action":"subscribe"}', Buffer.from([1, 2, 3]), 'again']) reader.socket.send(frame);
  assert.equal((await reader.get('error')).code, 'not_understood');
  reader.socket.send('x'.repeat(5000));
  assert.equal((await reader.ended).code, 1009);
  assert.equal(reader.of('error').length, 1);
});

test('the key in the address gets into no line of the log', async () => {
  const lines: string[] = [];
  const say = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log = { debug: say, info: say, warn: say, error: say, with: () => log };
  await using house = await openEventHouse({ log });
  const secret = `token=${house.token}`;
  await house.socket({ query: secret, headers: { authorization: '' } }).get('live');
  await house.socket({ query: `${secret}x`, headers: { authorization: '' } }).ended;
  await house.sent({ query: `${secret}&types=nothing`, headers: { authorization: '' } }).ended;
  await house.sent({ query: `${secret}&after=99999`, headers: { authorization: '' } }).ended;
  assert.ok(
    lines.every((line) => !line.includes(house.token)),
    lines.join('\n'),
  );
});

/** Facts that are large: the system's own buffers take some megabytes before we see anything. */
async function flood(house: EventHouse, conference: ConferenceId, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    await house.conferences.execute('participants.mute', { conference, which: 1, muted: n % 2 === 0 }, house.actor);
    await turn();
  }
}

const HUGE = 'Ann '.repeat(20_000);

test('a slow reader who takes it in time misses nothing; the server keeps it in the journal, not in memory', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  await house.join(ID, { id: 'c1', name: HUGE });
  const reader = house.socket();
  await reader.get('live');
  reader.socket.pause();
  await flood(house, conference, 400);
  // 32 MB were told; what this server holds for him is bounded.
  assert.equal(reader.facts.length, 0);
  assert.equal(house.bus.counts().followers, 1, 'the bus is not asked to go on for him');
  reader.socket.resume();
  await eventually(() => {
    house.clock.advance(20);
    return reader.facts.length >= 400;
  }, 'everything comes');
  assert.deepEqual(
    reader.facts.map(({ sequence }) => sequence),
    Array.from({ length: 400 }, (_, n) => reader.of('snapshot')[0].sequence + 1 + n),
  );
});

test('who takes nothing for half a minute is cut off with a reason, and may come back', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  await house.join(ID, { id: 'c1', name: HUGE });
  const [socket, sent] = [house.socket(), house.sent()];
  for (const reader of [socket, sent]) await reader.get('live');
  socket.socket.pause();
  await flood(house, conference, 400);
  house.clock.advance(29_000);
  for (let n = 0; n < 52; n += 1) {
    await turn();
    house.clock.advance(20);
  }
  socket.socket.resume();
  await socket.ended;
  const last = socket.messages.at(-1);
  assert.equal(last.reason, 'too_slow');
  assert.deepEqual(await socket.ended, { code: 4408, reason: 'too_slow' });
  const again = house.socket({ query: `after=${last.position}` });
  await again.get('live');
  const told = [...socket.facts, ...again.facts].map(({ sequence }) => sequence);
  assert.deepEqual(
    told,
    Array.from({ length: 400 }, (_, n) => (told[0] ?? 0) + n),
  );
  await eventually(() => sent.facts.length === 400, 'the other one lost nothing meanwhile');
});
