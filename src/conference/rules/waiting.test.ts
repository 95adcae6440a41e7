import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import type { JsonObject } from '../../base/index.ts';
import type { Conference, Role } from '../conference.ts';

const conference = aConferenceId;
const open = {
  member: { join_muted: false },
  profile: { 'alone-sound': '', 'enter-sound': '', 'member-enter-sound': '', 'moh-sound': '' },
};

async function houseOf(document: JsonObject = {}): Promise<FakeHouse> {
  const house = new FakeHouse();
  await house.create({ ...open, waiting_room: true, ...document });
  return house;
}

const enter = (house: FakeHouse, n: number, role: Role = 'member', held = false): Promise<unknown> =>
  house.conferences.execute('call.enter', { conference, call: aCall(n), role, held }, anActor);
const waiting = ({ room }: Conference): readonly unknown[] => (room?.waiting ?? []).map(({ call }) => call.id);
const inside = ({ room }: Conference): readonly unknown[] => (room?.participants ?? []).map(({ call }) => call.id);
const of = (...calls: number[]): readonly unknown[] => calls.map((n) => aCall(n).id);

test('who comes by himself and is no moderator waits: neither listed nor counted, brought nowhere', async () => {
  const house = await houseOf({ max_participants: 2 });
  for (const n of [1, 2, 3]) await enter(house, n);
  await enter(house, 4, 'moderator');
  const seen = await house.read();
  assert.deepEqual([inside(seen), waiting(seen)], [of(4), of(1, 2, 3)]);
  assert.deepEqual(
    house.telephony.brought.map(({ call }) => call),
    of(4),
  );
  const joins = house.events.types(conference).filter((type) => type === 'waiting.joined' || type === 'participant.joined');
  assert.deepEqual(joins, ['waiting.joined', 'waiting.joined', 'waiting.joined', 'participant.joined']);
  await assert.rejects(enter(house, 1), { code: 'call_exists' });
});

test('the longest waiting comes first; he is admitted before he joins, with the hold of his telephone', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await enter(house, 1);
  await enter(house, 2);
  await execute('call.held', { conference, call: aCall(1).id, held: true }, anActor);
  await execute('waiting.admit', { conference, which: 'next' }, anActor);
  const seen = await house.read();
  assert.deepEqual([inside(seen), waiting(seen)], [of(1), of(2)]);
  assert.deepEqual(seen.room?.participants[0]?.muted, ['hold']);
  assert.deepEqual(house.events.types(conference).slice(-2), ['waiting.admitted', 'participant.joined']);
  await execute('waiting.admit', { conference, which: aCall(2).id }, anActor);
  assert.deepEqual(
    house.telephony.brought.map(({ call }) => call),
    of(1, 2),
  );
  await execute('waiting.admit', { conference, which: 'next' }, anActor);
  await assert.rejects(execute('waiting.admit', { conference, which: aCall(2).id }, anActor), { code: 'nobody_waits_so' });
});

test('who is denied is told so, and may come again', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await enter(house, 1);
  await enter(house, 2);
  await execute('waiting.deny', { conference, which: 'all' }, anActor);
  assert.equal((await house.read()).room, undefined);
  const left = house.events.facts.flatMap((each) => (each.type === 'waiting.left' ? [[each.call, each.reason]] : []));
  assert.deepEqual(
    left,
    of(1, 2).map((call) => [call, 'denied']),
  );
  await enter(house, 1);
  assert.deepEqual(waiting(await house.read()), of(1));
});

test('neither lock nor waiting holds up who is admitted or dialled, but the limit does', async () => {
  const house = await houseOf({ max_participants: 2 });
  const { execute } = house.conferences;
  for (const n of [1, 2]) await enter(house, n);
  await execute('conference.lock', { conference, locked: true }, anActor);
  await assert.rejects(enter(house, 3), { code: 'conference_locked' });
  await execute('waiting.admit', { conference, which: 'next' }, anActor);
  const dialled = aCall(5, { direction: 'outbound' });
  await execute('call.dial', { conference, call: dialled, target: { dialled: '5', ways: [] } }, anActor);
  await assert.rejects(execute('waiting.admit', { conference, which: 'next' }, anActor), { code: 'conference_full' });
  assert.deepEqual(waiting(await house.read()), of(2), 'he waits on');
});

test('of many as many are let in as there is room for', async () => {
  const house = await houseOf({ max_participants: 2 });
  for (const n of [1, 2, 3]) await enter(house, n);
  await house.conferences.execute('waiting.admit', { conference, which: 'all' }, anActor);
  const seen = await house.read();
  assert.deepEqual([inside(seen), waiting(seen)], [of(1, 2), of(3)]);
});

test('who waits keeps no run of the room going: with the last participant it ends, and those who wait begin another', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await enter(house, 9, 'moderator');
  await enter(house, 1);
  await execute('recording.start', { conference }, anActor);
  await execute('conference.lock', { conference, locked: true }, anActor);
  const first = (await house.read()).room?.instance;
  await execute('call.ended', { conference, call: aCall(9).id, reason: 'hung-up' }, anActor);
  const seen = await house.read();
  assert.deepEqual(waiting(seen), of(1));
  assert.notEqual(seen.room?.instance, first);
  assert.equal(seen.locked, false, 'the lock ends with the last one who was in');
  assert.deepEqual(house.events.types(conference).slice(-5), [
    'participant.left',
    'recording.stopped',
    'conference.unlocked',
    'room.closed',
    'room.opened',
  ]);
  await execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  assert.deepEqual(house.events.types(conference).slice(-2), ['waiting.left', 'room.closed']);
});

test('when nobody has to wait any more, they come in; with the conference they go', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  for (const n of [1, 2]) await enter(house, n);
  await execute('conference.replace', { conference, document: { ...open, waiting_room: false } }, anActor);
  assert.deepEqual(inside(await house.read()), of(1, 2));
  const other = await houseOf();
  await enter(other, 1);
  await other.conferences.execute('conference.delete', { conference, keep: true }, anActor);
  const types = other.events.types(conference);
  assert.deepEqual(types.slice(-3), ['waiting.left', 'room.closed', 'conference.deleted']);
});

test('a restart leaves nobody waiting, and says so', async () => {
  const house = await houseOf();
  await enter(house, 1);
  const { store, clock, events } = house;
  const next = new FakeHouse({ store, clock, events, seed: 2 });
  await next.conferences.recover();
  assert.equal((await next.read()).room, undefined);
  const left = events.facts.flatMap((each) => (each.type === 'waiting.left' ? [each.reason] : []));
  assert.deepEqual(left, ['restart']);
});

test('a call that would come in without a lobby is refused', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await assert.rejects(execute('call.arrived', { conference, call: aCall(1), role: 'member' }, anActor), { code: 'admission_required' });
  await execute('call.arrived', { conference, call: aCall(2), role: 'moderator' }, anActor);
});
