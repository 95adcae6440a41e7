import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { openHouse } from '../../../../test/kit/api-house.ts';
import { Client, type Frame } from '../../../../test/kit/blackhole-client.ts';
import { openBlackholeHouse as open } from '../../../../test/kit/blackhole-house.ts';
import { selfSigned } from '../../../../test/kit/certificate.ts';
import { compare } from '../../../../test/kit/compare.ts';
import { eventually } from '../../../../test/kit/house.ts';
import type { ConferenceId } from '../../../conference/index.ts';
import { openBlackhole } from './blackhole.ts';

test('the frames of the facts', async (t) => {
  await using place = await open();
  const { house, client } = place;
  const words = new Map(Object.entries({ A: house.account, B: house.child, X: house.stranger, T: house.token }));
  const fill = (text: string) => text.replace(/\{([A-Z]\w*)\}/g, (whole, word) => words.get(word) ?? whole);
  const text = readFileSync(new URL('../../../../test/fixtures/kazoo/blackhole.frames', import.meta.url), 'utf8');
  let socket = await client();
  for (const section of text.split(/^### /m).slice(1)) {
    const [title = '', ...lines] = section.trim().split('\n');
    await t.test(title, async () => {
      for (const line of lines.map(fill)) {
        if (line === 'new session') socket = await client();
        else if (line.startsWith('> ')) socket.socket.send(line.slice(2));
        else compare(await socket.next(), JSON.parse(line.slice(2)), { path: 'frame', words });
      }
    });
  }
});

test('§9.5 an event as frame: its own keys, the event in data, and the event once more at the top', async () => {
  await using place = await open();
  const { house } = place;
  const client = await place.subscribed('conference.event.room.*');
  await house.join('room', { id: 'call.1', name: 'Ann' });
  const created = await client.next();
  assert.equal(created.data.event, 'conference-create');
  assert.equal(created.routing_key, `conference.event.conference-create.${house.account}.room.room`);
  const frame = await client.next();
  assert.equal(frame.action, 'event');
  assert.equal(frame.name, 'event');
  assert.equal(frame.subscribed_key, 'conference.event.room.*');
  assert.equal(frame.subscription_key, `conference.event.*.${house.account}.room.*`);
  assert.equal(frame.routing_key, `conference.event.add-member.${house.account}.room.call%2E1`);
  assert.equal(frame.data.routing_key, 'participant_event');
  assert.equal(frame.data.call_id, 'call.1');
  assert.equal(frame.data.participant_id, 1);
  assert.equal(frame.data.conference_channel_vars.speak, true);
  const { action: _a, name: _n, subscribed_key: _s, subscription_key: _k, routing_key: _r, data, ...flat } = frame;
  const { routing_key: _, ...event } = data;
  assert.deepEqual(flat, event, '[S1] is flat');
});

test('a whole life, in order, with lock, mute, deaf and talk; other conferences and calls are not heard', async () => {
  await using place = await open();
  const { house, actor } = place;
  const [all, one, other, every] = [
    await place.subscribed('conference.event.room.*'),
    await place.subscribed('conference.event.room.call-2@here.test'),
    await place.subscribed('conference.event.elsewhere.*'),
    await place.subscribed('conference.event.*.*'),
  ];
  await house.join('room', { id: 'call-1' });
  await house.join('room', { id: 'call-2@here.test' });
  const conference = 'room' as ConferenceId;
  const view = await house.conferences.execute('conference.read', { conference }, actor);
  const leg = view.conference.room!.participants[0]!.call.leg;
  house.conferences.setLevel(leg, { talking: true, energy: 700 });
  await house.conferences.execute('participants.mute', { conference, which: 1, muted: true }, actor);
  await house.conferences.execute('participants.mute', { conference, which: 1, muted: false }, actor);
  await house.conferences.execute('participants.deafen', { conference, which: 2, deaf: true }, actor);
  await house.conferences.execute('participants.deafen', { conference, which: 2, deaf: false }, actor);
  await house.conferences.execute('conference.lock', { conference, locked: true }, actor);
  await house.conferences.execute('participants.kick', { conference, which: 'all' }, actor);
  const life =
    'conference-create add-member add-member start-talking stop-talking mute-member unmute-member start-talking deaf-member undeaf-member lock stop-talking del-member del-member unlock conference-destroy'.split(
      ' ',
    );
  await eventually(() => all.events.length >= life.length, `only ${all.events}`, 3000).catch(() => {});
  assert.deepEqual(all.events, life);
  assert.deepEqual(every.events, life);
  assert.deepEqual(one.events, ['add-member', 'deaf-member', 'undeaf-member', 'del-member']);
  assert.deepEqual(other.events, []);
  const started = all.frames.find((each) => each.data?.event === 'start-talking').data;
  assert.deepEqual([started.talking, started.current_energy, started.floor], [true, 700, true]);
  const left = all.frames.find((each) => each.data?.event === 'del-member').data;
  assert.equal(left.leave_reason, 'kicked');
});

test('two bindings that match are two frames; what was unsubscribed is not told any more', async () => {
  await using place = await open();
  const { house, actor } = place;
  const client = await place.subscribed('conference.event.room.*');
  await client.ask({ action: 'subscribe', data: { account_id: house.account, binding: 'conference.event.*.*' } });
  const lock = (locked: boolean) => house.conferences.execute('conference.lock', { conference: 'room' as ConferenceId, locked }, actor);
  await lock(true);
  const keys = [await client.next(), await client.next()].map((each) => each.subscribed_key);
  assert.deepEqual(keys, ['conference.event.room.*', 'conference.event.*.*']);
  await client.ask({ action: 'unsubscribe', data: { account_id: house.account, binding: 'conference.event.*.*' } });
  await lock(false);
  assert.equal((await client.next()).subscribed_key, 'conference.event.room.*');
  await client.ask({ action: 'ping' });
  assert.equal(client.events.length, 3);
});

test('nothing of another account is delivered, whatever is bound; a parent hears his child', async () => {
  await using place = await open();
  const { house } = place;
  const own = await place.subscribed('conference.event.*.*');
  const child = await place.subscribed('conference.event.*.*', house.child);
  for (const account of [house.child, house.stranger]) {
    const actor = { account, kind: 'api' } as never;
    await house.conferences.execute('conference.create', { id: 'room' as ConferenceId, document: {} }, actor);
    await house.conferences.execute('conference.lock', { conference: 'room' as ConferenceId, locked: true }, actor);
  }
  assert.equal((await child.next()).data.account_id, house.child);
  await Promise.all([own.ask({ action: 'ping' }), child.ask({ action: 'ping' })]);
  assert.deepEqual([own.events, child.events], [[], ['lock']]);
});

test('commands go to those bound to them, in their own account', async () => {
  await using place = await open();
  const { house, blackhole } = place;
  const own = await place.subscribed('conference.command.room');
  const child = await place.subscribed('conference.command.room', house.child);
  const message = { application_name: 'lock', conference_id: 'room' };
  blackhole.tell({ account: house.account as never, conference: 'room' as ConferenceId, key: 'conference.command.room', message });
  assert.deepEqual(await own.next(), {
    action: 'event',
    subscribed_key: 'conference.command.room',
    subscription_key: 'conference.command.room',
    name: 'command',
    routing_key: 'conference.command.room',
    data: message,
  });
  await child.ask({ action: 'ping' });
  assert.deepEqual(child.events, []);
});

test("Node's own WebSocket follows too; a token in the address is good where no header can be set", async () => {
  await using place = await open();
  const { house, blackhole } = place;
  const socket = new globalThis.WebSocket(`${blackhole.url}/any/path?auth_token=${house.token}`);
  const frames: Frame[] = [];
  socket.addEventListener('message', ({ data }) => frames.push(JSON.parse(data)));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.send(JSON.stringify({ action: 'subscribe', data: { account_id: house.account, binding: 'conference.event.room.*' } }));
  await eventually(() => frames[0]?.status === 'success', 'not subscribed', 3000);
  await house.join('room', { id: 'call-1' });
  await eventually(() => frames.at(-1)?.data.event === 'add-member', 'no event', 3000);
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.close();
  await closed;
});

test('GET /websockets tells what can be bound to; the sessions of an account are its own people’s', async () => {
  await using place = await open();
  const { house, blackhole } = place;
  const client = await place.subscribed('conference.event.room.*');
  const [session] = blackhole.sessions(house.account as never);
  assert.ok(session);
  assert.deepEqual(session.bindings, ['conference.event.room.*']);
  assert.equal(`ws://${session.destination}`, blackhole.url);
  assert.equal(session.source, `127.0.0.1:${(client.socket as unknown as { _socket: { localPort: number } })._socket.localPort}`);
  assert.deepEqual(blackhole.sessions(house.child as never), []);
});

test('over TLS the same, with the certificate that is shown now; close says goodbye with 1001 and leaves no alarm', {
  timeout: 10_000,
}, async () => {
  const place = await openHouse();
  const identity = await selfSigned('localhost', ['127.0.0.1']);
  const source = { context: () => identity, onChange: () => () => {} };
  const blackhole = await openBlackhole({
    ...place.options,
    clock: place.clock,
    port: 0,
    secure: { port: 0, certificates: source },
    follow: (wish) => place.bus.follow(wish),
    liveOf: (account, conference) => place.conferences.liveOf(account, conference),
  });
  const client = new Client(new WebSocket(`${blackhole.secureUrl}`, { ca: identity.cert }));
  await client.opened;
  assert.equal((await client.ask({ action: 'ping', auth_token: place.token })).data.response, 'pong');
  const closing = blackhole.close();
  assert.equal(blackhole.close(), closing);
  const [code] = await client.closed;
  assert.equal(code, 1001);
  await closing;
  await place.bus.close();
  assert.equal(place.clock.armed, 0);
});
