import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { settles } from '../kit/ear.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { QUIET } from '../kit/quiet.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const MUSIC = TONES[5]!;
const profile = { 'moh-sound': `tone_stream://%(60000,0,${MUSIC})` };

/** Waits until each of these phones hears exactly these tones. */
async function hear(phones: readonly Phone[], tones: readonly (readonly number[])[], what: string): Promise<void> {
  const wanted = tones.map((each) => [...each].sort((a, b) => a - b));
  const last = await settles(() => phones.map((each) => each.hears()), wanted, 12_000);
  assert.deepEqual(
    last.map((each) => [...each].sort((a, b) => a - b)),
    wanted,
    what,
  );
}

test('two members wait with music and hear nobody; the moderator comes, and they hear each other; alone again there is music', async () => {
  const room = await aRoom(house, { wait_for_moderator: true, profile });
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hear([ann!, ben!], [[MUSIC], [MUSIC]], 'music for those who wait');
  assert.equal((await participants(house, room.id)).size, 2, 'they are listed');
  const boss = await house.phone({ user: 'Boss', tone: TONES[2]! });
  await boss.call(room.moderators);
  const phones = [ann!, ben!, boss];
  await hearingMatrix(phones, all(phones));
  await boss.hangUp();
  await hearingMatrix([ann!, ben!], all([ann!, ben!]));
  await ben!.hangUp();
  await hear([ann!], [[MUSIC]], 'music for who is alone');
  await ann!.hangUp();
  await emptied(house, room.id);
});

test('the last moderator leaves: after the grace members are sent away', async () => {
  const room = await aRoom(house, { require_moderator: true, moderator_grace: 2, profile });
  const boss = await house.phone({ user: 'Boss', tone: TONES[2]! });
  await boss.call(room.moderators);
  const [ann] = await party(house, room.number, { names: ['Ann'] });
  await hearingMatrix([ann!, boss], all([ann!, boss]));
  await boss.hangUp();
  await emptied(house, room.id);
  await ann!.ended();
});

test('a promoted member ends the waiting', async () => {
  const room = await aRoom(house, { wait_for_moderator: true, profile });
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  await hear([ann!, ben!], [[MUSIC], [MUSIC]], 'music');
  const number = await numberOf(house, room.id, 'Ann');
  const answer = await house.fetch('PATCH', `/api/conferences/${room.id}/participants/${number}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    body: { role: 'moderator' },
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  await hearingMatrix([ann!, ben!], all([ann!, ben!]));
  for (const each of [ann!, ben!]) await each.hangUp();
});

test('music of the account’s configuration changes for who waits alone as soon as it is configured, without any other command', async () => {
  const other = TONES[7]!;
  const configure = async (music: string): Promise<void> => {
    const { status } = await house.kazoo('POST', '/configs/conferences', {
      profiles: { default: { 'alone-sound': '', 'moh-sound': music } },
    });
    assert.equal(status, 200);
  };
  await configure(`tone_stream://%(60000,0,${MUSIC})`);
  const { 'moh-sound': _, ...quiet } = QUIET as Readonly<Record<string, Json>>;
  const document = { name: 'as configured', play_welcome: false, member: { join_muted: false, numbers: ['4711'] }, profile: quiet };
  const { body } = await house.kazoo('PUT', '/conferences', document);
  const [ann] = await party(house, '4711', { names: ['Ann'] });
  await hear([ann!], [[MUSIC]], 'what was configured first');
  await configure(`tone_stream://%(60000,0,${other})`);
  await hear([ann!], [[other]], 'what is configured now');
  await configure('silence_stream://-1');
  await hear([ann!], [[]], 'nothing');
  await ann!.hangUp();
  await emptied(house, body.data.id);
});
