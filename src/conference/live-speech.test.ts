import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse } from '../../test/kit/conference-fakes.ts';
import type { ConferenceId, LegId } from './conference.ts';
import type { TranscriptionId } from './transcription.ts';

const conference = aConferenceId;
const transcription = '1'.repeat(32) as TranscriptionId;

/** A room in which Ann is written down. */
async function open() {
  const house = new FakeHouse();
  await house.create();
  const ann = await house.join(1);
  const { instance } = (await house.read()).room!;
  const room = { account: anAccount, conference, instance };
  const speech = house.conferences.speech();
  house.events.told.length = 0;
  const told = (): string[] =>
    house.events.told.splice(0).map((each) => (each.kind === 'signal' ? each.signal.type : `${each.kind} ${each.fact.type}`));
  const says = (n = 1) => speech.on({ room, leg: aCall(n).leg, transcription, from: 5 });
  const said = (n = 1) => speech.off({ leg: aCall(n).leg, transcription });
  const mute = (muted: boolean) => house.conferences.execute('participants.mute', { conference, which: 1, muted }, anActor);
  return { house, ann, room, speech, told, says, said, mute };
}

test('who says something begins once and ends once, with who he is; of who is gone, muted or unknown nothing is told', async () => {
  const { house, ann, room, told, says, said, mute } = await open();
  said();
  says();
  says();
  said();
  said();
  const same = { at: house.clock.epoch(), ...room, about: ann, leg: aCall(1).leg, transcription, from: 5 };
  assert.deepEqual(house.events.signals, [
    { type: 'speech.started', ...same },
    { type: 'speech.ended', ...same },
  ]);
  await mute(true);
  told();
  says();
  says(9);
  await house.conferences.execute('participants.kick', { conference, which: 1 }, anActor);
  says();
  said();
  assert.deepEqual(
    told().filter((each) => each.startsWith('speech')),
    [],
  );
});

test('who is muted or leaves in the middle of it has ended before anybody can read that he is, and begins anew when he is heard', async () => {
  const { house, told, says, said, mute } = await open();
  says();
  // While it is being stored he is heard no more, though he may seem to be saying something.
  const { storing } = house.store;
  house.store.storing = (facts) => {
    says();
    storing?.(facts);
  };
  await mute(true);
  house.store.storing = storing;
  assert.deepEqual(told(), ['speech.started', 'speech.ended', 'stored participant.muted', 'fact participant.muted']);
  await mute(false);
  told();
  says();
  assert.deepEqual(told(), ['speech.started'], 'he says it still');
  await house.conferences.execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  assert.deepEqual(told().slice(0, 2), ['speech.ended', 'stored participant.left']);
  said();
  assert.deepEqual(told(), []);
});

test('a call that is written down by itself is told of wherever it is, by its lobby, with whether it says or hears it', async () => {
  const { house, speech, told, mute } = await open();
  const lobby = 'b'.repeat(32) as ConferenceId;
  const room = { account: anAccount, conference: lobby, instance: lobby, followed: { call: aCall(1), place: lobby } };
  for (const [leg, way] of [
    [aCall(1).leg, 'in'],
    ['somebody' as LegId, 'out'],
  ] as const)
    speech.on({ room, leg, transcription, from: 5, way });
  const at = house.clock.epoch();
  const same = { type: 'speech.started', at, account: anAccount, conference: lobby, instance: lobby, transcription, from: 5 } as const;
  assert.deepEqual(house.events.signals, [
    { ...same, leg: aCall(1).leg, way: 'in' },
    { ...same, leg: 'somebody', way: 'out' },
  ]);
  await mute(true);
  assert.ok(!told().includes('speech.ended'), 'that he is muted in a conference does not end it');
  await house.conferences.close();
  assert.deepEqual(told(), ['speech.ended', 'speech.ended']);
});
