import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { JsonObject } from '../../src/base/index.ts';
import { standsAlone } from '../kit/alone.ts';
import { settles } from '../kit/ear.ts';
import { type Answer, eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

const LANGUAGES = { 'en-us': TONES[8]!, 'de-de': TONES[9]!, 'fr-fr': TONES[10]! } as const;
const [BAD, LOCKED, SAY_NAME, NUMBER, BAD_NUMBER] = [TONES[11]!, TONES[7]!, TONES[6]!, TONES[5]!, TONES[4]!];
const prompts = mkdtempSync(join(tmpdir(), 'parley-prompts-'));

/** A prompt that nobody can mistake: a tone of so many seconds. */
function prompt(language: string, name: string, tone: number, seconds = 60): void {
  mkdirSync(join(prompts, language), { recursive: true });
  const values = Array.from({ length: 8_000 * seconds }, (_, n) => 0.2 * Math.sin((2 * Math.PI * tone * n) / 8_000));
  writeFileSync(join(prompts, language, `${name}.wav`), pcm16(8_000, values));
}

let house: House;
before(async () => {
  for (const [language, tone] of Object.entries(LANGUAGES)) prompt(language, 'conf-enter_conf_pin', tone);
  prompt('en-us', 'conf-bad_pin', BAD, 5);
  prompt('en-us', 'conf-pin_locked_out', LOCKED);
  prompt('en-us', 'conf-too_many_attempts', BAD, 1);
  prompt('en-us', 'conf-announce_your_name', SAY_NAME, 1);
  prompt('en-us', 'conf-enter_conf_number', NUMBER);
  prompt('en-us', 'conf-bad_conf', BAD_NUMBER, 5);
  house = await startHouse({
    env: { PARLEY_PLAYING_PROMPTS: prompts, PARLEY_ENTRY_ACCESS_NUMBERS: '1000', PARLEY_ENTRY_NUMBERS: '+49 30 12345678 (Berlin)' },
  });
});
after(async () => {
  await house.close();
  rmSync(prompts, { recursive: true, force: true });
});

async function hears(phone: Phone, expected: readonly number[]): Promise<void> {
  assert.deepEqual(await settles(() => [phone.hears()], [expected]), [expected]);
}

const names = async (conference: string): Promise<string[]> => [...(await participants(house, conference)).keys()].sort();
const isIn = (conference: string, name: string): Promise<true | undefined> =>
  eventually(async () => ((await names(conference)).includes(name) ? (true as const) : undefined), `${name} is not in`);

/** Our own API, as the first account. */
function api(method: string, path: string, body?: JsonObject): Promise<Answer> {
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  return house.fetch(method, `/api${path}`, { headers, ...(body === undefined ? {} : { body }) });
}

let numbers = 7000;

const withPin = (document: JsonObject = {}): Promise<{ id: string; number: string }> => {
  const number = String(numbers++);
  return aRoom(house, { conference_numbers: [number], member: { join_muted: false, pins: ['4711'], numbers: [] }, ...document }).then(
    ({ id }) => ({ id, number }),
  );
};

for (const [language, tone] of Object.entries(LANGUAGES)) {
  test(`the PIN is asked for in ${language}, and # is not needed`, async () => {
    const room = await withPin({ language });
    const phone = await house.phone({ user: `guest-${language}`, tone: TONES[0]! });
    await phone.call(room.number);
    await hears(phone, [tone]);
    await phone.sendDigits('4711');
    await isIn(room.id, `guest-${language}`);
    await phone.hangUp();
  });
}

test('the access number asks for a conference; a wrong one is asked again', async () => {
  const room = await withPin({ member: { join_muted: false, pins: [], numbers: [] } });
  const phone = await house.phone({ user: 'Nora', tone: TONES[0]! });
  await phone.call('1000');
  await eventually(() => phone.hears().includes(NUMBER), 'no question', 15_000);
  await phone.sendDigits('999#');
  await hears(phone, [BAD_NUMBER]);
  await phone.sendDigits(`${room.number}#`);
  await isIn(room.id, 'Nora');
  await phone.hangUp();
});

test('a guest has a PIN of his own, once; his invitation says all that he must know', async () => {
  const room = await withPin({ name: 'Board; weekly' });
  const body = {
    name: 'Ada',
    pin: 'one-time',
    starts_at: '2026-12-01T13:00:00Z',
    ends_at: '2026-12-01T14:00:00Z',
    time_zone: 'Europe/Berlin',
  };
  const made = await api('POST', `/conferences/${room.id}/invitations`, body);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { one_time_pin: pin, text, ics, link, id } = made.body;
  assert.match(pin, /^\d{6}$/);
  for (const part of [pin, room.number, '+49 30 12345678 (Berlin)', 'Board; weekly', link, 'Tuesday, December 1, 2026'])
    assert.ok(text.includes(part), `${part} in ${text}`);
  assert.match(ics, /^BEGIN:VCALENDAR\r\n[\s\S]*DTSTART:20261201T130000Z\r\n[\s\S]*SUMMARY;LANGUAGE=en-us:Board\\; weekly\r\n/);
  const later = await api('GET', `/conferences/${room.id}/invitations/${id}`);
  assert.equal(later.body.one_time_pin, undefined);
  assert.ok(!later.body.text.includes(pin), 'it is told once');
  // Whether or not the pages of the console are built: the invitation itself stands beside them.
  const own = `${new URL(link).pathname}/invitation`;
  const page = await house.fetch('GET', own);
  assert.equal(page.status, 200);
  assert.match(String(page.body), /Board; weekly/);
  assert.equal((await house.fetch('GET', `/join/${'0'.repeat(32)}/invitation`)).status, 404);
  const ada = await house.phone({ user: 'Ada', tone: TONES[0]! });
  await ada.call(room.number);
  await ada.sendDigits(`${pin}#`);
  await isIn(room.id, 'Ada');
  const eve = await house.phone({ user: 'Eve', tone: TONES[1]! });
  await eve.call(room.number);
  await eve.sendDigits(`${pin}#`);
  await hears(eve, [BAD]);
  await eve.hangUp();
  await ada.hangUp();
  assert.ok((await api('GET', `/conferences/${room.id}/invitations`)).body.items[0].used_at);
  assert.equal((await api('DELETE', `/conferences/${room.id}/invitations/${id}`)).status, 200);
  assert.equal((await house.fetch('GET', own)).status, 404);
});

test('new PINs take the place of the old ones', async () => {
  const room = await withPin();
  const { body } = await api('POST', `/conferences/${room.id}/pins/rotate`, {});
  assert.match(body.member[0], /^\d{6}$/);
  const phone = await house.phone({ user: 'Rob', tone: TONES[0]! });
  await phone.call(room.number);
  await phone.sendDigits('4711#');
  await hears(phone, [BAD]);
  await phone.sendDigits(`${body.member[0]}#`);
  await isIn(room.id, 'Rob');
  await phone.hangUp();
  const facts = (await api('GET', `/conferences/${room.id}/facts`)).body;
  assert.ok(JSON.stringify(facts).includes('pins.rotated'), JSON.stringify(facts).slice(0, 300));
  assert.ok(!JSON.stringify(facts).includes(body.member[0]), 'no PIN in a fact');
});

test('five calls that end after a wrong PIN lock a caller out, through a restart, until somebody releases him', async () => {
  const room = await withPin();
  for (let call = 0; call < 5; call += 1) {
    const phone = await house.phone({ user: 'Mallory', tone: TONES[0]! });
    await phone.call(room.number);
    await phone.sendDigits('9999');
    await hears(phone, [BAD]);
    await phone.hangUp();
  }
  const listed = async (): Promise<readonly JsonObject[]> => (await api('GET', `/conferences/${room.id}/lockouts`)).body.items;
  const [lockout] = await eventually(async () => ((await listed()).length > 0 ? listed() : undefined), 'nobody is locked out');
  assert.equal(lockout?.['caller_number'], 'Mallory');
  assert.equal(lockout?.['failed_calls'], 5);
  const mallory = await house.phone({ user: 'Mallory', tone: TONES[0]! });
  await mallory.call(room.number);
  await mallory.sendDigits('4711');
  await hears(mallory, [LOCKED]);
  assert.deepEqual(await names(room.id), []);
  await mallory.hangUp();
  await house.stop();
  await house.start();
  assert.equal((await listed()).length, 1, 'a restart releases nobody');
  assert.equal((await api('DELETE', `/conferences/${room.id}/lockouts?caller_number=Mallory`)).status, 204);
  assert.deepEqual(await listed(), []);
  const again = await house.phone({ user: 'Mallory', tone: TONES[0]! });
  await again.call(room.number);
  await again.sendDigits('4711');
  await isIn(room.id, 'Mallory');
  await again.hangUp();
  const facts = JSON.stringify((await api('GET', `/conferences/${room.id}/facts`)).body);
  assert.match(facts, /caller\.locked_out/);
  assert.match(facts, /caller\.released/);
  for (const pin of ['9999', '4711']) assert.equal(standsAlone(facts, pin), false, 'a PIN is in the facts');
});

test('a caller says his name, those who are in hear it, and it is kept while he is there', async () => {
  const number = String(numbers++);
  const room = await aRoom(house, { conference_numbers: [number], member: { join_muted: true, numbers: [], pins: [] }, play_name: true });
  // Muted from the beginning: what Ben hears of Ann's tone is what was recorded.
  const ben = await house.phone({ user: 'Ben', tone: TONES[1]! });
  await ben.call(number);
  await said(ben);
  await isIn(room.id, 'Ben');
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  await ann.call(number);
  const heard = eventually(() => ben.hears().includes(TONES[0]!), 'Ben does not hear her name', 30_000);
  await said(ann);
  await isIn(room.id, 'Ann');
  await heard;
  const media: readonly JsonObject[] = (await house.kazoo('GET', '/media')).body.data;
  assert.equal(media.filter(({ name }) => String(name).startsWith('conf_announce_')).length, 2);
  await ann.hangUp();
  await ben.hangUp();
});

/** Says its tone when it is asked for a name, for two seconds, until a key ends it. */
async function said(phone: Phone): Promise<void> {
  await eventually(() => phone.hears().includes(SAY_NAME), 'not asked for a name');
  await eventually(() => !phone.hears().includes(SAY_NAME), 'asked for ever');
  await new Promise((wake) => setTimeout(wake, 2_500));
  await phone.sendDigits('5');
}
