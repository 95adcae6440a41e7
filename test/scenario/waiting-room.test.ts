/** A waiting room for telephones, in words: who waits is told so, the moderator hears it and has two keys. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
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

const names = async (conference: string): Promise<string[]> => [...(await participants(house, conference)).keys()].sort();
const isIn = (conference: string, name: string): Promise<boolean> =>
  eventually(async () => (await names(conference)).includes(name), `${name} is not in`);

interface Waits {
  readonly id: string;
}

const native = async (method: string, path: string, body?: object) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) }),
  });
const waiting = async (conference: string): Promise<readonly Waits[]> => (await native('GET', `/conferences/${conference}`)).body.waiting;

/** A moderator in a room, and one who waits outside and has been told so. */
async function atTheDoor(language = 'en-us'): Promise<{ id: string; boss: Phone; ann: Phone }> {
  const room = await aRoom(house, { waiting_room: true, language });
  const boss = await house.phone({ user: 'Boss', tone: TONES[2]! });
  await boss.call(room.moderators);
  await isIn(room.id, 'Boss');
  const ann = await house.phone({ user: 'Ann', tone: TONES[0]! });
  await ann.call(room.number);
  await hearsPrompt(ann, 'conf-waiting_admission', { language });
  await hearsPrompt(boss, 'conf-caller_waiting', { language });
  assert.deepEqual(await names(room.id), ['Boss'], 'she is not listed');
  assert.equal((await waiting(room.id)).length, 1);
  return { id: room.id, boss, ann };
}

test('the moderator hears that somebody waits and presses 1: she is in, and they hear each other', { timeout: 60_000 }, async () => {
  const { id, boss, ann } = await atTheDoor();
  // She is quiet: prompts are told from each other where nobody speaks into them.
  ann.rtp.send(false);
  await boss.sendDigits('1');
  await hearsPrompt(boss, 'conf-admitted');
  await isIn(id, 'Ann');
  ann.rtp.send(true);
  await hearingMatrix([ann, boss], all([ann, boss]));
  assert.deepEqual(await waiting(id), []);
  await ann.hangUp();
  await boss.hangUp();
  await emptied(house, id);
});

test('he presses 2, in German: she is told that she is not let in, and hung up', { timeout: 60_000 }, async () => {
  const { id, boss, ann } = await atTheDoor('de-de');
  await boss.sendDigits('2', 'info');
  await hearsPrompt(ann, 'conf-admission_denied', { language: 'de-de' });
  await ann.ended();
  await hearsPrompt(boss, 'conf-denied', { language: 'de-de' });
  assert.deepEqual(await waiting(id), []);
  await boss.hangUp();
});

test('a program admits and turns away', { timeout: 60_000 }, async () => {
  const first = await atTheDoor();
  const [one] = await waiting(first.id);
  assert.equal((await native('POST', `/conferences/${first.id}/waiting/${one!.id}/admit`)).status, 200);
  await isIn(first.id, 'Ann');
  await first.ann.hangUp();
  await first.boss.hangUp();
  const second = await atTheDoor();
  assert.equal((await native('POST', `/conferences/${second.id}/waiting/next/deny`)).status, 200);
  await hearsPrompt(second.ann, 'conf-admission_denied');
  await second.ann.ended();
  await second.boss.hangUp();
});

test('when the conference is deleted who waits is told in his lobby too, before he is hung up', { timeout: 60_000 }, async () => {
  const { id, boss, ann } = await atTheDoor();
  await house.kazoo('DELETE', `/conferences/${id}`);
  await boss.ended();
  await hearsPrompt(ann, 'conf-ends_now');
  await ann.ended();
});
