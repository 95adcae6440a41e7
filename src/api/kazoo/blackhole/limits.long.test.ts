import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import type { House } from '../../../../test/kit/api-house.ts';
import { Client } from '../../../../test/kit/blackhole-client.ts';
import { bulk, openBlackholeHouse as open } from '../../../../test/kit/blackhole-house.ts';
import { eventually } from '../../../../test/kit/house.ts';
import type { ConferenceId, TalkSignal } from '../../../conference/index.ts';
import { openTokens } from '../../tokens.ts';
import { openBlackhole } from './blackhole.ts';

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
  const talk = (type: TalkSignal['type']) =>
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
