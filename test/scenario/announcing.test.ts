import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { standsAlone } from '../kit/alone.ts';
import { settles } from '../kit/ear.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom, numberOf, party } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ANN, BEN, CAT, COMES, GOES, ALONE, MUTED, UNMUTED] = [0, 1, 2, 6, 7, 8, 9, 10].map((n) => TONES[n]!) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const sound = (hz: number, ms = 1200): string => `tone_stream://v=-15;%(${ms},0,${hz})`;

async function hear(phones: readonly Phone[], expected: readonly (readonly number[])[]): Promise<void> {
  assert.deepEqual(
    (await settles(() => phones.map((each) => each.hears()), expected)).map((each) => [...each].sort()),
    expected.map((each) => [...each].sort()),
  );
}

/** Follows who hears a tone from now on until `stop`; gives the indexes of those who heard it at any moment. */
function follow(phones: readonly Phone[], hz: number): { stop: () => number[] } {
  const heard = new Set<number>();
  const look = setInterval(() => {
    for (const [index, each] of phones.entries()) if (each.hears().includes(hz)) heard.add(index);
  }, 40);
  return {
    stop: () => {
      clearInterval(look);
      return [...heard].sort();
    },
  };
}

const heardBy = async (phones: readonly Phone[], hz: number, act: () => Promise<unknown>): Promise<number[]> => {
  const following = follow(phones, hz);
  await act();
  await eventually(() => phones.some((each) => each.hears().includes(hz)), `nobody hears ${hz} Hz`, 8000);
  await eventually(() => phones.every((each) => !each.hears().includes(hz)), `${hz} Hz does not end`, 8000);
  return following.stop();
};

const native = (method: 'GET' | 'PATCH', path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });

async function factsOf(conference: string, type: string): Promise<{ participant?: { number: number } }[]> {
  const { body } = await native('GET', `/conferences/${conference}/facts`);
  const all: { type: string; participant?: { number: number } }[] = body.facts ?? body.items ?? body.data;
  return all.filter((each) => each.type === type);
}

test('the first one hears that he is alone; all hear who comes and who goes, and afterwards each other', async () => {
  const room = await aRoom(house, {
    play_entry_tone: sound(COMES),
    profile: { 'exit-sound': sound(GOES), 'alone-sound': sound(ALONE) },
  });
  const ann = await house.phone({ user: 'Ann', tone: ANN });
  assert.deepEqual(await heardBy([ann], ALONE, () => ann.call(room.number)), [0]);
  const ben = await house.phone({ user: 'Ben', tone: BEN });
  assert.deepEqual(await heardBy([ann, ben], COMES, () => ben.call(room.number)), [0, 1]);
  await hear([ann, ben], [[BEN], [ANN]]);
  const cat = await house.phone({ user: 'Cat', tone: CAT });
  assert.deepEqual(await heardBy([ann, ben, cat], COMES, () => cat.call(room.number)), [0, 1, 2]);
  assert.deepEqual(await heardBy([ann, ben], GOES, () => cat.hangUp()), [0, 1]);
  await hear([ann, ben], [[BEN], [ANN]]);
  assert.deepEqual(await heardBy([ann], ALONE, () => ben.hangUp()), [0]);
  await ann.hangUp();
});

test('keys, as events and by INFO: he is muted, hears so alone, and the others hear him no more; # hangs up', async () => {
  for (const by of ['rtp', 'info'] as const) {
    const room = await aRoom(house, { profile: { 'muted-sound': sound(MUTED), 'unmuted-sound': sound(UNMUTED) } });
    const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
    const [ann, ben] = phones as [Phone, Phone];
    await hear(phones, [[BEN], [ANN]]);
    assert.deepEqual(await heardBy(phones, MUTED, () => ben.sendDigits('*1', by)), [1], by);
    await hear(phones, [[], [ANN]]);
    assert.deepEqual(await heardBy(phones, UNMUTED, () => ben.sendDigits('*1', by)), [1], by);
    await hear(phones, [[BEN], [ANN]]);
    await ben.sendDigits('#', by);
    await eventually(async () => (await factsOf(room.id, 'participant.left')).length === 1, 'he has not left');
    await hear([ann], [[]]);
    await ann.hangUp();
  }
});

test('who is deaf hears nobody, and what is said to him', async () => {
  const room = await aRoom(house, { profile: { 'deaf-sound': sound(MUTED), 'undeaf-sound': sound(UNMUTED) } });
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const ben = phones[1]!;
  assert.deepEqual(await heardBy(phones, MUTED, () => ben.sendDigits('*4')), [1]);
  await hear(phones, [[BEN], []]);
  assert.deepEqual(await heardBy(phones, UNMUTED, () => ben.sendDigits('*4')), [1]);
  await hear(phones, [[BEN], [ANN]]);
  for (const each of phones) await each.hangUp();
});

test('a map of the document: keys of its own, data for those who follow, and nothing of ours', async () => {
  const room = await aRoom(house, {
    caller_controls: 'own',
    controls: {
      own: [
        { digits: '70417', action: 'event', data: 'coffee' },
        { digits: '5', action: 'hand' },
      ],
    },
  });
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const ben = phones[1]!;
  await ben.sendDigits('*1');
  await ben.sendDigits('70417');
  await eventually(async () => (await factsOf(room.id, 'participant.keyed')).length === 1, 'the event does not come');
  await ben.sendDigits('5');
  await eventually(async () => (await factsOf(room.id, 'participant.hand_raised')).length === 1, 'the hand is not raised');
  await hear(phones, [[BEN], [ANN]]);
  assert.deepEqual(await factsOf(room.id, 'participant.muted'), []);
  assert.equal(standsAlone(house.output, '70417'), false, 'keys are in the log');
  const number = await numberOf(house, room.id, 'Ben');
  const { body } = await native('GET', `/conferences/${room.id}/participants`);
  assert.ok(body.items.find((each: { number: number }) => each.number === number).hand_raised_at);
  for (const each of phones) await each.hangUp();
});

test('all are told that they are recorded, and who comes later too; the facts and the manifest say who heard it to the end', async () => {
  const room = await aRoom(house, { recording_notice: true, language: 'de-de' });
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  const act = (action: 'start' | 'stop') => house.kazoo('PUT', `/conferences/${room.id}`, { action: 'record', data: { action } });
  await act('start');
  const told = async (count: number) =>
    eventually(async () => (await factsOf(room.id, 'notice.heard')).length === count, `${count} have not heard the notice`, 20_000);
  await told(1);
  const ben = await house.phone({ user: 'Ben', tone: BEN });
  await ben.call(room.number);
  await told(2);
  const cat = await house.phone({ user: 'Cat', tone: CAT });
  await cat.call(room.number);
  await cat.hangUp();
  await act('stop');
  for (const each of [ann!, ben]) await each.hangUp();
  const heard = await factsOf(room.id, 'notice.heard');
  assert.deepEqual(
    heard.map((each) => each.participant?.number),
    [1, 2],
    'Cat was gone before its end',
  );
  const finished = await eventually(async () => (await factsOf(room.id, 'recording.finished'))[0], 'the recording is not written');
  const { recording } = finished as { recording?: { id: string } };
  const { body } = await native('GET', `/recordings/${recording?.id}`);
  const people: { number: number; noticeHeardAt?: number; notice_heard_at?: string }[] = body.manifest.participants;
  assert.deepEqual(
    people.map((each) => [each.number, (each.noticeHeardAt ?? each.notice_heard_at) !== undefined]),
    [
      [1, true],
      [2, true],
      [3, false],
    ],
  );
});

test('a card: what the room’s keys are, as JSON, text and page', async () => {
  const room = await aRoom(house, { language: 'fr-fr' });
  const { body } = await native('GET', `/conferences/${room.id}/keypad`);
  assert.equal(body.language, 'fr');
  assert.ok(body.member.some((each: { digits: string; action: string }) => each.digits === '#' && each.action === 'hangup'));
  const headers = { authorization: `Bearer ${house.first.access_key}` };
  const text = await fetch(`${house.http}/api/conferences/${room.id}/keypad`, { headers: { ...headers, accept: 'text/plain' } });
  assert.match(text.headers.get('content-type') ?? '', /^text\/plain/);
  assert.match(await text.text(), /\*1 +Couper ou rétablir mon micro/);
  const page = await fetch(`${house.http}/api/conferences/${room.id}/keypad?format=html&language=ar`, { headers });
  assert.match(await page.text(), /<html lang="ar" dir="rtl">.*<kbd>\*1<\/kbd>/s);
});
