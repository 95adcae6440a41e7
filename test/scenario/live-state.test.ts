import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Answer, eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const live = async (id: string): Promise<Answer['body']> => (await house.kazoo('GET', `/conferences/${id}`)).body.data._read_only;

test('an idle conference shows zeros', async () => {
  const room = await aRoom(house);
  const { members, moderators, duration, is_locked, participants: people } = await live(room.id);
  assert.deepEqual(
    { members, moderators, duration, is_locked, people },
    { members: 0, moderators: 0, duration: 0, is_locked: false, people: [] },
  );
});

test('what the API tells is what is: counts, call ids, flags, lock, gregorian times', async () => {
  const room = await aRoom(house);
  const started = Math.floor(Date.now() / 1000) + 62_167_219_200;
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const boss = await house.phone({ user: 'Boss', tone: 1050 });
  await boss.call(room.moderators);
  await numberOf(house, room.id, 'Boss');
  const seen = await live(room.id);
  assert.deepEqual(
    { members: seen.members, moderators: seen.moderators, is_locked: seen.is_locked },
    { members: 2, moderators: 1, is_locked: false },
  );
  assert.equal(seen.participants.length, 3);
  const people = await participants(house, room.id);
  assert.deepEqual(
    [...people.values()].map((each) => each.participant_id),
    [1, 2, 3],
  );
  for (const phone of [ann!, ben!, boss]) {
    const person = people.get(phone.name);
    assert.equal(person.call_id, phone.callId);
    assert.equal(person.caller_id_number, phone.name);
    assert.equal(person.conference_channel_vars.is_moderator, phone === boss);
    assert.equal(person.conference_channel_vars.speak, true);
    assert.equal(person.conference_channel_vars.hear, true);
    assert.ok(Math.abs(person.join_time - started) <= 5, `join_time ${person.join_time}, now ${started}`);
    assert.deepEqual(
      seen.participants.map((each: Answer['body']) => each.call_id).filter((each: string) => each === phone.callId),
      [phone.callId],
    );
  }

  await house.act(`${room.id}/participants/${people.get('Ann').participant_id}`, 'mute');
  await house.act(`${room.id}/participants/${people.get('Ben').participant_id}`, 'deaf');
  await house.act(room.id, 'lock');
  const changed = await participants(house, room.id);
  assert.deepEqual(
    ['Ann', 'Ben', 'Boss'].map((name) => [changed.get(name).conference_channel_vars.speak, changed.get(name).conference_channel_vars.hear]),
    [
      [false, true],
      [true, false],
      [true, true],
    ],
  );
  assert.equal((await live(room.id)).is_locked, true);

  await ben!.hangUp();
  await eventually(async () => (await live(room.id)).members === 1, 'Ben is still counted');
  await ann!.hangUp();
  await boss.hangUp();
  await emptied(house, room.id);
  // A lock ends when the last one leaves.
  assert.equal((await live(room.id)).is_locked, false);
});

test('who talks is shown as talking, and who is silent is not', async () => {
  const room = await aRoom(house);
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  ben!.rtp.send(false);
  await eventually(async () => {
    const people = await participants(house, room.id);
    return people.get('Ann')?.conference_channel_vars.talking === true && people.get('Ben')?.conference_channel_vars.talking === false;
  }, 'talking is not Ann alone');
  await ann!.hangUp();
  await ben!.hangUp();
});

test('a program may log in with the API key as well', async () => {
  const { api_key, account_id } = house.first;
  const answer = await house.fetch('PUT', '/v2/api_auth', { body: { data: { api_key } } });
  assert.equal(answer.status, 201);
  const list = await house.fetch('GET', `/v2/accounts/${account_id}/conferences`, { headers: { 'x-auth-token': answer.body.auth_token } });
  assert.equal(list.status, 200);
  assert.ok(list.body.data.some((each: Answer['body']) => each.id === house.first.conference_id));
  assert.equal((await house.fetch('GET', `/v2/accounts/${account_id}/conferences`)).status, 401);
});
