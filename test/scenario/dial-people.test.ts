import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Json, JsonObject } from '../../src/base/index.ts';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { onlyRings } from '../kit/rings.ts';
import { answerTo, header } from '../kit/sip-text.ts';
import { TONES } from '../kit/sound.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const [ONE, TWO, THREE] = TONES as readonly [number, number, number];

/** Our own API, by the first account's key. */
const api = (method: string, path: string, body?: JsonObject) =>
  house.fetch(method, `/api${path}`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: body as Json }),
  });

/** A telephone of a person, registered. */
async function desk(username: string, tone: number, owner: string): Promise<Phone> {
  const password = `secret-${username}`;
  await house.kazoo('PUT', '/devices', { name: `${username}'s`, sip: { username, password }, owner_id: owner });
  const phone = await house.phone({ user: username, domain: house.first.realm, auth: { user: username, password }, tone });
  assert.equal(await phone.register(), 200);
  return phone;
}

test('all telephones of a person ring; who answers first has the call, the others are cancelled, and it is one row', async () => {
  const room = await aRoom(house);
  const user = (await house.kazoo('PUT', '/users', { first_name: 'Ann', last_name: 'Two', username: 'ann', password: 'a-pass-word' })).body
    .data.id;
  const [rings, answers] = [await desk('ann-home', ONE, user), await desk('ann-work', TWO, user)];
  const heard = onlyRings(rings);
  // It rings for a while before anybody takes it.
  const { onRequest } = answers.sip;
  answers.sip.onRequest = (request, reply) => {
    if (request.method !== 'INVITE') return onRequest?.(request, reply);
    reply(answerTo(request, '180 Ringing', { toTag: 'soon' }));
    answers.sip.onRequest = onRequest!;
    void eventually(() => heard.length > 0, 'the other does not ring').then(() => onRequest?.(request, reply));
  };
  const { body } = await house.act(room.id, 'dial', { endpoints: [user], outbound_call_id: 'for-ann' });
  const rows = body.data.endpoint_responses;
  assert.deepEqual(
    rows.map((each: { status: string; endpoint_id: string }) => [each.status, each.endpoint_id]),
    [['success', user]],
  );
  await eventually(() => heard.some((each) => each.method === 'ACK'), 'the other was not cancelled');
  assert.deepEqual(
    heard.map(({ method }) => method),
    ['INVITE', 'CANCEL', 'ACK'],
  );
  assert.deepEqual([header(heard[0]!, 'call-id'), answers.callId].sort(), ['for-ann', 'for-ann-2']);
  assert.equal((await participants(house, room.id)).size, 1);
  await answers.hangUp();
  await emptied(house, room.id);
});

test('who was dialled holds, comes back and moves his sound like everybody else', async () => {
  const room = await aRoom(house);
  const [ann, ben] = [await house.phone({ user: 'ann', tone: ONE }), await house.phone({ user: 'ben', tone: TWO })];
  await house.act(room.id, 'dial', { endpoints: [`sip:ann@${ann.address}`, `sip:ben@${ben.address}`] });
  await hearingMatrix([ann, ben], all([ann, ben]));
  for (const by of ['INVITE', 'UPDATE'] as const) {
    await ann.hold('sendonly', by);
    await hearingMatrix([ann, ben], {});
    await ann.resume(by);
    await hearingMatrix([ann, ben], all([ann, ben]));
  }
  await ben.move();
  await hearingMatrix([ann, ben], all([ann, ben]));
  await house.act(`${room.id}/participants`, 'kick');
  await Promise.all([ann.ended(), ben.ended()]);
  await emptied(house, room.id);
});

test('/api: people are called in, a row each; roles and flags act, and a repeated key calls nobody twice', async () => {
  const room = await aRoom(house);
  const [ann, ben] = [await house.phone({ user: 'ann', tone: ONE }), await house.phone({ user: 'ben', tone: TWO })];
  const busy = await house.phone({ user: 'busy' });
  busy.answers = false;
  const { status, body } = await api('POST', `/conferences/${room.id}/dial`, {
    endpoints: [`sip:ann@${ann.address}`, `sip:busy@${busy.address}`],
    role: 'moderator',
    muted: true,
    caller_name: 'The room',
    caller_number: '+15550100',
  });
  assert.equal(status, 200, JSON.stringify(body));
  const [first, second] = body.items;
  assert.deepEqual([first.status, first.code, first.sip_status], ['joined', null, null]);
  assert.deepEqual([second.status, second.code, second.sip_status], ['failed', 'dial_busy', 486]);
  const invite = ann.received.find((each) => each.method === 'INVITE')!;
  assert.match(header(invite, 'from'), /^"The room" <sip:\+15550100@/);
  const { is_moderator: isModerator, speak } = (await participants(house, room.id)).get('ann');
  assert.deepEqual([isModerator, speak], [true, false]);
  const asked = { endpoints: [`sip:ben@${ben.address}`] };
  const headers = { authorization: `Bearer ${house.first.access_key}`, 'idempotency-key': 'once' };
  const both = [];
  for (let n = 0; n < 2; n++) both.push((await house.fetch('POST', `/api/conferences/${room.id}/dial`, { headers, body: asked })).body);
  assert.deepEqual(both[1], both[0]);
  assert.equal(ben.received.filter((each) => each.method === 'INVITE').length, 1);
  assert.equal((await api('POST', `/conferences/${'f'.repeat(32)}/dial`, asked)).status, 404);
  assert.equal((await api('POST', `/conferences/${room.id}/dial`, { endpoints: [] })).status, 400);
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
});

test('/api/trunks: a number goes out through the trunk and comes in through it; the account’s own rules hold; its state is seen', async () => {
  const room = await aRoom(house);
  const far = await house.phone({ user: 'far', tone: THREE });
  const made = await api('POST', '/trunks', {
    name: 'provider',
    servers: [far.address],
    password: 'secret',
    username: 'us',
    outbound: [{ prefix: '+1', put: '001' }],
    probe_seconds: 1,
    max_calls: 1,
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.equal(made.body.has_password, true);
  assert.equal(JSON.stringify(made.body).includes('secret'), false);
  const state = async () => (await api('GET', `/trunks/${made.body.id}`)).body.state;
  await eventually(async () => (await state()).reachable === true, 'the trunk is not reachable');
  const metrics = async () => String((await house.fetch('GET', '/metrics')).body);
  assert.match(await metrics(), /^parley_trunk_up\{trunk="[0-9a-f]{32}"\} 1$/m);

  const row = async (number: string) => (await house.act(room.id, 'dial', { endpoints: [number] })).body.data.endpoint_responses[0];
  assert.equal((await row('(415) 886-7900')).status, 'success');
  assert.match(far.received.find((each) => each.method === 'INVITE')!.uri, /^sip:0014158867900@/);
  assert.equal((await state()).calls, 1);
  assert.equal((await row('4158867901')).error, 'trunk_full');
  await far.hangUp();
  await eventually(async () => (await state()).calls === 0, 'the call is still counted');

  // What comes in over it is in E.164, and finds the room by its digits.
  await aRoom(house, { member: { join_muted: false, numbers: ['15550177'] }, moderator: { numbers: ['15550178'], join_muted: false } });
  await api('PATCH', `/trunks/${made.body.id}`, { addresses: ['127.0.0.1'], inbound: [{ prefix: '00', put: '+' }] });
  await far.call('0015550178');
  await far.hangUp();
  assert.equal(await far.tries('0019990178'), 404);
  await api('PATCH', `/trunks/${made.body.id}`, { addresses: [] });

  await api('PATCH', '/account', { limits: { dial: { prefixes: ['+49'] } } });
  const denied = await row('4158867900');
  assert.deepEqual([denied.status, denied.error], ['error', 'dialling_denied']);
  assert.match(denied.message, /\+49/);
  await api('PATCH', '/account', { limits: { dial: { prefixes: null, enabled: false } } });
  assert.equal((await row('4158867900')).error, 'dialling_denied');
  await api('PATCH', '/account', { limits: { dial: null } });

  // Turned off, there is no way out.
  assert.equal((await api('PATCH', `/trunks/${made.body.id}`, { enabled: false })).status, 200);
  await eventually(
    async () =>
      (await house.kazoo('PUT', `/conferences/${room.id}`, { action: 'dial', data: { endpoints: ['4158867900'] } }, { any: true }))
        .status === 400,
    'it still dials',
  );
  assert.equal((await api('PATCH', `/trunks/${made.body.id}`, { register: true, servers: [] })).status, 400);
  assert.equal((await api('DELETE', `/trunks/${made.body.id}`)).status, 204);
  assert.equal((await api('GET', `/trunks/${made.body.id}`)).status, 404);
  await emptied(house, room.id);
});

test('a number is found however it is spelt; a flow that dials the room’s own number is refused too, one that dials another is not', async () => {
  const number = '14155550123';
  const room = await aRoom(house, { member: { join_muted: false, numbers: [number] } });
  const other = await aRoom(house);
  const flow = (to: string) => ({ module: 'offnet', data: { to_did: to }, children: {} });
  await house.kazoo('PUT', '/callflows', { numbers: ['7701'], flow: flow(`+${number}`) });
  await house.kazoo('PUT', '/callflows', { numbers: ['7702'], flow: flow('7701') });
  await house.kazoo('PUT', '/callflows', { numbers: ['7703'], flow: flow(other.number) });
  const tries = (endpoint: string) =>
    house.kazoo('PUT', `/conferences/${room.id}`, { action: 'dial', data: { endpoints: [endpoint], timeout: 2 } }, { any: true });
  for (const endpoint of [number, '(415) 555-0123', `+${number}`, `011${number}`, '7701', '7702']) {
    const { status, body } = await tries(endpoint);
    assert.equal(status, 400, endpoint);
    assert.match(JSON.stringify(body.data), /dial_into_itself/, endpoint);
  }
  const { status, body } = await tries('7703');
  assert.equal(status, 201, JSON.stringify(body));
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
  await emptied(house, other.id);
});
