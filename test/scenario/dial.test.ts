import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

/** A telephone of the account, registered. */
async function desk(username: string, tone: number, owner?: string) {
  const { body } = await house.kazoo('PUT', '/devices', {
    name: `${username}'s desk`,
    sip: { username, password: `secret-${username}` },
    ...(owner === undefined ? {} : { owner_id: owner }),
  });
  const phone = await house.phone({
    user: username,
    domain: house.first.realm,
    auth: { user: username, password: `secret-${username}` },
    tone,
  });
  assert.equal(await phone.register(), 200);
  return { id: String(body.data.id), phone };
}

const dial = (room: string, data: Parameters<House['act']>[2]) => house.act(room, 'dial', data);
const rows = async (answer: ReturnType<typeof dial>) => (await answer).body.data.endpoint_responses;

test('a device, a SIP URI and a caller hear one another; each row says who is in by which call', async () => {
  const room = await aRoom(house);
  const caller = await house.phone({ user: 'Cara', tone: 400 });
  await caller.call(room.number);
  const ann = await desk('ann', 530);
  const ben = await house.phone({ user: 'ben', tone: 660 });
  const uri = `sip:ben@${ben.address}`;
  const answer = await dial(room.id, {
    data: { endpoints: [ann.id, uri], outbound_call_id: 'my-call' },
    custom_application_vars: { order: 7 },
  });
  assert.equal(answer.status, 201);
  const [first, second] = answer.body.data.endpoint_responses;
  assert.deepEqual(
    [first.status, first.endpoint_id, first.call_id, first.message],
    ['success', ann.id, 'my-call', 'dial resulted in call id my-call'],
  );
  assert.deepEqual([second.status, second.endpoint_id, second.call_id], ['success', uri, 'my-call-2']);
  assert.match(first.job_id, /^[0-9a-f]{32}$/);
  assert.equal(ann.phone.callId, 'my-call');
  const phones = [caller, ann.phone, ben];
  await hearingMatrix(phones, all(phones));
  const people = await participants(house, room.id);
  assert.equal(people.get("ann's desk").call_id, 'my-call');
  assert.equal(people.get("ann's desk").custom_channel_vars.authorizing_id, ann.id);
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
  await Promise.all(phones.map((each) => each.ended()));
});

test('busy, unknown and unregistered ones each get a row; nothing at all is 400', async () => {
  const room = await aRoom(house);
  const busy = await house.phone({ user: 'busy' });
  busy.answers = false;
  const carl = await desk('carl', 740);
  await carl.phone.register(0);
  const unknown = 'f'.repeat(32);
  const found = await rows(dial(room.id, { endpoints: [`sip:busy@${busy.address}`, unknown, carl.id] }));
  assert.deepEqual(
    found.map((each: { status: string; message: string }) => [each.status, each.message]),
    [
      ['error', 'USER_BUSY'],
      ['error', `ID ${unknown} not found`],
      ['error', 'USER_NOT_REGISTERED'],
    ],
  );
  await emptied(house, room.id);
  const nobody = await house.kazoo(
    'PUT',
    `/conferences/${room.id}`,
    { action: 'dial', data: { endpoints: ['', 'no body', unknown] } },
    { any: true },
  );
  assert.equal(nobody.status, 400);
  assert.deepEqual(Object.keys(nobody.body.data).sort(), ['data.endpoints', 'data.endpoints.1', 'data.endpoints.2', 'data.endpoints.3']);
  assert.equal(nobody.body.data['data.endpoints.1'].enum.message, 'Value not a number, device or user ID, or SIP endpoint');
  assert.equal(nobody.body.data['data.endpoints.3'].not_found.message, `ID ${unknown} not found`);
});

test('what breaks the schema is 400 by KAZOO’s words', async () => {
  const room = await aRoom(house);
  const wrong = async (data: NonNullable<Parameters<House['act']>[2]>) => {
    const { status, body } = await house.kazoo('PUT', `/conferences/${room.id}`, { action: 'dial', data }, { any: true });
    assert.equal(status, 400);
    return body.data;
  };
  assert.ok((await wrong({}))['endpoints'].required);
  assert.ok((await wrong({ endpoints: [] }))['endpoints'].minItems);
  assert.ok((await wrong({ endpoints: ['1'], timeout: 0 }))['timeout'].minimum);
  const flags = await wrong({ endpoints: ['1'], participant_flags: ['loud'] });
  assert.ok(flags['participant_flags.0'].enum);
  assert.equal(flags['data.endpoints'].minItems.target, 1);
});

test('the flags act: mute, deaf, ghost, is_moderator, join_existing', async () => {
  const room = await aRoom(house);
  const dan = await house.phone({ user: 'dan', tone: 820 });
  const [late] = await rows(dial(room.id, { endpoints: [`sip:dan@${dan.address}`], participant_flags: ['join_existing'] }));
  assert.equal(late.status, 'error');
  const caller = await house.phone({ user: 'Cleo', tone: 400 });
  await caller.call(room.number);
  await rows(
    dial(room.id, { endpoints: [`sip:dan@${dan.address}`], participant_flags: ['join_existing', 'mute', 'deaf', 'ghost', 'is_moderator'] }),
  );
  const person = (await participants(house, room.id)).get('dan');
  const { is_moderator, hear, speak, conference_channel_vars } = person;
  assert.deepEqual([is_moderator, hear, speak, conference_channel_vars.member_ghost], [true, false, false, true]);
  await hearingMatrix([caller, dan], {});
  await dan.hangUp();
  await caller.hangUp();
  await emptied(house, room.id);
});

test('who is kicked or waits too long while his telephone rings is cancelled', async () => {
  const room = await aRoom(house);
  const mute = await house.phone({ user: 'mute' });
  // It rings and never answers: its line is taken over by hand.
  mute.sip.onRequest = () => {};
  const started = performance.now();
  const [row] = await rows(dial(room.id, { endpoints: [`sip:mute@${mute.address}`], timeout: 1 }));
  assert.deepEqual([row.status, row.message], ['error', 'NO_ANSWER']);
  assert.ok(performance.now() - started < 4000);
  await emptied(house, room.id);
});

test('a room that nobody configured lives as long as somebody is in it, and is never listed', async () => {
  const eve = await house.phone({ user: 'eve', tone: 530 });
  const fay = await house.phone({ user: 'fay', tone: 660 });
  const id = 'standup-today';
  await rows(
    dial(id, {
      endpoints: [`sip:eve@${eve.address}`, `sip:fay@${fay.address}`],
      play_entry_tone: false,
      play_exit_tone: false,
      recording_notice: false,
    }),
  );
  await hearingMatrix([eve, fay], all([eve, fay]));
  assert.equal((await house.kazoo('GET', `/conferences/${id}`)).body.data._read_only.members, 2);
  const { body } = await house.kazoo('GET', '/conferences');
  assert.equal(
    body.data.some((each: { id: string }) => each.id === id),
    false,
  );
  await eve.hangUp();
  await fay.hangUp();
  for (let left = 50; left > 0; left--) {
    if ((await house.kazoo('GET', `/conferences/${id}`, undefined, { any: true })).status === 404) return;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  assert.fail('the room is still there');
});

test('a number that leads back into the same room is refused; another room’s number joins the two', async () => {
  const [one, other] = [await aRoom(house), await aRoom(house)];
  const [gus, hal] = [await house.phone({ user: 'gus', tone: 400 }), await house.phone({ user: 'hal', tone: 530 })];
  await gus.call(one.number);
  await hal.call(other.number);
  const back = await house.kazoo('PUT', `/conferences/${one.id}`, { action: 'dial', data: { endpoints: [one.number] } }, { any: true });
  assert.equal(back.status, 400);
  assert.match(JSON.stringify(back.body.data), /dial_into_itself/);
  const [row] = await rows(dial(one.id, { endpoints: [other.number] }));
  assert.equal(row.status, 'success', JSON.stringify(row));
  await hearingMatrix([gus, hal], all([gus, hal]));
});
