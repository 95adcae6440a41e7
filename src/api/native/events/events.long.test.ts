import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EventHouse, openEventHouse } from '../../../../test/kit/event-house.ts';
import type { EventReader } from '../../../../test/kit/event-readers.ts';
import { eventually } from '../../../../test/kit/house.ts';
import { dashed } from '../../../base/index.ts';
import type { ConferenceId } from '../../../conference/index.ts';

const ID = 'd'.repeat(32);
const OTHER = 'e'.repeat(32);

/** The same for both kinds of readers. */
function both(name: string, run: (open: (house: EventHouse) => EventHouse['socket'] | EventHouse['sent']) => Promise<void>): void {
  test(`${name} (websocket)`, () => run((house) => house.socket));
  test(`${name} (server-sent events)`, () => run((house) => house.sent));
}

const ended = (reader: EventReader) => (reader as ReturnType<EventHouse['socket']>).ended;

both('first what runs, then what happens, in order and in whole', async (open) => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  await house.create(OTHER);
  await house.join(ID, { id: 'c1' });
  const reader = open(house)();
  const live = await reader.get('live');
  const [snapshot, ...more] = reader.of('snapshot');
  assert.deepEqual(more, [], 'an idle conference has no snapshot');
  assert.deepEqual(snapshot.state, (await house.ask('GET', `/conferences/${dashed(ID)}`)).body);
  assert.equal(snapshot.conference, dashed(ID));
  assert.equal(snapshot.sequence, snapshot.state.sequence);
  assert.equal(snapshot.account, house.account);
  assert.equal(snapshot.position, live.position);
  await house.join(ID, { id: 'c2', name: 'Bob' });
  const joined = await reader.get('participant.joined');
  assert.equal(joined.sequence, snapshot.sequence + 1);
  assert.ok(joined.position > live.position);
  assert.equal(joined.instance, snapshot.instance);
  assert.equal(joined.at, '2023-11-14T22:13:20.000Z');
  assert.equal(joined.participant.caller_name, 'Bob');
  const people = (await house.ask('GET', `/conferences/${ID}/participants`)).body.items;
  assert.deepEqual({ ...joined.participant, talking: false }, people[1]);
  await house.conferences.execute('participants.mute', { conference, which: 2, muted: true }, house.actor);
  const muted = await reader.get('participant.muted');
  assert.deepEqual(muted.mute_reasons, ['moderator']);
  assert.equal(muted.participant.muted, true, 'as he was right after it');
  assert.equal(reader.position, muted.position);
});

both('who talks: a start and its stop, the stop before the mute; who talked already too', async (open) => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  await house.join(ID, { id: 'c1' });
  await house.join(ID, { id: 'c2' });
  await house.talk(conference, 1, true);
  const reader = open(house)();
  await reader.get('live');
  assert.deepEqual(
    reader.of('snapshot')[0].state.participants.map((each: { talking: boolean }) => each.talking),
    [true, false],
  );
  await house.talk(conference, 2, true);
  await reader.get('participant.started-talking');
  for (const which of [1, 2]) await house.conferences.execute('participants.mute', { conference, which, muted: true }, house.actor);
  await reader.get(({ type, participant }) => type === 'participant.muted' && participant.number === 2);
  const told = reader.messages
    .filter(({ participant }) => participant !== undefined)
    .map(({ type, participant }) => `${type} ${participant.number}`);
  assert.deepEqual(told, [
    'participant.started-talking 2',
    'participant.stopped-talking 1',
    'participant.muted 1',
    'participant.stopped-talking 2',
    'participant.muted 2',
  ]);
  const [start] = reader.of('participant.started-talking');
  assert.equal(start.participant.talking, true);
  assert.equal(start.energy, 900);
  assert.equal('position' in start || 'sequence' in start, false, 'a signal has no number');
});

both('who comes back after a position misses nothing and gets nothing twice', async (open) => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  const lock = (locked: boolean) => house.conferences.execute('conference.lock', { conference, locked }, house.actor);
  const first = open(house)();
  await first.get('live');
  await lock(true);
  const { position } = await first.get('conference.locked');
  first.close();
  for (const locked of [false, true, false]) await lock(locked);
  const second = open(house)({ query: `after=${position}` });
  await second.get('live');
  await lock(true);
  await eventually(() => second.facts.length === 4, 'four facts follow');
  assert.deepEqual(second.of('snapshot'), []);
  assert.deepEqual(
    second.facts.map(({ sequence, type }) => `${sequence} ${type}`),
    ['3 conference.unlocked', '4 conference.locked', '5 conference.unlocked', '6 conference.locked'],
  );
  const third = open(house)({ query: `after=${position}&snapshot=true` });
  await third.get('live');
  assert.deepEqual(
    third.facts.map(({ sequence }) => sequence),
    [3, 4, 5, 6],
    'a snapshot takes away nothing of what was asked for',
  );
});

test('Last-Event-ID, and lastEventId of those who cannot set it, are newer than after', async () => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  for (const locked of [true, false]) await house.conferences.execute('conference.lock', { conference, locked }, house.actor);
  const all = house.sent({ query: 'after=0' });
  await all.get('live');
  const { position } = all.facts[1];
  const rest = house.sent({ query: 'after=0', headers: { 'last-event-id': String(position) } });
  const other = house.socket({ query: `after=0&lastEventId=${position}` });
  for (const reader of [rest, other]) {
    await reader.get('live');
    assert.deepEqual(reader.facts, all.facts.slice(2));
  }
});

both('only these types, this conference, no signals', async (open) => {
  await using house = await openEventHouse();
  const [one, two] = [await house.create(ID), await house.create(OTHER)];
  const narrow = open(house)({ query: `conference=${dashed(two)}&types=participant.*,conference.locked&signals=false` });
  await narrow.get('live');
  assert.equal(narrow.of('snapshot')[0].state.running_since, null, 'one that was asked for is shown although it is idle');
  for (const conference of [one, two]) {
    await house.join(conference, { id: `c ${conference}` });
    await house.talk(conference, 1, true);
    for (const locked of [true, false]) await house.conferences.execute('conference.lock', { conference, locked }, house.actor);
    await house.conferences.execute('participants.kick', { conference, which: 'all' }, house.actor);
  }
  await narrow.get('participant.left');
  assert.deepEqual(
    narrow.messages.map(({ type }) => type),
    ['snapshot', 'live', 'participant.joined', 'conference.locked', 'participant.left'],
  );
  assert.ok(narrow.facts.every(({ conference }) => conference === dashed(two)));
});

both('nobody is told of another account, unless it is below his own', async (open) => {
  await using house = await openEventHouse();
  const conference = await house.create(ID);
  const create = (account: string, id: string) =>
    house.conferences.execute('conference.create', { id: id as ConferenceId, document: {} }, { account: account as never, kind: 'api' });
  const [own, child, stranger] = [open(house)(), open(house)({ query: `account=${house.child}` }), open(house)({ key: 'c'.repeat(64) })];
  for (const reader of [own, child, stranger]) await reader.get('live');
  await create(house.child, 'kid');
  await create(house.stranger, ID);
  await house.conferences.execute('conference.lock', { conference, locked: true }, house.actor);
  await own.get('conference.locked');
  await child.get('conference.created');
  await stranger.get('conference.created');
  assert.deepEqual(
    own.facts.map(({ type }) => type),
    ['conference.locked'],
  );
  assert.deepEqual(
    child.facts.map(({ account }) => account),
    [house.child],
  );
  assert.deepEqual(
    stranger.facts.map(({ account }) => account),
    [house.stranger],
  );
});

test('everybody who is known may show it in every way; nobody else gets in', async () => {
  await using house = await openEventHouse();
  const basic = `Basic ${Buffer.from(`${house.account}:${house.username}:${house.password}`).toString('base64')}`;
  const { token, apiKey, accessKey } = house;
  for (const query of [`token=${token}`, `token=${apiKey}`, `accesskey=${accessKey}`]) {
    await house.socket({ query, headers: { authorization: '' } }).get('live');
    await house.sent({ query, headers: { authorization: '' } }).get('live');
  }
  for (const headers of [{ authorization: basic }, { authorization: '', 'x-auth-token': token }])
    await house.socket({ headers }).get('live');
  const [socket, sent] = [house.socket({ key: 'wrong' }), house.sent({ key: 'wrong' })];
  assert.deepEqual(await socket.ended, { code: 4401, reason: 'not_recognised' });
  assert.equal((await socket.get('goodbye')).status, 401);
  const refused = await sent.ended;
  assert.equal(refused?.status, 401);
  assert.equal(refused?.body.code, 'not_recognised');
  const theirs = house.socket({ query: `account=${house.stranger}` });
  assert.equal((await theirs.ended).code, 4403);
  assert.equal(
    (await house.ask('GET', `/conferences?token=${token}`, undefined, '')).status,
    401,
    'a token in the query is for streams alone',
  );
});

both('what is asked wrongly is refused in words', async (open) => {
  await using house = await openEventHouse();
  await house.create(ID);
  const cases: [string, number, string][] = [
    ['types=participant.*,confernce.locked', 400, 'unknown_type'],
    ['types=', 400, 'unknown_type'],
    ['afer=5', 400, 'invalid'],
    ['after=-1', 400, 'invalid'],
    ['after=5&after=6', 400, 'invalid'],
    ['signals=no', 400, 'invalid'],
    ['after=4711', 410, 'position_unknown'],
    [`conference=${OTHER}`, 404, 'conference_not_found'],
  ];
  for (const [query, status, code] of cases) {
    const reader = open(house)({ query });
    const end = await ended(reader);
    if ('status' in end)
      assert.deepEqual(
        [(end as { status: number }).status, (end as unknown as { body: { code: string } }).body.code],
        [status, code],
        query,
      );
    else assert.deepEqual(end, { code: 4000 + status, reason: code }, query);
  }
});

test('what is no stream of events is not begun', async () => {
  await using house = await openEventHouse();
  const reader = house.sent({ headers: { accept: 'application/json' } });
  assert.equal((await reader.ended)?.status, 406);
  const open = house.sent({ headers: { accept: '*/*' } });
  await open.get('live');
  assert.match(open.headers?.get('content-type') ?? '', /^text\/event-stream/);
  assert.match(open.headers?.get('cache-control') ?? '', /no-cache/);
  assert.ok((open.retry ?? 0) >= 1000 && (open.retry ?? 0) < 6000);
});
