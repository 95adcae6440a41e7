import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConferenceId, anActor, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { loudness } from '../../../test/kit/conference-sounds.ts';
import { QUIET } from '../../../test/kit/quiet.ts';
import { Failure, type JsonObject } from '../../base/index.ts';
import type { Fact } from '../facts.ts';
import { fold, live } from '../fold.ts';
import { hearingPlan } from '../hearing-plan.ts';

const conference = aConferenceId;
const actor = anActor;
const settle = (): Promise<void> => new Promise(setImmediate);

async function houseOf(document: JsonObject, people = 2): Promise<FakeHouse> {
  const house = new FakeHouse();
  await house.create({ member: { join_muted: false }, profile: QUIET, recording_consent: 'exclude', ...document });
  for (let n = 1; n <= people; n += 1) await house.join(n);
  return house;
}

const record = (house: FakeHouse): Promise<unknown> => house.conferences.execute('recording.start', { conference }, actor);
const say = (house: FakeHouse, which: number, agreed: boolean): Promise<unknown> =>
  house.conferences.execute('participants.consent', { conference, which, agreed }, actor);

async function press(house: FakeHouse, n: number, digits: string): Promise<void> {
  for (const digit of digits)
    await house.conferences.execute('call.digit', { conference, call: aCall(n).id, digit }, { ...actor, kind: 'call' });
}

/** Who is in the sum that is recorded. */
async function recorded(house: FakeHouse): Promise<number[]> {
  const { sources } = hearingPlan(await house.read());
  return [1, 2, 3].filter((n) =>
    sources.some(({ source, aside, unrecorded }) => source.id === aCall(n).leg && aside !== true && unrecorded !== true),
  );
}

/** How loud each of three hears each of three. */
async function heard(house: FakeHouse): Promise<number[][]> {
  const plan = hearingPlan(await house.read());
  return [1, 2, 3].map((one) => [1, 2, 3].map((other) => (one === other ? 0 : loudness(plan, aCall(one).leg, aCall(other).leg))));
}

const consents = (house: FakeHouse): readonly string[] =>
  house.events.facts
    .filter(({ type }) => type.startsWith('consent.'))
    .map((each) => `${each.type} ${each.about?.number} ${'by' in each ? each.by : ''}`);

test('nobody is in a recording before he has pressed 1, and all are heard by all the same', async () => {
  const house = await houseOf({}, 3);
  const before = await heard(house);
  await record(house);
  assert.deepEqual(await recorded(house), []);
  assert.deepEqual(await heard(house), before);
  await press(house, 2, '1');
  assert.deepEqual(await recorded(house), [2]);
  await press(house, 1, '2');
  assert.deepEqual([await recorded(house), await heard(house)], [[2], before]);
  assert.deepEqual(consents(house), [
    'consent.asked 1 ',
    'consent.asked 2 ',
    'consent.asked 3 ',
    'consent.given 2 keys',
    'consent.refused 1 keys',
  ]);
});

test('the plan leaves them out before the recorder begins', async () => {
  const house = await houseOf({});
  const order: string[] = [];
  const { media, sounds } = house;
  const hear = media.hear.bind(media);
  media.hear = (...of) => {
    order.push(`hear ${of[2].sources.filter(({ unrecorded }) => unrecorded === true).length}`);
    hear(...of);
  };
  const start = sounds.recorder.start;
  sounds.recorder.start = (...of) => {
    order.push('record');
    start(...of);
  };
  await record(house);
  assert.deepEqual(order, ['hear 2', 'record']);
});

test('who comes later is asked, who comes with a program is not, and a new recording asks anew', async () => {
  const house = await houseOf({}, 1);
  await record(house);
  await press(house, 1, '1');
  await house.join(2);
  await house.conferences.execute('stream.open', { conference, name: 'bot', role: 'member', direction: 'both', muted: false }, actor);
  assert.deepEqual(await recorded(house), [1]);
  assert.deepEqual(consents(house), ['consent.asked 1 ', 'consent.given 1 keys', 'consent.asked 2 ']);
  await house.conferences.execute('recording.stop', { conference }, actor);
  assert.deepEqual(await recorded(house), [1, 2], 'nothing is recorded');
  await record(house);
  assert.deepEqual(await recorded(house), []);
});

test('who says nothing in time does not agree; he can still agree, and take it back', async () => {
  const house = await houseOf({ recording_consent_seconds: 20 }, 1);
  await record(house);
  house.clock.advance(20_000);
  await settle();
  assert.deepEqual(consents(house).at(-1), 'consent.refused 1 time');
  assert.equal(house.clock.armed, 0, 'nothing waits for time any more');
  await press(house, 1, '*01');
  assert.deepEqual(await recorded(house), [1]);
  await press(house, 1, '*02');
  assert.deepEqual(await recorded(house), []);
});

test('where who does not agree has to leave, he does: by key, or when the time is over', async () => {
  const house = await houseOf({ recording_consent: 'leave' }, 3);
  await record(house);
  await press(house, 1, '1');
  await press(house, 2, '2');
  assert.deepEqual(house.telephony.hungUp, [{ call: aCall(2).id, reason: 'no-consent' }]);
  house.clock.advance(45_000);
  await settle();
  const { room } = await house.read();
  assert.deepEqual(
    room?.participants.map(({ number }) => number),
    [1],
  );
  const left = house.events.facts.filter((each): each is Fact & { type: 'participant.left' } => each.type === 'participant.left');
  assert.deepEqual(
    left.map(({ about, reason }) => [about?.number, reason]),
    [
      [2, 'no-consent'],
      [3, 'no-consent'],
    ],
  );
});

test('who was dialled with distribute_dtmf can answer, too: what else he presses is passed on', async () => {
  const house = await houseOf({}, 1);
  const passed: string[] = [];
  Object.assign(house.media, { sendDigits: (leg: string, digits: string) => passed.push(`${leg} ${digits}`) });
  const call = aCall(2, { direction: 'outbound' });
  await house.conferences.execute(
    'call.dial',
    { conference, call, target: { dialled: '2', ways: [] }, flags: { distributesDigits: true } },
    actor,
  );
  await house.conferences.execute('call.answered', { conference, call: call.id }, actor);
  await record(house);
  await press(house, 2, '51');
  assert.deepEqual([await recorded(house), passed], [[2], [`${aCall(1).leg} 5`]]);
  await press(house, 2, '1');
  assert.equal(passed.at(-1), `${aCall(1).leg} 1`, 'asked no more');
});

test('who holds the line is asked when he is back, and is in no file until then', async () => {
  const house = await houseOf({ recording_consent: 'leave' }, 2);
  const hold = (held: boolean) => house.conferences.execute('call.held', { conference, call: aCall(2).id, held }, actor);
  await hold(true);
  await record(house);
  await press(house, 1, '1');
  house.clock.advance(60_000);
  await settle();
  assert.equal((await house.read()).room?.participants.length, 2, 'he could not hear it');
  await hold(false);
  assert.deepEqual(consents(house).at(-1), 'consent.asked 2 ');
  assert.deepEqual(await recorded(house), [1]);
});

test('the question ends with the answer, which is heard; a moderator whom somebody waits for answers first', async () => {
  const house = await houseOf({ waiting_room: true, language: 'de-de' }, 0);
  await house.join(1, { role: 'moderator' });
  await house.conferences.execute('call.enter', { conference, call: aCall(9), role: 'member' }, actor);
  await record(house);
  const said = () => [...house.sounds.playings.values()].flatMap(({ playing }) => playing.sources);
  // What was said of the one who waits comes first.
  for (const playing of [...house.sounds.playings.keys()]) {
    house.sounds.forget(playing);
    await house.conferences.execute('play.ended', { conference, playing, reason: 'finished' }, actor);
  }
  assert.ok(said().includes('prompt://system_media/conf-recording_consent/de-de'));
  await press(house, 1, '1');
  assert.equal((await house.read()).room?.waiting?.length, 1, 'the first 1 was for himself');
  assert.ok(!said().includes('prompt://system_media/conf-recording_consent/de-de'));
  assert.ok(said().includes('prompt://system_media/conf-consent_given/de-de'));
  await press(house, 1, '1');
  assert.equal((await house.read()).room?.waiting, undefined, 'and the second one admits');
});

test('keys mean what they always did where nobody is asked, and the API is refused', async () => {
  const house = await houseOf({ recording_consent: false, controls: { default: [{ digits: '1', action: 'hand' }] } });
  await record(house);
  await press(house, 1, '1');
  assert.ok((await house.read()).room?.participants[0]?.handRaisedAt);
  assert.deepEqual([consents(house), await recorded(house)], [[], [1, 2]]);
  await assert.rejects(say(house, 1, true), (error) => error instanceof Failure && error.code === 'no_consent_asked');
  await assert.rejects(say(house, 7, true), (error) => error instanceof Failure && error.code === 'participant_not_found');
});

test('who has refused stays out when the document asks nobody any more; who comes then is in', async () => {
  const house = await houseOf({}, 2);
  await record(house);
  await press(house, 1, '2');
  const { document } = await house.read();
  await house.conferences.execute('conference.replace', { conference, document: { ...document, recording_consent: false } }, actor);
  await house.join(3);
  assert.deepEqual(await recorded(house), [3]);
});

test('facts alone tell who has agreed, who has the floor, and that the music is off', async () => {
  const house = await houseOf({}, 3);
  await record(house);
  await say(house, 1, true);
  await house.conferences.execute('participants.floor', { conference, which: 2, taken: true }, actor);
  await house.conferences.execute('conference.moh', { conference, on: false }, actor);
  await house.conferences.execute('participants.adjust', { conference, which: 3, stepEnergy: 2 }, actor);
  const state = await house.read();
  assert.deepEqual([state.room?.floor, state.room?.mohOff], [state.room?.participants[1]?.id, true]);
  assert.deepEqual(fold(await house.store.facts(actor.account, conference, 0)), live(state));
  await house.conferences.execute('participants.kick', { conference, which: 2 }, actor);
  const after = await house.read();
  assert.deepEqual([after.room?.floor, fold(await house.store.facts(actor.account, conference, 0))], [undefined, live(after)]);
});

/** Who is in the sum that is recorded, by the plan that the engine has. */
const told = (house: FakeHouse): readonly number[] =>
  [1, 2, 3].filter((n) =>
    house.media.last(conference)?.sources.some(({ source, unrecorded }) => source.id === aCall(n).leg && unrecorded !== true),
  );

test('the engine hears of it when nobody is asked any more, also while the recording pauses', async () => {
  const house = await houseOf({ recording_notice: false }, 1);
  const { execute } = house.conferences;
  await record(house);
  await say(house, 1, true);
  await execute('recording.pause', { conference }, actor);
  await house.join(2);
  assert.deepEqual(told(house), [1]);
  const { document } = await house.read();
  await execute('conference.replace', { conference, document: { ...document, recording_consent: false } }, actor);
  assert.deepEqual(told(house), [1, 2]);
});

test('who was in no recording is in the next one that asks nobody', async () => {
  for (const how of ['asked', 'by itself'] as const) {
    const house = await houseOf({ recording_notice: false }, 2);
    const { execute } = house.conferences;
    await record(house);
    await say(house, 1, false);
    await settle();
    const { document, room } = await house.read();
    await execute('conference.replace', { conference, document: { ...document, recording_consent: false } }, actor);
    if (how === 'asked') await execute('recording.stop', { conference }, actor);
    else {
      const recording = room!.recording!.id;
      house.sounds.forget(recording);
      await execute('recording.ended', { conference, recording, reason: 'failed' }, actor);
    }
    await record(house);
    assert.deepEqual(told(house), [1, 2], how);
  }
});
