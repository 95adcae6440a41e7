import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { loudness } from '../../../test/kit/conference-sounds.ts';
import type { JsonObject } from '../../base/index.ts';

const conference = aConferenceId;
const silent = { 'alone-sound': '', 'enter-sound': '', 'exit-sound': '', 'member-enter-sound': '', 'deaf-sound': '', 'undeaf-sound': '' };

async function houseOf(document: JsonObject = {}): Promise<FakeHouse> {
  const house = new FakeHouse();
  await house.create({ member: { join_muted: false }, profile: silent, ...document });
  return house;
}

/** Who hears music by the plan that the engine has. */
async function hear(house: FakeHouse): Promise<readonly number[]> {
  const { room } = await house.read();
  const plan = house.media.last(conference);
  const music = room?.music?.id;
  if (plan === undefined || music === undefined) return [];
  return [1, 2, 3].filter((n) => loudness(plan, aCall(n).leg, music) > 0);
}

const playing = ({ sounds }: FakeHouse): readonly unknown[] =>
  [...sounds.playings.values()].map(({ playing: { sources, loops } }) => [sources, loops]);

test('whoever is alone hears music, from one source, until somebody comes, and again when he has gone', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await house.join(1);
  assert.deepEqual(await hear(house), [1]);
  assert.deepEqual(playing(house), [[['local_stream://moh'], 0]]);
  await house.join(2);
  assert.deepEqual([await hear(house), playing(house)], [[], []]);
  await execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  assert.deepEqual(await hear(house), [2]);
  await execute('call.ended', { conference, call: aCall(2).id, reason: 'hung-up' }, anActor);
  assert.deepEqual(playing(house), [], 'nothing plays in a room that is closed');
  const facts = house.events.types(conference).filter((type) => type.startsWith('play.'));
  assert.deepEqual(facts, [], 'music is no play of anybody');
});

test('it is in no sum, so that no recording and no transcript has it', async () => {
  const house = await houseOf();
  await house.join(1);
  const music = (await house.read()).room?.music?.id;
  const source = house.media.last(conference)?.sources.find((each) => each.source.id === music);
  assert.equal(source?.aside, true);
});

test('many who wait for a moderator share one source, which ends when he comes', async () => {
  const house = await houseOf({ wait_for_moderator: true });
  await house.join(1);
  await house.join(2);
  assert.deepEqual([await hear(house), playing(house).length], [[1, 2], 1]);
  await house.join(3, { role: 'moderator' });
  assert.equal((await house.read()).room?.music, undefined);
  assert.deepEqual(
    playing(house).filter((each) => JSON.stringify(each).includes('moh')),
    [],
  );
  assert.equal(house.media.hears(conference, aCall(1).leg, aCall(2).leg), true);
});

test('nobody is heard or told to talk while he waits', async () => {
  const house = await houseOf({ wait_for_moderator: true });
  await house.join(1);
  house.conferences.setLevel(aCall(1).leg, { talking: true, energy: 900 });
  assert.deepEqual(house.events.signals, []);
  await house.join(3, { role: 'moderator' });
  assert.deepEqual(
    house.events.signals.map(({ type }) => type),
    ['participant.started-talking'],
  );
});

test('who holds the line, is deaf, or was dialled without music hears none', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await house.join(1);
  await execute('call.held', { conference, call: aCall(1).id, held: true }, anActor);
  assert.deepEqual([await hear(house), playing(house)], [[], []]);
  await execute('call.held', { conference, call: aCall(1).id, held: false }, anActor);
  assert.deepEqual(await hear(house), [1]);
  await execute('participants.deafen', { conference, which: 1, deaf: true }, anActor);
  assert.deepEqual(await hear(house), []);
  const other = await houseOf();
  const call = aCall(1, { direction: 'outbound' });
  await other.conferences.execute('call.dial', { conference, call, flags: { noMusic: true }, target: { dialled: '1', ways: [] } }, anActor);
  await other.conferences.execute('call.answered', { conference, call: call.id }, anActor);
  assert.deepEqual(playing(other), []);
});

test('ghosts are no company, and neither is a program that only listens', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await house.join(1);
  const ghost = aCall(2, { direction: 'outbound' });
  await execute('call.dial', { conference, call: ghost, flags: { ghost: true }, target: { dialled: '2', ways: [] } }, anActor);
  await execute('call.answered', { conference, call: ghost.id }, anActor);
  await execute('stream.open', { conference, name: 'listener', role: 'member', direction: 'out' }, anActor);
  assert.ok((await hear(house)).includes(1));
  await execute('stream.open', { conference, name: 'agent', role: 'member', direction: 'both' }, anActor);
  assert.deepEqual(await hear(house), []);
});

test('music pauses while something is played to him, and goes on behind it', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await house.join(1);
  const { playing: id } = await execute('play.start', { conference, sources: ['a'] }, anActor);
  assert.deepEqual(await hear(house), []);
  house.sounds.forget(id);
  await execute('play.ended', { conference, playing: id, reason: 'finished' }, anActor);
  assert.deepEqual(await hear(house), [1]);
});

test('music that cannot be played is silence, and is not tried again before somebody is in need of it anew', async () => {
  const house = await houseOf({ profile: { ...silent, 'moh-sound': 'http://nowhere.test/a.mp3' } });
  const { execute } = house.conferences;
  await house.join(1);
  const id = (await house.read()).room?.music?.id;
  assert.ok(id);
  house.sounds.forget(id);
  await execute('play.ended', { conference, playing: id, reason: 'failed', words: 'not found' }, anActor);
  await execute('participants.adjust', { conference, which: 1, gainOut: 2 }, anActor);
  assert.deepEqual([await hear(house), playing(house)], [[], []]);
  await house.join(2);
  await execute('call.ended', { conference, call: aCall(2).id, reason: 'hung-up' }, anActor);
  assert.equal(playing(house).length, 1);
});

test('another profile changes the music at once; an empty word, or disable_moh, ends it', async () => {
  const house = await houseOf();
  const { execute } = house.conferences;
  await house.join(1);
  const put = (document: JsonObject): Promise<unknown> => execute('conference.replace', { conference, document }, anActor);
  await put({ profile: { ...silent, 'moh-sound': 'local_stream://jazz' } });
  assert.deepEqual(playing(house), [[['local_stream://jazz'], 0]]);
  await put({ profile: { ...silent, 'moh-sound': '' } });
  assert.deepEqual(playing(house), []);
  await put({ profile: silent });
  assert.equal(playing(house).length, 1);
  await put({ profile: silent, disable_moh: true });
  assert.deepEqual(playing(house), []);
});

test('a server that plays nothing has no music', async () => {
  const house = new FakeHouse({ bare: true });
  await house.create();
  await house.join(1);
  assert.equal((await house.read()).room?.music, undefined);
});
