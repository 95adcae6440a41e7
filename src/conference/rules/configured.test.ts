import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import type { JsonObject } from '../../base/index.ts';

const conference = aConferenceId;
const QUIET = { 'alone-sound': '', 'enter-sound': '', 'exit-sound': '', 'member-enter-sound': '' };

/** A house whose accounts configure what `configure` said last. */
function configurable() {
  let account: JsonObject = {};
  const house = new FakeHouse({ defaults: async () => ({ account, system: {} }) });
  const { execute } = house.conferences;
  const configure = (profile: JsonObject): Promise<undefined> => {
    account = { profiles: { default: { ...QUIET, ...profile } } };
    return execute('conference.configured', { conference }, anActor);
  };
  const sounds = (): readonly unknown[] => [...house.sounds.playings.values()].map(({ playing }) => playing.sources);
  return { house, configure, sounds };
}

const DOCUMENT = { member: { join_muted: false } };

test('those who are in are mixed by what is configured now, and hear its music', async () => {
  const { house, configure, sounds } = configurable();
  await house.create(DOCUMENT);
  await configure({ 'energy-level': 100, 'moh-sound': 'tone_stream://%(1000,0,440)' });
  await house.join(1);
  assert.deepEqual([house.media.last(conference)?.energyLevel, sounds()], [100, [['tone_stream://%(1000,0,440)']]]);
  const { sequence } = await house.read();
  await configure({ 'energy-level': 300, 'moh-sound': 'tone_stream://%(1000,0,550)', 'auto-gain-level': 0, rate: 8000 });
  const plan = house.media.last(conference);
  assert.deepEqual([plan?.energyLevel, plan?.levels, plan?.rate], [300, false, 8000]);
  assert.deepEqual(sounds(), [['tone_stream://%(1000,0,550)']]);
  assert.equal((await house.read()).sequence, sequence, 'nothing of this conference was changed: no fact');
  assert.equal(
    'defaults' in ((await house.store.load(anAccount, conference)) ?? {}),
    false,
    'what is configured is stored in no conference',
  );
  await configure({ 'moh-sound': '' });
  assert.deepEqual(sounds(), [], 'music that was switched off ends');
});

test('a limit that is lower than how many are in sends nobody away, and lets nobody more in', async () => {
  const { house, configure } = configurable();
  await house.create(DOCUMENT);
  for (const n of [1, 2]) await house.join(n);
  await configure({ 'max-members': 1 });
  assert.equal((await house.read()).room?.participants.length, 2);
  const { execute } = house.conferences;
  await assert.rejects(execute('call.arrived', { conference, call: aCall(3), role: undefined }, anActor), { code: 'conference_full' });
});

test('what the document says itself stays; where nobody is nothing happens', async () => {
  const { house, configure } = configurable();
  await house.create({ ...DOCUMENT, profile: { ...QUIET, 'energy-level': 7 } });
  await configure({ 'energy-level': 300 });
  assert.equal(house.media.last(conference), undefined);
  await house.join(1);
  await configure({ 'energy-level': 400 });
  assert.equal(house.media.last(conference)?.energyLevel, 7);
});

test('a room that another server of the same database has open is left to that one', async () => {
  const { house, configure, sounds } = configurable();
  await house.create(DOCUMENT);
  await configure({ 'moh-sound': 'tone_stream://%(1000,0,440)' });
  await house.join(1);
  const elsewhere = new FakeHouse({
    store: house.store,
    defaults: async () => ({ account: { profiles: { default: { ...QUIET, 'moh-sound': 'tone_stream://%(1000,0,550)' } } }, system: {} }),
  });
  await elsewhere.conferences.execute('conference.configured', { conference }, anActor);
  assert.deepEqual([elsewhere.media.plans.length, elsewhere.sounds.playings.size], [0, 0]);
  await configure({ 'moh-sound': 'tone_stream://%(1000,0,550)' });
  assert.deepEqual(sounds(), [['tone_stream://%(1000,0,550)']]);
});
