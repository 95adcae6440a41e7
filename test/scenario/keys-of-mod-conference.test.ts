/** mod_conference's further keys on a running server, and the key that calls somebody in: what is heard, and what KAZOO shows. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, party } from '../kit/party.ts';
import { hearsPrompt } from '../kit/prompt-finder.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const shown = async (conference: string, name: string) => (await participants(house, conference)).get(name);

test('energy: a soft voice is heard no longer when its threshold is above it, and heard again when that is as it was', {
  timeout: 90_000,
}, async () => {
  const controls = { default: [...'123'].map((digits, n) => ({ digits, action: ['energy up', 'energy equ', 'energy dn'][n]! })) };
  const room = await aRoom(house, { controls });
  // An amplitude of 2000 is 1273 on the mean: above the room's 20, and below 1620.
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'], each: { Ann: { amplitude: 2000 } } });
  const [ann] = phones;
  await hearingMatrix(phones, all(phones));
  for (let presses = 0; presses < 8; presses += 1) await ann!.sendDigits('1', 'info');
  await eventually(async () => (await shown(room.id, 'Ann'))?.energy_level === 1620, 'its threshold is not shown');
  await hearingMatrix(phones, { Ann: ['Ben'], Ben: [] });
  await ann!.sendDigits('2', 'info');
  await eventually(async () => (await shown(room.id, 'Ann'))?.energy_level === 20, 'it is not as it was');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
  await emptied(house, room.id);
});

test('floor: who has taken it has it, though another one talks; a moderator takes it from him; who leaves leaves it', {
  timeout: 60_000,
}, async () => {
  const room = await aRoom(house, { controls: { default: [{ digits: '1', action: 'floor' }] } });
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const boss = await house.phone({ user: 'Boss', tone: TONES[4]! });
  await boss.call(room.moderators);
  ben!.rtp.send(false);
  boss.rtp.send(false);
  const holder = async (): Promise<string | undefined> =>
    [...(await participants(house, room.id))].find(([, each]) => each.floor === true)?.[0];
  await eventually(async () => (await holder()) === 'Ann', 'who talks has not the floor');
  await ben!.sendDigits('1', 'info');
  await eventually(async () => (await holder()) === 'Ben', 'who has taken it has it not');
  await ann!.sendDigits('1', 'info');
  ann!.rtp.send(false);
  await hearsPrompt(ann!, 'conf-floor_busy');
  ann!.rtp.send(true);
  assert.equal(await holder(), 'Ben');
  await boss.sendDigits('1', 'info');
  await eventually(async () => (await holder()) === 'Boss', 'the moderator has not taken it');
  await boss.hangUp();
  await eventually(async () => (await holder()) === 'Ann', 'it is not free again');
  for (const each of [ann!, ben!]) await each.hangUp();
  await emptied(house, room.id);
});

test('moh toggle: who is alone hears music, then none, then music', { timeout: 60_000 }, async () => {
  const music = 1310;
  const room = await aRoom(house, {
    controls: { default: [{ digits: '1', action: 'moh toggle' }] },
    profile: { 'moh-sound': `tone_stream://%(10000,0,${music})` },
  });
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const hears = (): boolean => ann!.hears().includes(music);
  await eventually(hears, 'there is no music');
  await ann!.sendDigits('1', 'info');
  await hearsPrompt(ann!, 'conf-moh_off');
  await eventually(() => !hears(), 'there is music still');
  await ann!.sendDigits('1', 'info');
  await eventually(hears, 'there is no music again');
  await ann!.hangUp();
  await emptied(house, room.id);
});

test('dial: a telephone is called in by a key, and where nobody can be reached that is said', { timeout: 60_000 }, async () => {
  const rung = await house.phone({ user: 'rung', tone: TONES[3]! });
  const room = await aRoom(house, {
    controls: {
      default: [
        { digits: '1', action: 'dial', data: `sip:rung@${rung.address}` },
        { digits: '2', action: 'dial nobodyhere' },
      ],
    },
  });
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await ann!.sendDigits('2', 'info');
  await hearsPrompt(ann!, 'conf-dial_failed', { within: 15_000 });
  await ann!.sendDigits('1', 'info');
  await eventually(async () => (await participants(house, room.id)).size === 2, 'who was called is not in');
  await eventually(() => ann!.hears().includes(TONES[3]!) && rung.hears().includes(TONES[0]!), 'they do not hear each other');
  await rung.hangUp();
  await ann!.hangUp();
  await emptied(house, room.id);
});

test('execute_application playback: who presses hears it and nobody else does; hangup is a hangup', { timeout: 60_000 }, async () => {
  const [tone, others] = [TONES[6]!, TONES[1]!];
  const controls = {
    default: [
      { digits: '1', action: 'execute_application', data: `playback tone_stream://v=-15;%(4000,0,${tone})` },
      { digits: '2', action: 'execute_application hangup' },
    ],
  };
  const room = await aRoom(house, { controls });
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hearingMatrix([ann!, ben!], all([ann!, ben!]));
  await ann!.sendDigits('1', 'info');
  await eventually(() => ann!.hears().includes(tone), 'who pressed does not hear it');
  assert.deepEqual([ann!.hears().includes(others), ben!.hears().includes(tone)], [true, false]);
  await ann!.sendDigits('2', 'info');
  await ann!.ended();
  await ben!.hangUp();
  await emptied(house, room.id);
  const wrong = { controls: { default: [{ digits: '1', action: 'execute_application system reboot' }] } };
  const { status, body } = await house.kazoo('PATCH', `/conferences/${room.id}`, wrong, { any: true });
  assert.equal(status, 400);
  assert.match(JSON.stringify(body.data), /execute_application executes playback, transfer, hangup here/);
});
