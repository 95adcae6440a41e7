import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anAccount, anActor, FakeHouse, type Told } from '../../test/kit/conference-fakes.ts';

const conference = aConferenceId;

const open = async (people = 1): Promise<FakeHouse> => {
  const house = new FakeHouse();
  await house.create();
  for (let n = 1; n <= people; n += 1) await house.join(n);
  house.events.told.length = 0;
  return house;
};
const says = ({ conferences }: FakeHouse, n: number, talking: boolean, energy = talking ? 500 : 10): void =>
  conferences.setLevel(aCall(n).leg, { talking, energy });
const short = (told: Told): string => (told.kind === 'signal' ? told.signal.type.slice(12) : `${told.kind} ${told.fact.type}`);
const told = ({ events }: FakeHouse): readonly string[] => events.told.splice(0).map(short);
const mute = ({ conferences }: FakeHouse, muted: boolean) =>
  conferences.execute('participants.mute', { conference, which: 1, muted }, anActor);

test('talking is told once when it starts and once when it stops, with who it is and how loud', async () => {
  const house = await open();
  for (const talking of [false, true, true, false, false]) says(house, 1, talking);
  const [start, stop] = house.events.signals;
  assert.deepEqual(told(house), ['started-talking', 'stopped-talking']);
  const { room } = await house.read();
  const same = { at: house.clock.epoch(), account: anAccount, conference, instance: room?.instance, about: room?.participants[0] };
  assert.deepEqual(start, { type: 'participant.started-talking', ...same, energy: 500 });
  assert.deepEqual(stop, { type: 'participant.stopped-talking', ...same, energy: 10 });
});

test('who is muted stops before anybody can read that he is, whatever the reason, and says nothing until he is heard', async () => {
  for (const reason of ['moderator', 'hold'] as const) {
    const house = await open();
    const set = (on: boolean) =>
      reason === 'hold' ? house.conferences.execute('call.held', { conference, call: aCall(1).id, held: on }, anActor) : mute(house, on);
    says(house, 1, true);
    const muting = set(true);
    while (house.events.told.length < 2) await undefined;
    says(house, 1, true, 700);
    await muting;
    says(house, 1, false);
    says(house, 1, true, 800);
    assert.deepEqual(told(house), ['started-talking', 'stopped-talking', 'stored participant.muted', 'fact participant.muted']);
    await set(false);
    assert.deepEqual(told(house), ['stored participant.unmuted', 'fact participant.unmuted', 'started-talking'], 'he talks still');
    assert.partialDeepStrictEqual(house.events.signals.at(-1), { energy: 800 });
    says(house, 1, false);
    assert.deepEqual(told(house), ['stopped-talking']);
  }
});

test('who leaves, is sent away, or loses his conference stops before; who was silent says nothing', async () => {
  const endings: readonly (readonly [(house: FakeHouse) => Promise<unknown>, string])[] = [
    [(house) => house.conferences.execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor), 'participant.left'],
    [(house) => house.conferences.execute('participants.kick', { conference, which: 'all' }, anActor), 'participant.left'],
    [(house) => house.conferences.execute('conference.delete', { conference, keep: false }, anActor), 'participant.left'],
  ];
  for (const [end, fact] of endings) {
    const house = await open(2);
    says(house, 1, true);
    says(house, 2, true);
    says(house, 2, false);
    house.events.told.length = 0;
    await end(house);
    assert.deepEqual(told(house).slice(0, 2), ['stopped-talking', `stored ${fact}`]);
    says(house, 1, true);
    assert.deepEqual(house.events.told, [], 'nobody is there any more');
  }
});

test('a stop that was told in vain is followed by a start with the next level', async () => {
  const house = await open();
  says(house, 1, true);
  house.store.failure = new Error('disk full');
  await assert.rejects(mute(house, true), /disk full/);
  house.store.failure = undefined;
  assert.deepEqual(told(house), ['started-talking', 'stopped-talking']);
  says(house, 1, true);
  assert.deepEqual(told(house), ['started-talking']);
  await mute(house, true);
  house.store.failure = new Error('disk full');
  await assert.rejects(mute(house, false), /disk full/);
  house.events.told.length = 0;
  says(house, 1, true);
  assert.deepEqual(house.events.told, [], 'who could not be unmuted is muted');
});

test('who joins muted is not told to talk; a change that is no mute interrupts nobody; a stop of the server is a stop', async () => {
  const house = new FakeHouse();
  await house.create({ member: { join_muted: true } });
  await house.join(1);
  await house.join(2, { role: 'moderator' });
  house.events.told.length = 0;
  says(house, 1, true);
  says(house, 2, true);
  await house.conferences.execute('participants.adjust', { conference, which: 'all', gainIn: 2 }, anActor);
  await house.conferences.execute('conference.lock', { conference, locked: true }, anActor);
  assert.deepEqual(
    house.events.signals.map((each) => [each.type, each.about?.number]),
    [['participant.started-talking', 2]],
  );
  await house.conferences.close();
  assert.deepEqual(house.events.signals.at(-1)?.type, 'participant.stopped-talking');
  assert.equal(house.events.signals.at(-1)?.about?.gainIn, 2, 'he is shown as he is now');
});

test('how loud somebody is and whether he has the floor can be asked at any time', async () => {
  const house = await open(2);
  const live = () => house.conferences.liveOf(anAccount, conference);
  assert.deepEqual([live().floor, live().levelOf(aCall(2).leg)], [undefined, { talking: false, energy: 0 }]);
  says(house, 2, true);
  assert.deepEqual([live().floor, live().levelOf(aCall(2).leg)], [aCall(2).leg, { talking: true, energy: 500 }]);
  assert.deepEqual(live().levelOf(aCall(9).leg), { talking: false, energy: 0 }, 'nobody is silent');
});

test('a follower that breaks on a signal is logged and nothing else breaks', async () => {
  const house = await open();
  house.events.signal = () => {
    throw new Error('bus broke');
  };
  says(house, 1, true);
  await mute(house, true);
  assert.deepEqual((await house.read()).room?.participants[0]?.muted, ['moderator']);
});
