/** Who hangs up at any prompt leaves nothing behind: no call, no leg, no flow that runs, no room. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import type { Phone } from '../kit/phone.ts';
import { QUIET } from '../kit/quiet.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

/** Every prompt of the way in has a tone of its own, for as long as anybody listens. */
const PROMPTS = [
  ['conf-welcome', 60],
  ['conf-enter_conf_number', 60],
  ['conf-bad_conf', 60],
  ['conf-enter_conf_pin', 60],
  ['conf-bad_pin', 1],
  ['conf-too_many_attempts', 60],
  ['conf-announce_your_name', 60],
  ['conf-your_announcement', 60],
  ['conf-waiting_admission', 60],
  ['conf-max_participants', 60],
  ['conf-alone', 60],
] as const;
type Prompt = (typeof PROMPTS)[number][0];
const toneOf = (name: Prompt): number => TONES[PROMPTS.findIndex(([each]) => each === name)]!;
const SPEAKS = TONES[11]!;
const prompts = mkdtempSync(join(tmpdir(), 'parley-goodbyes-'));

let house: House;
const dial = { pin: '6101', name: '6102', waiting: '6103', full: '6104', alone: '6105', welcome: '6106' };
const rooms = new Map<string, string>();
before(async () => {
  mkdirSync(join(prompts, 'en-us'), { recursive: true });
  for (const [name, seconds] of PROMPTS) {
    const values = Array.from({ length: 8000 * seconds }, (_, n) => 0.2 * Math.sin((2 * Math.PI * toneOf(name) * n) / 8000));
    writeFileSync(join(prompts, 'en-us', `${name}.wav`), pcm16(8000, values));
  }
  house = await startHouse({ env: { PARLEY_PLAYING_PROMPTS: prompts, PARLEY_ENTRY_ACCESS_NUMBERS: '1000' } });
  await house.kazoo('PUT', '/configs/conferences', { review_name: true });
  const make = async (which: keyof typeof dial, document: object) => {
    const member = { join_muted: false, numbers: [], pins: which === 'pin' ? ['4711'] : [] };
    const shared = { name: which, conference_numbers: [dial[which]], member, play_welcome: which === 'welcome' };
    const { body } = await house.kazoo('PUT', '/conferences', { ...shared, profile: { ...QUIET }, ...document });
    rooms.set(which, body.data.id);
  };
  await make('welcome', { member: { join_muted: false, numbers: [], pins: ['4711'] } });
  await make('pin', {});
  await make('name', { play_name: true });
  await make('waiting', { waiting_room: true });
  await make('full', { max_participants: 1, max_members_media: 'conf-max_participants', play_entry_tone: false });
  await make('alone', { profile: { ...QUIET, 'alone-sound': 'conf-alone' } });
});
after(async () => {
  await house.close();
  rmSync(prompts, { recursive: true, force: true });
});

const hears = (phone: Phone, name: Prompt): Promise<true> =>
  eventually(() => (phone.hears().includes(toneOf(name)) ? (true as const) : undefined), `${phone.name} does not hear ${name}`, 20_000);

/** The number of this name in /metrics. */
async function counted(name: string): Promise<number> {
  const text = String((await house.fetch('GET', '/metrics')).body);
  return Number(new RegExp(`^parley_${name} (\\d+)`, 'm').exec(text)?.[1]);
}

const COUNTED = ['calls', 'lobbies', 'media_legs', 'media_rooms', 'media_ports', 'command_queue_depth'] as const;

/** Every number is zero again, and nobody is listed or waits anywhere. */
async function nothingIsLeft(when: string): Promise<void> {
  let seen: Record<string, number> = {};
  const none = async (): Promise<boolean> => {
    seen = Object.fromEntries(await Promise.all(COUNTED.map(async (each) => [each, await counted(each)] as const)));
    return Object.values(seen).every((each) => each === 0);
  };
  await eventually(none, '', 10_000).catch(() => assert.fail(`${when}: ${JSON.stringify(seen)}`));
  for (const id of rooms.values()) assert.equal((await participants(house, id)).size, 0, when);
}

/** Comes so far, and then hangs up. */
const MOMENTS: readonly (readonly [string, string, (phone: Phone) => Promise<unknown>])[] = [
  ['the welcome', dial.welcome, (phone) => hears(phone, 'conf-welcome')],
  ['the question for the number', '1000', (phone) => hears(phone, 'conf-welcome').then(() => phone.sendDigits('9'))],
  ['a wrong number', '1000', (phone) => phone.sendDigits('999#').then(() => hears(phone, 'conf-bad_conf'))],
  ['the question for the PIN', dial.pin, (phone) => hears(phone, 'conf-enter_conf_pin')],
  ['half a PIN', dial.pin, (phone) => phone.sendDigits('47')],
  ['a wrong PIN', dial.pin, (phone) => phone.sendDigits('9999').then(() => hears(phone, 'conf-bad_pin'))],
  ['right behind the PIN', dial.pin, (phone) => phone.sendDigits('4711')],
  [
    'too many attempts',
    dial.pin,
    async (phone) => {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        // What is typed while a wrong PIN is answered is no answer to the next question.
        await hears(phone, 'conf-enter_conf_pin');
        await phone.sendDigits('0000');
        await eventually(() => !phone.hears().includes(toneOf('conf-enter_conf_pin')), 'the question goes on');
      }
      await hears(phone, 'conf-too_many_attempts');
    },
  ],
  ['the question for the name', dial.name, (phone) => hears(phone, 'conf-announce_your_name')],
  [
    'his own name',
    dial.name,
    async (phone) => {
      await hears(phone, 'conf-announce_your_name');
      await phone.sendDigits('1');
      await new Promise((wake) => setTimeout(wake, 600));
    },
  ],
  [
    'how he will be announced',
    dial.name,
    async (phone) => {
      await hears(phone, 'conf-announce_your_name');
      await phone.sendDigits('1');
      // Longer than the tone that asks him to speak: then a key ends what he says.
      await new Promise((wake) => setTimeout(wake, 2500));
      await phone.sendDigits('5');
      await hears(phone, 'conf-your_announcement');
    },
  ],
  ['waiting to be admitted', dial.waiting, (phone) => hears(phone, 'conf-waiting_admission')],
  ['being alone', dial.alone, (phone) => hears(phone, 'conf-alone')],
];

for (const [when, number, comes] of MOMENTS) {
  test(`he hangs up at ${when}`, { timeout: 60_000 }, async () => {
    const phone = await house.phone({ user: `at ${when}`.replaceAll(' ', '-'), tone: SPEAKS });
    try {
      await phone.call(number);
      await comes(phone);
      assert.ok(phone.inCall, 'he was hung up before he could do it himself');
      assert.equal(await counted('calls'), 1);
      await phone.hangUp();
      await nothingIsLeft(when);
    } finally {
      await phone.close();
    }
  });
}

test('he hangs up at the word that it is full', { timeout: 60_000 }, async () => {
  const first = await house.phone({ user: 'first', tone: SPEAKS });
  await first.call(dial.full);
  await eventually(async () => (await participants(house, rooms.get('full')!)).size === 1, 'the first one is not in');
  const second = await house.phone({ user: 'second', tone: SPEAKS });
  await second.call(dial.full);
  await hears(second, 'conf-max_participants');
  await second.hangUp();
  await first.hangUp();
  await nothingIsLeft('full');
});

test('all of them at once, leave nothing either', { timeout: 90_000 }, async () => {
  const phones = await Promise.all(MOMENTS.map((_, n) => house.phone({ user: `one-of-many-${n}`, tone: SPEAKS })));
  await Promise.all(
    MOMENTS.map(async ([when, number, comes], n) => {
      const phone = phones[n]!;
      await phone.call(number);
      await comes(phone);
      assert.ok(phone.inCall, when);
      await phone.hangUp();
    }),
  );
  await nothingIsLeft('all at once');
});
