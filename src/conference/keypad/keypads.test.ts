import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCall, aConference, aConferenceId, anActor, aParticipant, FakeHouse } from '../../../test/kit/conference-fakes.ts';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { QUIET } from '../../../test/kit/quiet.ts';
import type { JsonObject, Log } from '../../base/index.ts';
import type { Execute } from '../commands.ts';
import { Keypads } from './keypads.ts';

const conference = aConferenceId;
const document = (more: JsonObject = {}): JsonObject => ({
  member: { join_muted: false },
  recording_notice: false,
  profile: QUIET,
  ...more,
});

async function pressed(house: FakeHouse, n: number, keys: string): Promise<void> {
  for (const digit of keys) await house.conferences.execute('call.digit', { conference, call: aCall(n).id, digit }, anActor);
}

test('keys of a member do what his map says; those of a moderator’s map do nothing for him', async () => {
  const house = new FakeHouse();
  await house.create(document());
  await house.join(1, { role: 'moderator' });
  await house.join(2);
  await pressed(house, 2, '*1');
  assert.deepEqual((await house.read()).room?.participants[1]?.muted, ['self']);
  await pressed(house, 2, '**2**1**7**5');
  const { locked, room } = await house.read();
  assert.deepEqual([locked, room?.muted, room?.participants.length, room?.recording], [false, undefined, 2, undefined]);
  await pressed(house, 1, '**2');
  assert.equal((await house.read()).locked, true);
});

test('two callers’ keys do not mix, and half a sequence of one who left does nothing to anybody', async () => {
  const house = new FakeHouse();
  await house.create(document());
  await house.join(1);
  await house.join(2);
  await pressed(house, 1, '*');
  await pressed(house, 2, '1');
  assert.ok((await house.read()).room?.participants.every(({ muted }) => muted.length === 0));
  await house.conferences.execute('call.ended', { conference, call: aCall(1).id, reason: 'hung-up' }, anActor);
  await pressed(house, 1, '1');
  assert.equal((await house.read()).room?.participants.length, 1);
  await pressed(house, 9, '#');
});

test('what may become longer waits for the map’s time, then happens; no timer is left', async () => {
  const house = new FakeHouse();
  const controls = {
    default: {
      timeout: 700,
      controls: [
        { digits: '5', action: 'hand' },
        { digits: '55', action: 'lock' },
      ],
    },
  };
  await house.create(document({ controls }));
  await house.join(1);
  await pressed(house, 1, '5');
  house.clock.advance(699);
  assert.equal((await house.read()).room?.participants[0]?.handRaisedAt, undefined);
  house.clock.advance(1);
  for (let turn = 0; turn < 50; turn += 1) await undefined;
  assert.notEqual((await house.read()).room?.participants[0]?.handRaisedAt, undefined);
  assert.equal((await house.read()).locked, false);
});

test('who is muted by a moderator lifts it by his keys, unless the room forbids; then he hears so', async () => {
  for (const self of [true, false]) {
    const house = new FakeHouse();
    await house.create(document({ self_unmute: self }));
    await house.join(1);
    await house.conferences.execute('participants.mute', { conference, which: 1, muted: true }, anActor);
    const before = house.sounds.asked.length;
    await pressed(house, 1, '*3');
    const { room } = await house.read();
    assert.deepEqual(room?.participants[0]?.muted, self ? [] : ['moderator']);
    const words = [...house.sounds.playings.values()].flatMap((each) => each.playing.sources).join();
    if (!self) assert.match(words, /conf-still_muted/);
    assert.equal(house.sounds.asked.length > before, !self, 'the profile has no words for the other');
  }
});

test('what cannot be done is said to the one who pressed, and changes nothing', async () => {
  const house = new FakeHouse();
  await house.create(document());
  await house.join(1, { role: 'moderator' });
  const { sequence } = await house.read();
  const said: [string, RegExp][] = [
    ['**8', /conf-not_possible/],
    ['**7', /conf-nobody_to_kick/],
    ['**3', /conf-nobody_waiting/],
    ['**6', /conf-not_possible/],
  ];
  for (const [keys, expected] of said) {
    await pressed(house, 1, keys);
    const newest = (await house.read()).room?.announcing?.at(-1);
    assert.match(newest?.sources.join() ?? '', expected, keys);
    assert.equal((await house.read()).sequence, sequence, keys);
  }
});

test('one who hangs up by his keys is hung up, and has left as if he had hung up', async () => {
  const house = new FakeHouse();
  await house.create(document());
  await house.join(1);
  await house.join(2);
  await pressed(house, 2, '#');
  assert.deepEqual(house.telephony.hungUp, [{ call: aCall(2).id, reason: 'hung-up' }]);
  const left = house.events.facts.findLast((each) => each.type === 'participant.left');
  assert.equal(left?.type === 'participant.left' && left.reason, 'hung-up');
});

test('keys are in no fact, no log and no stored conference', async () => {
  const lines: string[] = [];
  const note = (message: string, fields?: object): void => void lines.push(JSON.stringify([message, fields]));
  const log = { debug: note, info: note, warn: note, error: note } as unknown as Log;
  const house = new FakeHouse({ log });
  const controls = {
    default: [
      { digits: '7041776', action: 'event', data: 'x' },
      { digits: '70417', action: 'hand' },
    ],
  };
  await house.create(document());
  await house.join(1);
  await house.conferences.execute('conference.replace', { conference, document: document({ controls }) }, anActor);
  const { document: _, ...before } = await house.read();
  await pressed(house, 1, '704177');
  const { document: __, ...after } = await house.read();
  assert.doesNotMatch(JSON.stringify([before, after, house.events.facts, lines]), /70417/);
  await pressed(house, 1, '6');
  assert.equal(house.events.types(conference).at(-1), 'participant.keyed');
  assert.doesNotMatch(JSON.stringify([house.events.facts, lines]), /70417/);
});

test('one whose keys are passed on steers nothing: all other telephones get them, programs and he himself do not', () => {
  const sent: string[] = [];
  const done: string[] = [];
  const execute = (async (name: string) => void done.push(name)) as unknown as Execute;
  const keypads = new Keypads({
    clock: new FakeClock(),
    execute,
    media: { sendDigits: (leg, digits) => void sent.push(`${leg}:${digits}`) },
  });
  const base = aConference({ people: 3 });
  const program = aParticipant(4, { call: aCall(4, { stream: 'both' }) });
  const participants = [...base.room!.participants, program].map((each) =>
    each.number === 1 ? { ...each, flags: { distributesDigits: true } } : each,
  );
  const room = { ...base, room: { ...base.room!, participants } };
  keypads.press(room, { call: aCall(1).id, digit: '#' });
  assert.deepEqual(sent, [`${aCall(2).leg}:#`, `${aCall(3).leg}:#`]);
  keypads.press(room, { call: aCall(2).id, digit: '#' });
  assert.deepEqual(done, ['keypad.act']);
  assert.equal(sent.length, 2);
});

test('the answer to a key ends when the next one is pressed: who presses fast hears the last', async () => {
  const house = new FakeHouse();
  await house.create(document());
  await house.join(1);
  for (let n = 0; n < 4; n += 1) await pressed(house, 1, '*06');
  await pressed(house, 1, '*8');
  const { room } = await house.read();
  assert.deepEqual(
    room?.announcing?.map(({ sources }) => sources),
    [['prompt://system_media/conf-alone/en-us']],
  );
  assert.equal(house.sounds.playings.size, 1);
  assert.equal(room?.participants[0]?.gainOut, 4.3);
});
