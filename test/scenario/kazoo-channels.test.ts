import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const channelOf = async (callId: string): Promise<Record<string, Json>> =>
  (await house.kazoo('GET', `/channels/${callId}`, undefined, { any: true })).body.data;

const guest = async (user: string, tone: number, number: string): Promise<Phone> => {
  const phone = await house.phone({ user, tone });
  await phone.call(number);
  await eventually(async () => (await channelOf(phone.callId))?.['participant_id'] !== undefined, `${user} is not in`);
  return phone;
};

const metaflow = async (phone: Phone, module: string, data: Json, children?: Json): Promise<void> => {
  const body = { action: 'metaflow', data: { module, data, ...(children === undefined ? {} : { children }) } };
  const answer = await house.kazoo('PUT', `/channels/${phone.callId}`, body);
  assert.deepEqual([answer.status, answer.body.data], [201, 'metaflow sent'], JSON.stringify(answer.body));
};

test('a call is transferred from one conference into another, and the one that it left goes on', async () => {
  const [one, two] = [await aRoom(house), await aRoom(house)];
  const ann = await guest('Ann', 400, one.number);
  const ben = await guest('Ben', 530, one.number);
  const cat = await guest('Cat', 660, one.number);
  const dan = await guest('Dan', 790, two.number);
  await hearingMatrix([ann, ben, cat, dan], { Ann: ['Ben', 'Cat'], Ben: ['Ann', 'Cat'], Cat: ['Ann', 'Ben'] });
  const moved = await house.kazoo('POST', `/channels/${ann.callId}`, { action: 'transfer', target: two.number });
  assert.equal(moved.status, 200, JSON.stringify(moved.body));
  await hearingMatrix([ann, ben, cat, dan], { Ann: ['Dan'], Dan: ['Ann'], Ben: ['Cat'], Cat: ['Ben'] });
  assert.equal((await channelOf(ann.callId))['conference_id'], two.id);
  const unknown = await house.kazoo('POST', `/channels/${ben.callId}`, { action: 'transfer', target: '999999' }, { any: true });
  assert.deepEqual([unknown.status, unknown.body.data], [404, { cause: '999999', message: 'bad identifier' }]);
  const odd = { action: 'transfer', target: '1', 'transfer-type': 'odd' };
  const refused = await house.kazoo('POST', `/channels/${ben.callId}`, odd, { any: true });
  assert.deepEqual([refused.status, refused.body.data['data.transfer_type'].enum.target], [400, ['blind', 'attended']]);
  await hearingMatrix([ben, cat], { Ben: ['Cat'], Cat: ['Ben'] });
  for (const each of [ann, ben, cat, dan]) await each.hangUp();
  await emptied(house, one.id);
  await emptied(house, two.id);
});

test('a call is sent to a device by number, and through a callflow into another room; in its lobby it is listed and can be hung up', async () => {
  const [one, two] = [await aRoom(house), await aRoom(house)];
  const { realm } = house.first;
  const { body: device } = await house.kazoo('PUT', '/devices', { name: 'Desk', sip: { username: 'desk', password: 'desk-secret' } });
  const desk = await house.phone({ user: 'desk', domain: realm, auth: { user: 'desk', password: 'desk-secret' }, tone: 530 });
  assert.equal(await desk.register(), 200);
  const flow = async (number: string, tree: Json) =>
    (await house.kazoo('PUT', '/callflows', { numbers: [number], flow: tree })).body.data.id;
  await flow('7100', { module: 'device', data: { id: device.data.id } });
  const to = { id: two.id, welcome_prompt: { play: false } };
  const back = await flow('7101', { module: 'sleep', data: { duration: 1 }, children: { _: { module: 'conference', data: to } } });
  const ann = await guest('Ann', 400, one.number);
  await metaflow(ann, 'transfer', { target: '7100', 'Transfer-Type': 'blind' });
  await hearingMatrix([ann, desk], all([ann, desk]));
  const channel = await channelOf(ann.callId);
  assert.deepEqual([channel['answered'], channel['conference_id'], channel['participant_id']], [true, undefined, undefined]);
  assert.equal((await participants(house, one.id)).size, 0);
  const listed = (await house.kazoo('GET', '/channels')).body.data.map((each: { direction: string }) => each.direction).sort();
  assert.deepEqual(listed, ['inbound', 'outbound']);
  // Out of the lobby again, where the one who was called for him is let go.
  const parted = desk.ended();
  await metaflow(ann, 'callflow', { id: back });
  await parted;
  const ben = await guest('Ben', 660, two.number);
  await hearingMatrix([ann, ben], all([ann, ben]));
  await metaflow(ann, 'transfer', { target: '7100' });
  await hearingMatrix([ann, desk, ben], { Ann: ['desk'], desk: ['Ann'] });
  const gone = [ann.ended(), desk.ended()];
  await metaflow(ann, 'hangup', {});
  await Promise.all(gone);
  await eventually(async () => (await channelOf(ann.callId))['call_id'] === undefined, 'the call is still listed');
  await ben.hangUp();
  await emptied(house, two.id);
});

test('an attended transfer: the call stays in its room until whoever is called has answered; who does not answer gets nobody', async () => {
  const room = await aRoom(house);
  const [ann, ben] = [await guest('Ann', 400, room.number), await guest('Ben', 530, room.number)];
  const target = await house.phone({ user: 'target', tone: 790 });
  const answer = target.sip.onRequest;
  target.sip.onRequest = () => {};
  const sent = { target: `sip:target@${target.address}`, 'Transfer-Type': 'attended' };
  await metaflow(ann, 'transfer', sent);
  await eventually(async () => (await house.kazoo('GET', '/channels')).body.data.length === 3, 'it does not ring');
  await hearingMatrix([ann, ben], all([ann, ben]));
  const rings = (await house.kazoo('GET', '/channels')).body.data.find((each: { answered: boolean }) => !each.answered);
  await house.kazoo('POST', `/channels/${rings.call_id}`, { action: 'hangup' });
  await eventually(async () => (await house.kazoo('GET', '/channels')).body.data.length === 2, 'it still rings');
  await hearingMatrix([ann, ben], all([ann, ben]));
  target.sip.onRequest = answer;
  await metaflow(ann, 'transfer', sent);
  await hearingMatrix([ann, target, ben], { Ann: ['target'], target: ['Ann'] });
  const over = ann.ended();
  await target.hangUp();
  await over;
  await ben.hangUp();
  await emptied(house, room.id);
});

test('a call in its lobby hears what is played and said to it, and is held there', async () => {
  const { realm } = house.first;
  const auth = { user: 'porch', password: 'porch-secret' };
  const { body: device } = await house.kazoo('PUT', '/devices', { name: 'Porch', sip: { username: auth.user, password: auth.password } });
  const porch = await house.phone({ user: auth.user, domain: realm, auth, tone: 530 });
  assert.equal(await porch.register(), 200);
  await house.kazoo('PUT', '/callflows', { numbers: ['7300'], flow: { module: 'device', data: { id: device.data.id } } });
  const ann = await house.phone({ user: 'Ann', tone: 400 });
  await ann.call('7300');
  await hearingMatrix([ann, porch], all([ann, porch]));
  await metaflow(ann, 'hold', {});
  await hearingMatrix([ann, porch], {});
  await metaflow(ann, 'resume', {});
  await hearingMatrix([ann, porch], all([ann, porch]));
  await metaflow(ann, 'play', { id: 'tone_stream://%(1500,0,1050)' });
  await eventually(() => ann.hears().includes(1050), 'the sound is not heard');
  let isOver = false;
  const gone = Promise.all([ann.ended(), porch.ended()]).then(() => {
    isOver = true;
  });
  await metaflow(ann, 'play', { id: 'tone_stream://%(1500,0,790)' }, { _: { module: 'hangup', data: {} } });
  await eventually(() => ann.hears().includes(790), 'the sound before the end is not heard');
  assert.equal(isOver, false, 'what stands behind a sound waits for it in a lobby, too');
  await gone;
});

test('what stands behind a sound is done when the sound is over, and not before', async () => {
  const room = await aRoom(house);
  const ann = await guest('Ann', 400, room.number);
  const ben = await guest('Ben', 530, room.number);
  await metaflow(
    ann,
    'play',
    { id: 'tone_stream://%(1500,0,1050)' },
    { _: { module: 'play', data: { id: 'tone_stream://%(900,0,790)' }, children: { _: { module: 'hangup', data: {} } } } },
  );
  assert.equal((await participants(house, room.id)).size, 2, 'the answer did not wait');
  await eventually(() => ann.hears().includes(1050), 'the first sound is not heard');
  await eventually(() => ann.hears().includes(790), 'the second sound is not heard');
  await ann.ended();
  await eventually(async () => (await participants(house, room.id)).size === 1, 'Ann is still listed');
  await ben.hangUp();
  await emptied(house, room.id);
});

test('a call that rings is listed, cannot be sent elsewhere, and can be hung up', async () => {
  const room = await aRoom(house);
  const rung = await house.phone({ user: 'rung' });
  // It rings and never answers: its line is taken over by hand.
  rung.sip.onRequest = () => {};
  const dialled = house.kazoo('PUT', `/conferences/${room.id}`, {
    action: 'dial',
    data: { endpoints: [`sip:rung@${rung.address}`], timeout: 20, outbound_call_id: 'ring-ring' },
  });
  const channel = await eventually(async () => {
    const found = await channelOf('ring-ring');
    return found?.['call_id'] === 'ring-ring' ? found : undefined;
  }, 'it does not ring');
  assert.deepEqual([channel['answered'], channel['direction'], channel['conference_id']], [false, 'outbound', room.id]);
  const early = await house.kazoo('POST', '/channels/ring-ring', { action: 'transfer', target: room.number }, { any: true });
  assert.equal(early.status, 409, JSON.stringify(early.body));
  assert.equal((await house.kazoo('POST', '/channels/ring-ring', { action: 'hold' }, { any: true })).status, 404);
  assert.equal((await house.kazoo('POST', '/channels/ring-ring', { action: 'hangup' })).status, 200);
  const { body } = await dialled;
  assert.equal(body.data.endpoint_responses[0].status, 'error', JSON.stringify(body));
  await eventually(async () => (await channelOf('ring-ring'))['call_id'] === undefined, 'it is still listed');
});
