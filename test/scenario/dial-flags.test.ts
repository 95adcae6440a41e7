import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ONE, TWO, THREE, MUSIC] = TONES as readonly [number, number, number, number];

/** Calls one phone into a room; the row of the answer. */
async function dial(room: string, phone: Phone, data: Parameters<House['act']>[2] & object) {
  const { body } = await house.act(room, 'dial', { endpoints: [`sip:${phone.name}@${phone.address}`], ...data });
  const [row] = body.data.endpoint_responses;
  assert.equal(row.status, 'success', JSON.stringify(row));
  return row;
}

test('distribute_dtmf: his keys are pressed at everybody else’s telephone, and steer nothing here', async () => {
  const room = await aRoom(house);
  const [ann, ben, cyd] = await Promise.all([ONE, TWO, THREE].map((tone, n) => house.phone({ user: ['ann', 'ben', 'cyd'][n]!, tone })));
  await dial(room.id, ann!, { participant_flags: ['distribute_dtmf'] });
  await dial(room.id, ben!, {});
  await cyd!.call(room.number);
  await hearingMatrix([ann!, ben!, cyd!], all([ann!, ben!, cyd!]));
  // *1 mutes whom it steers, # hangs him up (the default controls).
  await ann!.sendDigits('*1#');
  await eventually(
    () => ben!.rtp.keysHeard === '*1#' && cyd!.rtp.keysHeard === '*1#',
    `heard ${ben!.rtp.keysHeard}, ${cyd!.rtp.keysHeard}`,
  );
  assert.equal(ann!.rtp.keysHeard, '');
  assert.equal((await participants(house, room.id)).get('ann').speak, true);
  await ben!.sendDigits('*1');
  await eventually(async () => (await participants(house, room.id)).get('ben').speak === false, 'ben’s keys steer');
  assert.equal(ann!.rtp.keysHeard, '', 'and are nobody else’s');
  for (const each of [ann!, ben!, cyd!]) await each.hangUp();
  await emptied(house, room.id);
});

test('disable_moh: who is alone hears no music, who has not this flag does', async () => {
  const room = await aRoom(house, { profile: { 'moh-sound': `tone_stream://%(60000,0,${MUSIC})` } });
  const [ann, ben] = [await house.phone({ user: 'ann', tone: ONE }), await house.phone({ user: 'ben', tone: TWO })];
  await dial(room.id, ben, {});
  assert.deepEqual(await settles(() => [ben.hears()], [[MUSIC]], 12_000), [[MUSIC]]);
  await dial(room.id, ann, { participant_flags: ['disable_moh', 'video_mute'] });
  await hearingMatrix([ann, ben], all([ann, ben]));
  await ben.hangUp();
  await eventually(async () => (await participants(house, room.id)).size === 1, 'ben is still listed');
  // It would have begun within this time.
  await new Promise((wake) => setTimeout(wake, 1500));
  assert.deepEqual(ann.hears(), []);
  await ann.hangUp();
  await emptied(house, room.id);
});

test('variables of a dial, in body and query, are shown by participant, channel and record, and by nothing of others', async () => {
  const room = await aRoom(house);
  const [ann, ben] = [await house.phone({ user: 'ann', tone: ONE }), await house.phone({ user: 'ben', tone: TWO })];
  const { body } = await house.kazoo('PUT', `/conferences/${room.id}?order=8&shop=north`, {
    action: 'dial',
    data: { custom_application_vars: { order: 7, lane: 'left' }, data: { endpoints: [`sip:ann@${ann.address}`] } },
  });
  const vars = { order: '8', lane: 'left', shop: 'north' };
  const [{ call_id: call }] = body.data.endpoint_responses;
  await ben.call(room.number);
  const people = await eventually(async () => {
    const listed = await participants(house, room.id);
    return listed.has('ben') && listed;
  }, 'ben is not listed');
  assert.deepEqual(people.get('ann').custom_application_vars, vars);
  assert.equal('custom_application_vars' in people.get('ben'), false);
  assert.deepEqual((await house.kazoo('GET', `/channels/${call}`)).body.data.custom_application_vars, vars);
  for (const each of [ann, ben]) await each.hangUp();
  await emptied(house, room.id);
  const record = await eventually(async () => {
    const { body: list } = await house.kazoo('GET', '/cdrs');
    const found = list.data.find((each: { call_id: string }) => each.call_id === call);
    return found && (await house.kazoo('GET', `/cdrs/${found.id}`)).body.data;
  }, 'no record');
  assert.deepEqual(record.custom_application_vars, vars);
});
