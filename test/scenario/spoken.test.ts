/** What callers are told in words: in three languages, at every key, and when time runs out. Who is not listened to is silent, so that words are told apart. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { KEYPAD_ACTIONS, type KeypadAction } from '../../src/conference/index.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { hearsPrompt } from '../kit/prompt-finder.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

/** Somebody who is in and says nothing. */
async function comes(conference: string, user: string, number: string): Promise<Phone> {
  const phone = await house.phone({ user, tone: TONES[0]! });
  await phone.call(number);
  await eventually(async () => (await participants(house, conference)).has(user), `${user} is not in`);
  phone.rtp.send(false);
  return phone;
}

for (const [index, language] of ['en-us', 'de-de', 'es-es'].entries()) {
  test(`${language}: welcome, PIN, alone, how many there are, and that it is recorded`, { timeout: 90_000 }, async () => {
    const number = String(6700 + index);
    const room = await aRoom(house, {
      language,
      conference_numbers: [number],
      member: { join_muted: false, numbers: [], pins: ['4711'] },
      play_welcome: true,
      recording_notice: true,
      profile: { 'alone-sound': 'conf-alone', 'announce-count': 2 },
    });
    const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
    ann.rtp.send(false);
    await ann.call(number);
    await hearsPrompt(ann, 'conf-welcome', { language });
    await hearsPrompt(ann, 'conf-enter_conf_pin', { language });
    await ann.sendDigits('0000', 'info');
    await hearsPrompt(ann, 'conf-bad_pin', { language });
    await ann.sendDigits('4711', 'info');
    await hearsPrompt(ann, 'conf-alone', { language });
    const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
    ben.rtp.send(false);
    await ben.call(number);
    await ben.sendDigits('4711', 'info');
    await hearsPrompt(ben, 'conf-single', { language });
    const cat = await house.phone({ user: 'Cat', tone: TONES[2]! });
    cat.rtp.send(false);
    await cat.call(number);
    await cat.sendDigits('4711', 'info');
    await hearsPrompt(cat, 'num-2', { language }).catch(() => hearsPrompt(cat, 'conf-other_participants', { language, within: 1000 }));
    await house.act(room.id, 'record', { action: 'start' });
    await Promise.all([ann, ben].map((each) => hearsPrompt(each, 'conf-recording_notice', { language })));
    for (const each of [ann, ben, cat]) await each.close();
    await emptied(house, room.id);
  });
}

/** Every action in an order in which each has something to do, and the words that answer it. */
const PRESSED: readonly (readonly [KeypadAction, string])[] = [
  ['mute on', 'conf-muted'],
  ['mute off', 'conf-unmuted'],
  ['mute', 'conf-muted'],
  ['deaf on', 'conf-deaf'],
  ['deaf off', 'conf-undeaf'],
  ['vol talk up', 'conf-talk_volume_up'],
  ['vol talk dn', 'conf-talk_volume_down'],
  ['vol talk zero', 'conf-talk_volume_reset'],
  ['vol listen up', 'conf-volume_up'],
  ['vol listen dn', 'conf-volume_down'],
  ['vol listen zero', 'conf-volume_reset'],
  ['energy up', 'conf-energy_up'],
  ['energy dn', 'conf-energy_down'],
  ['energy equ', 'conf-energy_reset'],
  ['floor', 'conf-floor_taken'],
  ['moh toggle', 'conf-moh_off'],
  ['agree', 'conf-not_possible'],
  ['decline', 'conf-not_possible'],
  ['hand up', 'conf-hand_raised'],
  ['hand down', 'conf-hand_lowered'],
  ['count', 'conf-single'],
  ['lock on', 'conf-lock_on'],
  ['lock off', 'conf-lock_off'],
  ['mute all on', 'conf-all_muted'],
  ['mute all off', 'conf-all_unmuted'],
  ['admit next', 'conf-nobody_waiting'],
  ['record on', 'conf-recording_started'],
  ['record pause', 'conf-recording_paused'],
  ['record off', 'conf-recording_stopped'],
  ['extend', 'conf-extended'],
  ['dial', 'conf-dialling'],
  ['play', 'conf-welcome'],
  ['kick last', 'conf-kicked_last'],
  // From here on those that do the same again, on the other side of it.
  ['hand', 'conf-hand_raised'],
  ['deaf', 'conf-deaf'],
  ['lock', 'conf-lock_on'],
  ['mute all', 'conf-all_muted'],
  ['deny next', 'conf-nobody_waiting'],
  ['record', 'conf-recording_started'],
  ['roll call', 'conf-alone'],
  ['deaf mute', 'conf-undeaf'],
];
/** `event` and a `transfer` to nowhere are answered by a tone, `hangup` by the end of the call. */
const OTHERS: readonly KeypadAction[] = ['event', 'hangup', 'transfer'];

test('every action of the keypad, pressed by a telephone, is answered in words', { timeout: 180_000 }, async () => {
  assert.deepEqual([...PRESSED.map(([action]) => action), ...OTHERS].sort(), [...KEYPAD_ACTIONS].sort(), 'none is left out');
  const digits = (action: KeypadAction): string => `*${String(KEYPAD_ACTIONS.indexOf(action)).padStart(2, '0')}`;
  const data: Readonly<Partial<Record<KeypadAction, string>>> = {
    event: 'coffee',
    transfer: 'nowhere',
    dial: 'nowhere',
    play: 'conf-welcome',
  };
  const controls = KEYPAD_ACTIONS.map(
    (action): JsonObject => ({ digits: digits(action), action, ...(data[action] === undefined ? {} : { data: data[action] }) }),
  );
  const room = await aRoom(house, {
    controls: { default: controls },
    max_duration: 7200,
    profile: { 'muted-sound': 'conf-muted', 'unmuted-sound': 'conf-unmuted', 'deaf-sound': 'conf-deaf', 'undeaf-sound': 'conf-undeaf' },
  });
  const boss = await comes(room.id, 'Boss', room.moderators);
  const ann = await comes(room.id, 'Ann', room.number);
  const wrong: string[] = [];
  for (const [action, words] of PRESSED) {
    await boss.sendDigits(digits(action), 'info');
    await hearsPrompt(boss, words, { within: 8000 }).catch((error: unknown) => wrong.push(`${action}: ${error}`));
  }
  assert.deepEqual(wrong, []);
  await ann.ended();
  await boss.sendDigits(digits('event'), 'info');
  const facts = async (): Promise<string> =>
    JSON.stringify(
      (
        await house.fetch('GET', `/api/conferences/${room.id}/facts?limit=1000`, {
          headers: { authorization: `Bearer ${house.first.access_key}` },
        })
      ).body,
    );
  await eventually(async () => (await facts()).includes('coffee'), 'the event does not come');
  await boss.sendDigits(digits('hangup'), 'info');
  await boss.ended();
  await emptied(house, room.id);
});

test('before it ends they are told, and then it ends; an extension is told too', { timeout: 120_000 }, async () => {
  const warned = async (seconds: number, words: string): Promise<{ id: string; ann: Phone }> => {
    const room = await aRoom(house, { max_duration: seconds });
    const ann = await comes(room.id, 'Ann', room.number);
    await hearsPrompt(ann, words, { within: 12_000 });
    return { id: room.id, ann };
  };
  const all = await Promise.all([
    warned(603, 'conf-ends_in_10_minutes'),
    warned(303, 'conf-ends_in_5_minutes'),
    warned(63, 'conf-ends_in_1_minute'),
  ]);
  const { id, ann } = all[2]!;
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  assert.equal((await house.fetch('POST', `/api/conferences/${id}/extend`, { headers, body: { seconds: 600 } })).status, 200);
  await hearsPrompt(ann, 'conf-extended');
  for (const each of all) await each.ann.hangUp();
  // VoIPBIN's and KAZOO's `timeout` ends the conference itself.
  const short = await aRoom(house, { timeout: 3 });
  const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
  await ben.call(short.number);
  await ben.ended();
});

test('members are told that the last moderator has gone, and when one is back', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { require_moderator: true, moderator_grace: 60 });
  const boss = await comes(room.id, 'Boss', room.moderators);
  const ann = await comes(room.id, 'Ann', room.number);
  await boss.hangUp();
  await hearsPrompt(ann, 'conf-moderator_left');
  const other = await comes(room.id, 'Other', room.moderators);
  await hearsPrompt(ann, 'conf-moderator_back');
  for (const each of [ann, other]) await each.hangUp();
});

test('who talks while a moderator has muted him is told so', { timeout: 60_000 }, async () => {
  const room = await aRoom(house, { profile: { 'muted-sound': 'conf-muted' } });
  await comes(room.id, 'Boss', room.moderators);
  const ann = await comes(room.id, 'Ann', room.number);
  const number = (await participants(house, room.id)).get('Ann').participant_id;
  await house.act(`${room.id}/participants/${number}`, 'mute');
  await hearsPrompt(ann, 'conf-muted_by_moderator');
});
