/** Real telephones type their PIN while they are asked for it: baresip and linphone as RFC 4733, linphone by SIP INFO, and SIPp with nothing but sound. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { standsAlone } from '../kit/alone.ts';
import { Baresip, rateOf } from '../kit/baresip.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { keySound } from '../kit/keypad-sound.ts';
import { Linphone } from '../kit/linphone.ts';
import { emptied } from '../kit/party.ts';
import { QUIET } from '../kit/quiet.ts';
import { runSipp } from '../kit/sipp.ts';
import { TONES, toMuLaw, tone } from '../kit/sound.ts';
import { sine } from '../kit/speech.ts';

const PIN = '4711';
/** More than anybody types here: who gets in has had every key counted once. */
const LONG = '15590347';

let house: House;
let base: string;
before(async () => {
  base = mkdtempSync(join(tmpdir(), 'parley-entry-'));
  house = await startHouse();
});
after(async () => {
  await house.close();
  rmSync(base, { recursive: true, force: true });
});

let made = 6500;
/** A conference that greets with words, and asks for this PIN. */
async function guarded(pin: string): Promise<{ id: string; number: string }> {
  const number = String(made++);
  const { body } = await house.kazoo('PUT', '/conferences', {
    name: 'guarded',
    conference_numbers: [number],
    member: { join_muted: false, numbers: [], pins: [pin] },
    profile: { ...QUIET },
  });
  return { id: body.data.id, number };
}

const somebody = (conference: string, said: () => string): Promise<boolean> =>
  eventually(async () => (await participants(house, conference)).size === 1, 'nobody got in', 15_000).catch((error: unknown) =>
    assert.fail(`${error}\n${said().slice(-3000)}`),
  );

test('baresip gives its PIN by RFC 4733, the only way it knows', { timeout: 60_000 }, async () => {
  const { id, number } = await guarded(LONG);
  const voice = sine(790, { rate: rateOf('PCMU'), seconds: 30, dbfs: -21 });
  const phone = await Baresip.dial({ name: 'alice', base, dial: `sip:${number}@${house.sip}`, codec: 'PCMU', voice });
  try {
    await phone.records(0.5);
    assert.equal((await participants(house, id)).size, 0, 'nobody is in without a PIN');
    await phone.press(LONG, 100);
    await somebody(id, () => phone.output);
  } finally {
    await phone.quit();
  }
  await emptied(house, id);
});

test('linphone gives its PIN', { timeout: 60_000 }, async () => {
  const { id, number } = await guarded(LONG);
  const voice = { rate: 48_000, samples: sine(1310, { rate: 48_000, seconds: 30, dbfs: -21 }) };
  const phone = await Linphone.dial({ base, dial: `sip:${number}@${house.sip}`, voice });
  try {
    for (const key of LONG) {
      phone.say(key);
      await new Promise((wake) => setTimeout(wake, 300));
    }
    await somebody(id, () => phone.output);
  } finally {
    await phone.quit();
  }
  await emptied(house, id);
});

/** Types keys one by one: it answers nobody while lines wait that were typed, so the next one waits until this one was sent and taken. */
async function types(phone: Linphone, keys: string): Promise<void> {
  for (const key of keys) {
    const before = taken(phone);
    phone.say(key);
    await eventually(() => taken(phone) > before, `linphone does not send ${key}`, 10_000);
  }
}

/** How many of its INFO requests were answered. */
const taken = ({ log }: Linphone): number => [...log.matchAll(/^SIP\/2\.0 200 [^\n]*\n(?:[^\n]+\n)*?CSeq: \d+ INFO/gm)].length;

test('linphone gives its PIN by SIP INFO, and then steers by INFO', { timeout: 90_000 }, async () => {
  const { id, number } = await guarded(LONG);
  const voice = { rate: 48_000, samples: sine(1310, { rate: 48_000, seconds: 60, dbfs: -21 }) };
  const phone = await Linphone.dial({ base, dial: `sip:${number}@${house.sip}`, voice, sip: ['use_info=1', 'use_rfc2833=0'] });
  const isMuted = async (): Promise<boolean> => [...(await participants(house, id)).values()].some(({ speak }) => !speak);
  try {
    await types(phone, LONG);
    await somebody(id, () => phone.output);
    assert.match(phone.log, /Content-Type: application\/dtmf-relay/i);
    assert.equal(await isMuted(), false);
    await types(phone, '*2');
    await eventually(isMuted, 'its keys do not mute it', 10_000);
  } finally {
    await phone.quit();
  }
  await emptied(house, id);
});

test('SIPp offers no events and gives its PIN in its sound; a wrong one stays outside', { timeout: 180_000 }, async () => {
  const right = await guarded(PIN);
  const witness = await house.phone({ user: 'Witness', tone: TONES[5]! });
  await witness.call(right.number);
  await witness.sendDigits(PIN);
  await eventually(async () => (await participants(house, right.id)).has('Witness'), 'the witness is not in');
  for (const pin of [PIN, '4712']) {
    const keys = keySound(pin, { dbm0: -10, twist: 0, off: 0, snr: Number.POSITIVE_INFINITY, seed: 1, onMs: 80, offMs: 80 });
    const voice = Int16Array.from([...new Int16Array(12_000), ...keys, ...tone(TONES[0]!, { length: 48_000 })]);
    const path = join(base, `${pin}.ulaw`);
    writeFileSync(path, Uint8Array.from(voice, toMuLaw));
    const scenario = join(base, `${pin}.xml`);
    const text = readFileSync(join(import.meta.dirname, '../fixtures/sipp/room-of-five.xml'), 'utf8');
    writeFileSync(scenario, text.replace('VOICE,-1', `${path},1`).replace('milliseconds="3000"', 'milliseconds="7000"'));
    writeFileSync(join(base, `${pin}.csv`), `SEQUENTIAL\n${right.number}\n`);
    let heard = false;
    const listening = setInterval(() => {
      heard ||= witness.hears().includes(TONES[0]!);
    }, 100);
    // A machine that stands still for a moment tears holes into what SIPp plays, and a key with a hole is none: then somebody dials again.
    for (let tries = pin === PIN ? 3 : 1; tries > 0 && !heard; tries--)
      await runSipp(base, [house.sip, '-sf', scenario, '-inf', join(base, `${pin}.csv`), '-i', '127.0.0.1', '-mi', '127.0.0.1', '-m', '1']);
    clearInterval(listening);
    assert.equal(heard, pin === PIN, `with ${pin} it is ${heard ? '' : 'not '}heard`);
  }
  for (const pin of [PIN, '4712', LONG]) assert.equal(standsAlone(house.output, pin), false, 'a PIN is in the log');
  await witness.hangUp();
});
