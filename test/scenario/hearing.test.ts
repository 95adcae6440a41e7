import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party, quiet } from '../kit/party.ts';
import { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
  await quiet(house);
});
after(() => house.close());

test('a newcomer dials 3000: two hear each other, then three, and nobody hears himself', async () => {
  const [ann, ben] = await party(house, '3000', { names: ['Ann', 'Ben'] });
  await hearingMatrix([ann!, ben!], { Ann: ['Ben'], Ben: ['Ann'] });
  await using cleo = await Phone.open({ server: house.sip, user: 'Cleo', tone: 660 });
  await cleo.call('3000');
  await hearingMatrix([ann!, ben!, cleo], all([ann!, ben!, cleo]));
  for (const each of [ann!, ben!, cleo]) await each.hangUp();
  await emptied(house, house.first.conference_id);
});

test('rooms do not hear each other', async () => {
  const [one, two] = [await aRoom(house), await aRoom(house)];
  const [ann, ben] = await party(house, one.number, { names: ['Ann', 'Ben'] });
  const tones = { Cleo: { tone: TONES[2]! }, Dan: { tone: TONES[3]! } };
  const [cleo, dan] = await party(house, two.number, { names: ['Cleo', 'Dan'], each: tones });
  await hearingMatrix([ann!, ben!, cleo!, dan!], { Ann: ['Ben'], Ben: ['Ann'], Cleo: ['Dan'], Dan: ['Cleo'] });
  for (const each of [ann!, ben!, cleo!, dan!]) await each.hangUp();
});

test('one is muted and unmuted through the API', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  const ben = await numberOf(house, room.id, 'Ben');
  await hearingMatrix(phones, all(phones));
  await house.act(`${room.id}/participants/${ben}`, 'mute');
  await hearingMatrix(phones, { Ann: ['Cleo'], Ben: ['Ann', 'Cleo'], Cleo: ['Ann'] });
  await house.act(`${room.id}/participants/${ben}`, 'unmute');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('muting all spares moderators', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const boss = await house.phone({ user: 'Boss', tone: 1050 });
  await boss.call(room.moderators);
  phones.push(boss);
  await hearingMatrix(phones, all(phones));
  await house.act(`${room.id}/participants`, 'mute');
  await hearingMatrix(phones, { Ann: ['Boss'], Ben: ['Boss'] });
  await house.act(`${room.id}/participants`, 'unmute');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('members who join muted are heard only after unmute; a moderator at once', async () => {
  const room = await aRoom(house, { member: { join_muted: true, numbers: ['7001'] } });
  const [ann] = await party(house, '7001', { names: ['Ann'] });
  const boss = await house.phone({ user: 'Boss', tone: 1050 });
  await boss.call(room.moderators);
  await hearingMatrix([ann!, boss], { Ann: ['Boss'] });
  await house.act(`${room.id}/participants/${await numberOf(house, room.id, 'Ann')}`, 'unmute');
  await hearingMatrix([ann!, boss], all([ann!, boss]));
  await ann!.hangUp();
  await boss.hangUp();
});

test('deaf hears nobody and is heard; undeaf restores', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  const path = `${room.id}/participants/${await numberOf(house, room.id, 'Ann')}`;
  await house.act(path, 'deaf');
  await hearingMatrix(phones, { Ben: ['Ann', 'Cleo'], Cleo: ['Ann', 'Ben'] });
  await house.act(path, 'undeaf');
  await hearingMatrix(phones, all(phones));
  await house.act(`${room.id}/participants`, 'deaf');
  await hearingMatrix(phones, {});
  await house.act(`${room.id}/participants`, 'undeaf');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('relate: mute, deaf and clear change what one pair hears, in one direction', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  const [ann, ben] = [await numberOf(house, room.id, 'Ann'), await numberOf(house, room.id, 'Ben')];
  const relate = (participant: number, other: number, relationship: string): Promise<unknown> =>
    house.act(`${room.id}/participants`, 'relate', { participant_id: participant, other_participant: other, relationship });
  await relate(ann, ben, 'mute');
  await hearingMatrix(phones, { Ann: ['Ben', 'Cleo'], Ben: ['Cleo'], Cleo: ['Ann', 'Ben'] });
  await relate(ann, ben, 'deaf');
  await hearingMatrix(phones, { Ann: ['Cleo'], Ben: ['Cleo'], Cleo: ['Ann', 'Ben'] });
  await relate(ben, ann, 'deaf');
  await relate(ann, ben, 'clear');
  // What was set for (Ben, Ann) stays.
  await hearingMatrix(phones, { Ann: ['Ben', 'Cleo'], Ben: ['Cleo'], Cleo: ['Ann', 'Ben'] });
  await relate(ben, ann, 'clear');
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});

test('kick: one gets a BYE, the others still hear each other; kicking all empties the room', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  await hearingMatrix(phones, all(phones));
  const gone = phones[1]!.ended();
  await house.act(`${room.id}/participants/${await numberOf(house, room.id, 'Ben')}`, 'kick');
  await gone;
  await hearingMatrix(phones, { Ann: ['Cleo'], Cleo: ['Ann'] });
  const rest = Promise.all([phones[0]!.ended(), phones[2]!.ended()]);
  await house.act(`${room.id}/participants`, 'kick');
  await rest;
  await emptied(house, room.id);
});

test('deleting a conference sends everybody away', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const gone = Promise.all(phones.map((each) => each.ended()));
  await house.kazoo('DELETE', `/conferences/${room.id}`);
  await gone;
  const late = await house.phone({ user: 'Late' });
  assert.equal(await late.tries(room.number), 404);
});

test('one hangs up while the others talk', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben', 'Cleo'] });
  await hearingMatrix(phones, all(phones));
  await phones[2]!.hangUp();
  await hearingMatrix(phones, { Ann: ['Ben'], Ben: ['Ann'] });
  await eventually(async () => (await participants(house, room.id)).size === 2, 'Cleo is still listed');
  for (const each of phones.slice(0, 2)) await each.hangUp();
  await emptied(house, room.id);
});

test('eight people in one room all hear the seven others', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: [...'ABCDEFGH'] });
  await hearingMatrix(phones, all(phones));
  for (const each of phones) await each.hangUp();
});
