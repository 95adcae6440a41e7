import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type House, participants, startHouse } from '../kit/house.ts';
import { emptied, quiet } from '../kit/party.ts';

let house: House;

before(async () => {
  house = await startHouse();
  await quiet(house);
});
after(() => house.close());

async function made(path: string, data: Json): Promise<Record<string, string> & { id: string }> {
  const { status, body } = await house.kazoo('PUT', path, data);
  assert.equal(status, 201, JSON.stringify(body));
  return body.data;
}

test('a device that KAZOO’s API makes registers, calls a callflow’s number and is in its conference; changed or removed it is out', async () => {
  const { realm, conference_id } = house.first;
  const { id } = await made('/devices', { name: 'Desk', sip: { username: 'desk1', password: 'desk-secret' } });
  await made('/callflows', {
    numbers: ['7000'],
    flow: { module: 'conference', data: { id: conference_id, welcome_prompt: { play: false } } },
  });
  const auth = { user: 'desk1', password: 'desk-secret' };
  const ann = await house.phone({ user: 'desk1', domain: realm, auth, tone: 400 });
  assert.equal(await ann.register(), 200);
  await ann.call('7000');
  const ben = await house.phone({ user: 'Ben', tone: 530 });
  await ben.call('3000');
  await hearingMatrix([ann, ben], all([ann, ben]));
  const person = [...(await participants(house, conference_id)).values()].find((each) => each.call_id === ann.callId);
  assert.equal(person.custom_channel_vars.authorizing_id, id);
  const { body } = await house.kazoo('GET', `/devices/${id}/channels`);
  assert.deepEqual(
    body.data.map((each: { call_id: string }) => each.call_id),
    [ann.callId],
  );
  const hungUp = await house.kazoo('POST', `/channels/${ann.callId}`, { action: 'hangup' });
  assert.equal(hungUp.status, 200, JSON.stringify(hungUp.body));
  await ben.hangUp();
  await emptied(house, conference_id);
  assert.equal((await house.kazoo('PATCH', `/devices/${id}`, { sip: { password: 'another-secret' } })).status, 200);
  assert.notEqual(await ann.register(), 200, 'the old password');
  const again = await house.phone({ user: 'desk1', domain: realm, auth: { ...auth, password: 'another-secret' } });
  assert.equal(await again.register(), 200);
  assert.equal((await house.kazoo('DELETE', `/devices/${id}`)).status, 200);
  assert.notEqual(await again.register(), 200, 'it is gone');
});

test('a feature code leads to the conference that it names', async () => {
  const { conference_id } = house.first;
  await made('/callflows', {
    patterns: ['^\\*88([0-9a-f]{32})$'],
    flow: { module: 'conference_feature', data: { welcome_prompt: { play: false } } },
  });
  const ann = await house.phone({ user: 'Ann', tone: 400 });
  await ann.call(`*88${conference_id}`);
  const ben = await house.phone({ user: 'Ben', tone: 530 });
  await ben.call('3000');
  await hearingMatrix([ann, ben], all([ann, ben]));
  await ann.hangUp();
  await ben.hangUp();
  await emptied(house, conference_id);
});

test('[S2] relate through the channel: who is muted for one is heard by the other', async () => {
  const { conference_id } = house.first;
  const phones = [];
  for (const [user, tone] of [
    ['Ann', 400],
    ['Ben', 530],
    ['Cat', 660],
  ] as const) {
    const phone = await house.phone({ user, tone });
    await phone.call('3000');
    phones.push(phone);
  }
  const [ann, ben, cat] = phones as [(typeof phones)[0], (typeof phones)[0], (typeof phones)[0]];
  const numbers = [...(await participants(house, conference_id)).values()];
  const numberOf = (call: string) => numbers.find((each) => each.call_id === call).participant_id;
  const data = {
    module: 'relate',
    data: { participant_id: numberOf(ann.callId), other_participant: numberOf(ben.callId), relationship: 'mute' },
  };
  const { status, body } = await house.kazoo('PUT', `/channels/${ann.callId}`, { action: 'metaflow', data });
  assert.deepEqual([status, body.data], [201, 'metaflow sent']);
  await hearingMatrix([ann, ben, cat], { ...all([ann, ben, cat]), [ben.name]: [cat.name] });
  for (const each of phones) await each.hangUp();
});

test('a callflow rings a device, and both hear each other', async () => {
  const { realm } = house.first;
  const { id } = await made('/devices', { name: 'Rung', sip: { username: 'rung', password: 'rung-secret' } });
  await made('/callflows', { numbers: ['7001'], flow: { module: 'device', data: { id, timeout: 10 } } });
  const rung = await house.phone({ user: 'rung', domain: realm, auth: { user: 'rung', password: 'rung-secret' }, tone: 530 });
  assert.equal(await rung.register(), 200);
  const ann = await house.phone({ user: 'Ann', tone: 400 });
  await ann.call('7001');
  await hearingMatrix([ann, rung], all([ann, rung]));
  await ann.hangUp();
});
