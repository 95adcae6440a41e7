import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, hearingMatrix } from '../kit/hearing.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied } from '../kit/party.ts';

let house: House;
before(async () => {
  house = await startHouse();
});
after(() => house.close());

const BRIDGE = { bridge_username: 'other-switch', bridge_password: 'between-switches' };

/** Who is asked for a PIN is alone in his lobby: only whoever joins without a word is listed. */
const withPin = { ...BRIDGE, member: { join_muted: false, pins: ['4711'] }, moderator: { join_muted: false, pins: ['4712'] } };

test('another media server brings calls in by the bridge’s name: no PIN, and the role that its header says', async () => {
  const room = await aRoom(house, withPin);
  const { realm } = house.first;
  const auth = { user: BRIDGE.bridge_username, password: BRIDGE.bridge_password };
  const ann = await house.phone({ user: 'other-switch', domain: realm, auth, tone: 400 });
  await ann.call(room.id, { lines: [['X-Conf-Flags-Moderator', 'true']] });
  // From an address of its own, by the header and the name that it proves.
  const ben = await house.phone({ user: 'Ben', auth, tone: 530 });
  await ben.call(room.id, { lines: [['X-Conf-Flags-Moderator', 'false']] });
  await hearingMatrix([ann, ben], { [ann.name]: ['Ben'], Ben: [ann.name] });
  const people = [...(await participants(house, room.id)).values()];
  assert.deepEqual(people.map((each) => each.is_moderator).sort(), [false, true]);
  assert.equal(people.find((each) => each.call_id === ann.callId).is_moderator, true);
  const wrong = await house.phone({ user: 'other-switch', domain: realm, auth: { ...auth, password: 'guessed' } });
  assert.equal(await wrong.tries(room.id), 403);
  const silent = await house.phone({ user: 'Sid' });
  assert.equal(await silent.tries(`${room.id}`), 200, 'a guest is asked for the PIN as ever');
  assert.equal((await participants(house, room.id)).size, 2);
  await silent.hangUp();
  for (const each of [ann, ben]) await each.hangUp();
  await emptied(house, room.id);
});

test('the account’s bridge is good for all its conferences, the document’s own comes first; what is no conference stays unknown', async () => {
  const own = { bridge_username: 'account-switch', bridge_password: 'account-secret' };
  assert.equal((await house.kazoo('PUT', '/configs/conferences', own)).status, 201);
  const room = await aRoom(house, { member: { join_muted: false, pins: ['4711'] } });
  // The account's configuration is believed for a second.
  await new Promise((wake) => setTimeout(wake, 1100));
  const auth = { user: own.bridge_username, password: own.bridge_password };
  const ann = await house.phone({ user: own.bridge_username, domain: house.first.realm, auth });
  await ann.call(room.id);
  await eventually(async () => (await participants(house, room.id)).size === 1, 'it is not listed');
  await ann.hangUp();
  await emptied(house, room.id);
  assert.equal(await ann.tries('f'.repeat(32)), 403);
  await house.kazoo('DELETE', '/configs/conferences');
});

test('a conference’s domain is another way to its numbers and id, and to nothing else', async () => {
  const room = await aRoom(house, { domain: 'Conf.Example.COM' });
  const other = await aRoom(house);
  const phones = [];
  for (const [user, uri, tone] of [
    ['Ann', `sip:${room.moderators}@conf.example.com`, 400],
    ['Ben', `sip:${room.id}@CONF.example.com`, 530],
  ] as const) {
    const phone = await house.phone({ user, tone });
    await phone.call(uri);
    phones.push(phone);
  }
  await hearingMatrix(phones, all(phones));
  const people = await participants(house, room.id);
  assert.equal(people.get('Ann').is_moderator, true, 'the number gives the role');
  const cat = await house.phone({ user: 'Cat' });
  for (const uri of [`sip:${other.number}@conf.example.com`, `sip:${other.id}@conf.example.com`, `sip:${room.number}@example.com`]) {
    assert.equal(await cat.tries(uri), 404, uri);
  }
  for (const each of phones) await each.hangUp();
  await emptied(house, room.id);
  assert.equal((await house.kazoo('PATCH', `/conferences/${room.id}`, { domain: null })).status, 200);
  assert.equal(await cat.tries(`sip:${room.number}@conf.example.com`), 404, 'it is given up');
});
