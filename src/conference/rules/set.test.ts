import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import type { JsonObject } from '../../base/index.ts';
import type { RoomSet } from '../conference.ts';
import { fold, live } from '../fold.ts';
import { callerOf, callerSet, limitOf } from '../room-set.ts';
import { stateAt } from '../state-at.ts';
import type { Context } from './rule.ts';
import { set } from './set.ts';

const conference = aConferenceId;
const context: Context = { epoch: 1_700_000_000_000, actor: anActor, lacks: new Set(), newId: () => '1'.repeat(32), newUuid: () => 'uuid' };

async function houseOf(document: JsonObject = {}) {
  const house = new FakeHouse();
  await house.create({ name: 'Board', member: { join_muted: false }, ...document });
  const { execute } = house.conferences;
  return {
    house,
    sets: (wish: RoomSet) => execute('conference.set', { conference, ...wish }, anActor),
    leaves: (n: number) => execute('call.ended', { conference, call: aCall(n).id, reason: 'hung-up' }, anActor),
  };
}

test('the limit that was set counts instead of the document’s for who comes next; who is in stays', async () => {
  const { house, sets, leaves } = await houseOf({ max_participants: 3 });
  for (const n of [1, 2]) await house.join(n);
  await sets({ maxParticipants: 1 });
  assert.equal((await house.read()).room?.participants.length, 2, 'nobody has to go');
  await assert.rejects(house.join(3), { code: 'conference_full', details: { limit: 1 } });
  await leaves(2);
  await assert.rejects(house.join(3), { code: 'conference_full' });
  await sets({ maxParticipants: 5 });
  for (const n of [3, 4, 5, 6]) await house.join(n);
  await assert.rejects(house.join(7), { code: 'conference_full', details: { limit: 5 } });
  await sets({ maxParticipants: 0 });
  await assert.rejects(house.join(7), { code: 'conference_full', details: { limit: 3 } }, 'as the document has it again');
});

test('it holds for this run alone: with the last one it is gone', async () => {
  const { house, sets, leaves } = await houseOf();
  await house.join(1);
  await sets({ maxParticipants: 1, callerNumber: '+15550100' });
  await assert.rejects(house.join(2), { code: 'conference_full' });
  await leaves(1);
  await house.join(1);
  await house.join(2);
  assert.equal((await house.read()).room?.set, undefined);
});

test('who waits and has to wait no longer comes in as soon as there is room', async () => {
  const { house, sets } = await houseOf({ waiting_room: true });
  const { execute } = house.conferences;
  await execute('call.enter', { conference, call: aCall(1), role: 'moderator' }, anActor);
  await execute('call.enter', { conference, call: aCall(2), role: 'member' }, anActor);
  await sets({ maxParticipants: 1 });
  await execute('conference.replace', { conference, document: { waiting_room: false } }, anActor);
  assert.equal((await house.read()).room?.waiting?.length, 1, 'there is no room for him');
  await sets({ maxParticipants: 2 });
  const { room } = await house.read();
  assert.deepEqual([room?.participants.length, room?.waiting], [2, undefined]);
});

test('the conference calls by its name unless another one was set', () => {
  const named = { ...aConference({ people: 1 }), document: { name: 'Board' } };
  assert.deepEqual([callerOf(named), callerSet(named)], [{ name: 'Board' }, {}]);
  const { next } = set(named, { conference: named.id, callerNumber: '+15550100' }, context);
  assert.deepEqual([callerOf(next), callerSet(next)], [{ name: 'Board', number: '+15550100' }, { number: '+15550100' }]);
  const both = set(next, { conference: named.id, callerName: 'The board' }, context).next;
  assert.deepEqual(callerOf(both), { name: 'The board', number: '+15550100' });
  const again = set(both, { conference: named.id, callerName: '', callerNumber: '' }, context).next;
  assert.deepEqual([callerOf(again), again.room?.set], [{ name: 'Board' }, undefined]);
});

test('a fact tells all that is set; what changes nothing tells nothing', async () => {
  const { house, sets, leaves } = await houseOf();
  await house.join(1);
  await sets({ maxParticipants: 4 });
  await sets({ callerName: 'Ann' });
  await sets({ maxParticipants: 4 });
  await sets({});
  const then = (await house.read()).sequence;
  const told = await house.store.facts(anActor.account, conference, 0);
  const said = told.flatMap((each) => (each.type === 'room.set' ? [[each.maxParticipants, each.callerName, each.callerNumber]] : []));
  assert.deepEqual(said, [
    [4, undefined, undefined],
    [4, 'Ann', undefined],
  ]);
  assert.deepEqual(fold(told), live(await house.read()));
  await sets({ maxParticipants: 0, callerName: '' });
  await leaves(1);
  const all = await house.store.facts(anActor.account, conference, 0);
  assert.deepEqual(stateAt(all, { sequence: then }).run.set, { maxParticipants: 4, callerName: 'Ann' });
  assert.deepEqual(stateAt(all, { sequence: Number.MAX_SAFE_INTEGER }).run.set, {});
});

test('a room that was stored before anything could be set has nothing set', () => {
  const old = aConference({ people: 1 });
  assert.deepEqual(live(old).run.set, {});
  assert.equal(limitOf({ ...old, document: { max_participants: 7 } }), 7);
});

test('a closed room, and what is no limit and no caller, are refused', () => {
  const closed = { ...aConference(), room: undefined };
  assert.throws(() => set(closed, { conference: closed.id, maxParticipants: 1 }, context), { kind: 'conflict', code: 'nobody_there' });
  const open = aConference({ people: 1 });
  const wrong: readonly RoomSet[] = [
    ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY].map((maxParticipants) => ({ maxParticipants })),
    ...['a\r\nVia: x', 'a'.repeat(129)].map((callerName) => ({ callerName })),
    ...['+1\n', '1'.repeat(65)].map((callerNumber) => ({ callerNumber })),
  ];
  for (const wish of wrong) {
    const refused = { kind: 'invalid', code: 'bad_room_setting' };
    assert.throws(() => set(open, { conference: open.id, ...wish }, context), refused, JSON.stringify(wish));
  }
});
