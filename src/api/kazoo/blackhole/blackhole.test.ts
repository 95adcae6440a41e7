import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { type ClientOptions, WebSocket } from 'ws';
import { type House, openHouse } from '../../../../test/kit/api-house.ts';
import { Client, type Frame } from '../../../../test/kit/blackhole-client.ts';
import { selfSigned } from '../../../../test/kit/certificate.ts';
import { compare } from '../../../../test/kit/compare.ts';
import { eventually } from '../../../../test/kit/house.ts';
import type { ConferenceId, Signal } from '../../../conference/index.ts';
import { openTokens } from '../../tokens.ts';
import { type BlackholeOptions, openBlackhole } from './blackhole.ts';

async function open(change: Partial<BlackholeOptions> = {}) {
  const house = await openHouse();
  const { options, bus, conferences } = house;
  const blackhole = await openBlackhole({
    ...options,
    follow: (wish) => bus.follow(wish),
    liveOf: (account, conference) => conferences.liveOf(account, conference),
    ...change,
  });
  await house.server.inject({
    method: 'PUT',
    url: `/v2/accounts/${house.account}/conferences`,
    headers: { 'x-auth-token': house.token },
    payload: JSON.stringify({ data: { id: 'room', member: { join_muted: false } } }),
  });
  const clients: Client[] = [];
  const client = async (path = '/', how: ClientOptions = {}): Promise<Client> => {
    const fresh = new Client(new WebSocket(`${blackhole.url}${path}`, how));
    clients.push(fresh);
    await fresh.opened;
    return fresh;
  };
  return {
    house,
    blackhole,
    client,
    clients,
    actor: { account: house.account, kind: 'api' } as never,
    subscribed: async (binding: string, account = house.account) => {
      const fresh = await client();
      await fresh.ask({ action: 'subscribe', auth_token: house.token, data: { account_id: account, binding } });
      return fresh;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of clients) each.socket.terminate();
      await blackhole.close();
      await bus.close();
    },
  };
}

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

test('Basic is good as for HTTP; guessing is slowed down', async () => {
  await using place = await open();
  const { house } = place;
  const basic = Buffer.from(`${house.account}:${house.username}:${house.password}`).toString('base64');
  const byHeader = await place.client('/', { headers: { authorization: `Basic ${basic}` } });
  assert.equal((await byHeader.ask({ action: 'ping' })).status, 'success');
  const wrong = await place.client('/', { headers: { 'x-auth-token': 'wrong' } });
  assert.deepEqual((await wrong.ask({ action: 'ping' })).data.errors, ['failed to authenticate token wrong']);
  for (const guesser of [await place.client(), await place.client()]) {
    for (let i = 0; i < 60; i += 1) guesser.socket.send(JSON.stringify({ auth_token: `guess${i}` }));
    await eventually(() => guesser.frames.length === 60, 'not every guess was answered', 5000);
    const slowed = guesser.frames.filter((each) => each.data.errors[0].startsWith('rate limiting'));
    assert.equal(slowed.length > 0, guesser !== place.clients[2], `${slowed.length} were slowed down`);
  }
  assert.equal((await byHeader.ask({ action: 'ping' })).status, 'success', 'who is known already is not');
});

/** A token that ends in so many ms. */
async function tokenFor(house: House, ms: number): Promise<string> {
  const { clock } = house;
  const earlier = { now: () => clock.now(), epoch: () => clock.epoch() - 3_600_000 + ms, wake: clock.wake.bind(clock) };
  const tokens = await openTokens({ ...house.options, clock: earlier });
  return tokens.issue({ account: house.account as never, user: undefined, method: 'cb_api_auth' });
}

test('when a token ends a frame says so and the socket is closed with 4401; a new token in time keeps it', async () => {
  await using place = await open();
  const { house } = place;
  const data = { account_id: house.account, binding: 'conference.event.room.*' };
  const [client, kept] = [await place.client(), await place.client()];
  for (const each of [client, kept]) await each.ask({ action: 'subscribe', auth_token: await tokenFor(house, 10_000), data });
  house.clock.advance(8000);
  await kept.ask({ action: 'ping', auth_token: house.token });
  house.clock.advance(4000);
  const last = await client.next();
  assert.deepEqual([last.action, last.status, last.data.errors], ['reply', 'error', ['token expired']]);
  const [code, reason] = await client.closed;
  assert.deepEqual([code, String(reason)], [4401, 'token expired']);
  await house.join('room', { id: 'call-1' });
  await kept.next();
  assert.equal(client.events.length, 0);
  const late = await place.client();
  assert.match(
    (await late.ask({ action: 'ping', auth_token: await tokenFor(house, -1000) })).data.errors[0],
    /^failed to authenticate token ey/,
  );
});

test('a token of another account in a later frame leaves nothing bound that is not his', async () => {
  await using place = await open();
  const { house } = place;
  const client = await place.subscribed('conference.event.room.*');
  const tokens = await openTokens(house.options);
  const token = await tokens.issue({ account: house.child as never, user: undefined, method: 'cb_api_auth' });
  await client.ask({ action: 'ping', auth_token: token });
  await house.join('room', { id: 'call-1' });
  const data = { account_id: house.child, binding: 'conference.event.x.*' };
  assert.deepEqual((await client.ask({ action: 'subscribe', data })).data.subscribed, ['conference.event.x.*']);
  assert.deepEqual(client.events, []);
});

test('a user who was disabled is out', async () => {
  const disabled = new Set<string>();
  await using place = await open();
  const { house } = place;
  const accounts = Object.create(house.options.accounts, {
    isEnabled: { value: async (account: never, user: never) => !disabled.has(user) && house.options.accounts.isEnabled(account, user) },
  });
  await using strict = await openBlackhole({
    ...house.options,
    clock: house.clock,
    accounts,
    follow: (wish) => house.bus.follow(wish),
    liveOf: (account, conference) => house.conferences.liveOf(account, conference),
  }).then((opened) => Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() }));
  const client = new Client(new WebSocket(String(strict.url)));
  await client.opened;
  await client.ask({ action: 'ping', auth_token: house.token });
  const { owner_id: user } = JSON.parse(Buffer.from(house.token.split('.')[1]!, 'base64url').toString());
  disabled.add(user);
  house.clock.advance(6000);
  assert.equal((await client.closed)[0], 4401);
  assert.deepEqual(client.frames.at(-1).data.errors, ['user is disabled']);
});

test('a socket without a frame in either direction is ended; one that asks, or is told something, stays', async () => {
  await using place = await open({ limits: { idleMs: 20_000 } });
  const { house } = place;
  const [idle, asks, told] = [await place.client(), await place.client(), await place.subscribed('conference.event.room.*')];
  house.clock.advance(15_000);
  await asks.ask({ action: 'ping', auth_token: house.token });
  await bulk(house, 1);
  await told.next();
  house.clock.advance(10_000);
  assert.equal((await idle.closed)[0], 4408);
  for (const each of [asks, told]) assert.equal((await each.ask({ action: 'ping' })).status, 'success');
});

test('bad input: binary, a frame too long, too many bindings, too many frames, no websocket, a subprotocol', async () => {
  await using place = await open();
  const { house, client, blackhole } = place;
  const one = await place.subscribed('conference.event.room.*');
  one.socket.send(Buffer.from('{"action":"ping"}'));
  assert.match((await one.next()).data.errors[0], /binary/);
  const many = (n: number, from = 0) => Array.from({ length: n }, (_, i) => `conference.event.c${i + from}.*`);
  const over = await one.ask({ action: 'subscribe', data: { account_id: house.account, bindings: many(1000) } });
  assert.deepEqual(over.data.errors, ['too many bindings : at most 100 of a session']);
  assert.equal(
    (await one.ask({ action: 'subscribe', data: { account_id: house.account, bindings: many(99) } })).data.subscribed.length,
    100,
  );
  assert.equal((await one.ask({ action: 'subscribe', data: { account_id: house.account, bindings: many(1, 99) } })).status, 'error');
  const long = `conference.event.${'x'.repeat(600)}.*`;
  assert.match((await one.ask({ action: 'subscribe', data: { account_id: house.account, binding: long } })).data.errors[0], /longer/);

  const huge = await client();
  huge.socket.send('x'.repeat(10_000_000));
  assert.equal((await huge.closed)[0], 1009);

  const hasty = await client();
  for (let i = 0; i < 130; i += 1) hasty.socket.send(JSON.stringify({ action: 'ping', auth_token: house.token, request_id: `${i}` }));
  await eventually(() => hasty.frames.length === 130, 'not every frame was answered', 5000);
  const refused = hasty.frames.filter((each) => each.status === 'error');
  assert.ok(refused.length >= 25 && refused.length <= 30, `${refused.length} refused`);
  assert.match(refused[0].data.errors[0], /^rate limiting threshold hit for 127\.0\.0\.1:\d+!$/);

  const { port, host } = new URL(String(blackhole.url));
  const statusOf = async (lines: string[]) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(['GET / HTTP/1.1', `Host: ${host}`, ...lines, '', ''].join('\r\n'));
    const [answer] = await once(socket, 'data');
    socket.destroy();
    return String(answer).split(' ')[1];
  };
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
  assert.equal(await statusOf([]), '426');
  assert.equal(await statusOf([...upgrade, 'Sec-WebSocket-Protocol: kazoo']), '400');
  assert.equal(await statusOf(upgrade), '101');
  // A socket that dies without a word, and one that never finishes its frame, harm nobody.
  const half = await client();
  // biome-ignore lint/suspicious/noExplicitAny: the raw socket is private in ws.
  const raw = (half.socket as any)._socket;
  raw.write(Buffer.from([0x81, 0xfe]));
  raw.destroy();
  assert.equal((await one.ask({ action: 'ping' })).status, 'success');
  assert.ok(blackhole.counts().refused > 25);
});

test('one address opens so many sockets and no more', async () => {
  await using place = await open({ maxPerAddress: 2 });
  await place.client();
  const second = await place.client();
  const third = new WebSocket(String(place.blackhole.url));
  third.on('error', () => {});
  const [request, response] = await once(third, 'unexpected-response');
  request.destroy();
  assert.equal(response.statusCode, 429);
  second.socket.close();
  await second.closed;
  await eventually(() => place.blackhole.counts().sessions === 1, 'it is still counted', 3000);
  await place.client();
});

const bulk = (house: House, n: number): Promise<unknown> => {
  const actor = { account: house.account, kind: 'api' } as never;
  const lock = (locked: boolean) => house.conferences.execute('conference.lock', { conference: 'room' as ConferenceId, locked }, actor);
  return Promise.all(Array.from({ length: n }, (_, i) => lock(i % 2 === 0)));
};

test('who reads too slowly first misses talk, in whole pairs, and is then cut off with a reason; others get everything', async () => {
  await using place = await open({ limits: { talkBytes: 20_000, mostBytes: 200_000 } });
  const { house, blackhole } = place;
  await house.join('room', { id: 'call-1' });
  const slow = await place.subscribed('conference.event.room.*');
  const quick = await place.subscribed('conference.event.room.*');
  // biome-ignore lint/suspicious/noExplicitAny: the raw socket is private in ws.
  (slow.socket as any)._socket.pause();
  const view = await house.conferences.execute('conference.read', { conference: 'room' as ConferenceId }, place.actor);
  const about = view.conference.room!.participants[0]!;
  const talk = (type: Signal['type']) =>
    house.bus.signal({
      type,
      at: house.clock.epoch(),
      account: house.account as never,
      conference: 'room' as ConferenceId,
      instance: view.conference.room!.instance,
      about,
      energy: 1,
    });
  let told = 0;
  let pairs = 0;
  while (blackhole.counts().tooSlow === 0) {
    talk('participant.started-talking');
    await bulk(house, 100);
    talk('participant.stopped-talking');
    told += 100;
    pairs += 1;
    await eventually(
      () => quick.events.length === told + 2 * pairs,
      `the quick one got ${quick.events.length} of ${told + 2 * pairs}`,
      5000,
    );
    assert.ok(told < 100_000, 'nobody was cut off');
  }
  const { dropped } = blackhole.counts();
  assert.ok(dropped > 0, 'talk was dropped before');
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  (slow.socket as any)._socket.resume();
  const [code, reason] = await slow.closed;
  assert.equal(code, 1013);
  assert.match(String(reason), /too slow/);
  const talks = slow.events.filter((each) => each.endsWith('-talking'));
  for (const [index, each] of talks.entries()) assert.equal(each, index % 2 === 0 ? 'start-talking' : 'stop-talking');
  assert.equal(talks.length % 2 === 0 || pairs * 2 - dropped === talks.length, true);
  await eventually(() => blackhole.counts().sessions === 1, 'it is still there', 3000);
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
