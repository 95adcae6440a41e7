import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import type { Fact } from '../facts.ts';
import { fold, live } from '../fold.ts';

const conference = aConferenceId;
const MINUTE = 60_000;
const quiet = { 'alone-sound': '', 'enter-sound': '', 'exit-sound': '', 'member-enter-sound': '', 'moh-sound': '' };
const settle = (): Promise<void> => new Promise(setImmediate);

async function houseOf(document: JsonObject): Promise<FakeHouse> {
  const house = new FakeHouse();
  await house.create({ member: { join_muted: false }, profile: quiet, ...document });
  return house;
}

/** Lets time go by in steps, so that whatever is due happens when it is. */
async function pass(house: FakeHouse, ms: number, step = 10_000): Promise<void> {
  for (let gone = 0; gone < ms; gone += step) {
    house.clock.advance(Math.min(step, ms - gone));
    await settle();
  }
}

const told = ({ events }: FakeHouse, type: Fact['type']): readonly Fact[] => events.facts.filter((each) => each.type === type);

test('a run of max_duration is warned of at ten, five and one minute, and ends for all', async () => {
  const house = await houseOf({ max_duration: 20 * 60 });
  await house.join(1);
  await house.join(2);
  await pass(house, 20 * MINUTE);
  const minutes = told(house, 'room.ending').map((each) => (each.type === 'room.ending' ? each.minutes : 0));
  const start = told(house, 'room.opened')[0]?.at ?? 0;
  assert.deepEqual(minutes, [10, 5, 1]);
  assert.deepEqual(
    told(house, 'room.ending').map(({ at }) => (at - start) / MINUTE),
    [10, 15, 19],
  );
  assert.deepEqual(
    house.telephony.hungUp.map(({ reason }) => reason),
    ['time-up', 'time-up'],
  );
  assert.equal((await house.read()).room, undefined, 'the conference itself stays');
  assert.equal(house.clock.armed, 0, 'and nothing waits for time');
});

test('who comes shortly before the end is warned of what is still to come only', async () => {
  const house = await houseOf({ max_duration: 3 * 60 });
  await house.join(1);
  await pass(house, 3 * MINUTE);
  assert.deepEqual(
    told(house, 'room.ending').map((each) => (each.type === 'room.ending' ? each.minutes : 0)),
    [1],
  );
});

test('an end that is moved is warned of again; only what has an end can be moved', async () => {
  const house = await houseOf({ max_duration: 10 * 60 });
  const { execute } = house.conferences;
  await house.join(1);
  await pass(house, 9.5 * MINUTE);
  assert.equal(told(house, 'room.ending').length, 2, 'five minutes and one');
  await execute('conference.extend', { conference, seconds: 300 }, anActor);
  await pass(house, 5.5 * MINUTE);
  assert.deepEqual(
    told(house, 'room.ending').map((each) => (each.type === 'room.ending' ? each.minutes : 0)),
    [5, 1, 5, 1],
  );
  assert.equal((await house.read()).room, undefined);
  await assert.rejects(execute('conference.extend', { conference, seconds: 300 }, anActor), { code: 'no_end_set' });
  for (const seconds of [0, -1, 1.5, Number.NaN, 604_801]) {
    await assert.rejects(execute('conference.extend', { conference, seconds }, anActor), { code: 'bad_duration' });
  }
});

test('timeout counts from the making, sends everybody away and deletes, as DELETE does (voipbin-facts §3.1)', async () => {
  const house = await houseOf({ timeout: 30 });
  await pass(house, 10_000);
  await house.join(1);
  await pass(house, 20_000);
  await assert.rejects(house.read(), (error) => error instanceof Failure && error.code === 'conference_not_found');
  assert.deepEqual(
    house.telephony.hungUp.map(({ reason }) => reason),
    ['time-up'],
  );
  assert.deepEqual(house.events.types(conference).slice(-3), ['participant.left', 'room.closed', 'conference.deleted']);
  assert.equal(house.clock.armed, 0);
});

test('a conference without a room ends too; one whose timeout is 0 or negative never does', async () => {
  const house = await houseOf({ timeout: 30 });
  await pass(house, 30_000);
  await assert.rejects(house.read(), { code: 'conference_not_found' });
  for (const timeout of [0, -5]) {
    const other = await houseOf({ timeout });
    assert.equal(other.clock.armed, 0);
  }
});

test('another timeout counts from the making as well; extending moves it', async () => {
  const house = await houseOf({ timeout: 3600 });
  const { execute } = house.conferences;
  await execute('conference.replace', { conference, document: { timeout: 60 } }, anActor);
  await house.join(1);
  await execute('conference.extend', { conference, seconds: 30 }, anActor);
  assert.equal((await house.read()).document['timeout'], 90, 'as everybody may read');
  await pass(house, 80_000);
  assert.equal((await house.read()).room?.participants.length, 1);
  await pass(house, 10_000);
  await assert.rejects(house.read(), { code: 'conference_not_found' });
});

test('extending a conference that nobody is in changes its document, and tells of no room', async () => {
  const house = await houseOf({ timeout: 3600 });
  await house.conferences.execute('conference.extend', { conference, seconds: 30 }, anActor);
  const facts = await house.store.facts(anAccount, conference, 0);
  assert.deepEqual(facts.map(({ type }) => type).slice(-2), ['conference.created', 'conference.changed']);
  assert.deepEqual(fold(facts), live(await house.read()));
});

test('a timeout survives a restart, and a time that has come meanwhile is not missed', async () => {
  const before = await houseOf({ timeout: 3600 });
  await before.conferences.close();
  const { store, clock, events } = before;
  clock.advance(3_599_000);
  const after = new FakeHouse({ store, clock, events, seed: 2 });
  await after.conferences.recover();
  assert.equal((await after.read()).deletedAt, undefined);
  await pass(after, 2_000, 1_000);
  await assert.rejects(after.read(), { code: 'conference_not_found' });
  const late = await houseOf({ timeout: 10 });
  await late.conferences.close();
  late.clock.advance(86_400_000);
  const next = new FakeHouse({ store: late.store, clock: late.clock, events: late.events, seed: 3 });
  await next.conferences.recover();
  await pass(next, 1);
  assert.equal((await late.store.load(anAccount, conference))?.deletedAt !== undefined, true);
});

test('what could not be stored when it was due is tried again', async () => {
  const house = await houseOf({ timeout: 10 });
  house.store.failure = new Error('no disk');
  await pass(house, 12_000);
  house.store.failure = undefined;
  await pass(house, 10_000);
  await assert.rejects(house.read(), { code: 'conference_not_found' });
});

test('who waits to be admitted waits as long as the document says', async () => {
  const house = await houseOf({ waiting_room: true, waiting_room_timeout: 120 });
  const { execute } = house.conferences;
  await execute('call.enter', { conference, call: aCall(1) }, anActor);
  await pass(house, 60_000);
  await execute('call.enter', { conference, call: aCall(2) }, anActor);
  await pass(house, 60_000);
  assert.deepEqual(
    (await house.read()).room?.waiting?.map(({ call }) => call.id),
    [aCall(2).id],
  );
  await pass(house, 60_000);
  assert.equal((await house.read()).room, undefined, 'a room of those who wait ends with the last of them');
  assert.equal(house.clock.armed, 0);
});

test('members and those who wait too long, all due at once: everybody goes, and no room is opened for those who wait', async () => {
  const house = await houseOf({ waiting_room: true, waiting_room_timeout: 40, require_moderator: true, moderator_grace: 30 });
  const enter = (n: number) => house.conferences.execute('call.enter', { conference, call: aCall(n), role: 'member' }, anActor);
  await house.join(1, { role: 'moderator' });
  await enter(2);
  await house.conferences.execute('waiting.admit', { conference, which: 'all' }, anActor);
  await enter(3);
  await enter(4);
  await house.conferences.execute('participants.kick', { conference, which: 1 }, anActor);
  // The machine stood still: when it wakes, all of it is due.
  house.clock.advance(60_000);
  await settle();
  const gone = house.events.facts.flatMap((each) =>
    each.type === 'participant.left' || each.type === 'waiting.left' ? [`${each.type} ${each.reason}`] : [],
  );
  assert.deepEqual(gone.slice(1).sort(), ['participant.left no-moderator', 'waiting.left no-moderator', 'waiting.left no-moderator']);
  assert.equal(told(house, 'room.opened').length, 1);
  assert.equal((await house.read()).room, undefined);
  assert.equal(house.clock.armed, 0, 'nothing waits for time any more');
});
