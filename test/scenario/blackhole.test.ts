import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { Client, type Frame } from '../kit/blackhole-client.ts';
import { eventually, type House, participants, startHouse } from '../kit/house.ts';
import { aRoom, emptied, numberOf, party } from '../kit/party.ts';

let house: House;
const clients: Client[] = [];
before(async () => {
  house = await startHouse();
});
after(async () => {
  for (const each of clients) each.socket.terminate();
  await house.close();
});

const token = async (): Promise<string> => (await house.kazoo('GET', '/conferences')).body.auth_token;

async function follower(binding: string, auth?: string): Promise<Client> {
  assert.ok(house.blackhole, 'ready.json names the websocket');
  const client = new Client(new WebSocket(house.blackhole));
  clients.push(client);
  await client.opened;
  const data = { account_id: house.first.account_id, binding };
  const { status } = await client.ask({ action: 'subscribe', auth_token: auth ?? (await token()), data });
  assert.equal(status, 'success');
  return client;
}

const count = (client: Client, name: string): number => client.events.filter((each) => each === name).length;

/** Who is in and what he may, out of events alone. */
function folded(frames: readonly Frame[]): Record<string, unknown> {
  const people = new Map<number, unknown>();
  for (const { data } of frames.filter((each) => each.action === 'event')) {
    if (data.event === 'conference-destroy') people.clear();
    else if (data.event === 'del-member') people.delete(data.participant_id);
    else if (data.participant_id !== undefined) {
      const { call_id, caller_id_name, speak, hear, is_moderator } = data;
      people.set(data.participant_id, { call_id, caller_id_name, speak, hear, is_moderator });
    }
  }
  return Object.fromEntries(people);
}

/** A start only of somebody who is in, is heard and does not talk yet; a stop only after a start, before he is muted or gone. */
function checkTalk(frames: readonly Frame[]): void {
  const heard = new Set<number>();
  const talking = new Set<number>();
  for (const { data } of frames.filter((each) => each.action === 'event')) {
    const who = data.participant_id;
    if (data.event === 'add-member' || data.event === 'unmute-member') if (data.speak) heard.add(who);
    if (data.event === 'start-talking') {
      assert.ok(heard.has(who) && !talking.has(who), `${who} starts`);
      talking.add(who);
    }
    if (data.event === 'stop-talking') assert.ok(talking.delete(who), `${who} stops`);
    if (data.event === 'mute-member' || data.event === 'del-member') {
      assert.ok(!talking.has(who), `${who} is ${data.event} while he talks`);
      heard.delete(who);
    }
  }
  assert.deepEqual([...talking], [], 'everybody has stopped');
}

test('telephones come, talk, are muted and go: whoever follows knows the room as the API shows it', async () => {
  const room = await aRoom(house);
  const all = await follower(`conference.event.${room.id}.*`);
  const every = await follower('conference.event.*.*');
  const [ann, ben] = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const { callId } = ben!;
  const one = await follower(`conference.event.${room.id}.${callId}`);
  await eventually(() => count(all, 'start-talking') >= 2, 'the tones were not told as talk');
  await house.act(`${room.id}/participants/${await numberOf(house, room.id, 'Ann')}`, 'mute');
  await house.act(`${room.id}/participants/${await numberOf(house, room.id, 'Ben')}`, 'deaf');
  await house.act(room.id, 'lock');
  await eventually(() => count(all, 'lock') === 1, 'the lock was not told');
  const live = await participants(house, room.id);
  const shown = [...live.values()].map(({ participant_id, call_id, caller_id_name, speak, hear, is_moderator }) => [
    participant_id,
    { call_id, caller_id_name, speak, hear, is_moderator },
  ]);
  assert.deepEqual(folded(all.frames), Object.fromEntries(shown));
  await ann!.hangUp();
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
  await eventually(() => count(all, 'conference-destroy') === 1, 'the end was not told');
  await eventually(() => every.events.length === all.events.length, 'the wildcard heard something else');
  checkTalk(all.frames);
  assert.deepEqual(folded(all.frames), {});
  for (const [opening, closing] of [
    ['conference-create', 'conference-destroy'],
    ['add-member', 'del-member'],
    ['lock', 'unlock'],
  ] as const) {
    assert.equal(count(all, opening), count(all, closing), `${opening} and ${closing}`);
  }
  assert.ok(one.frames.filter((each) => each.action === 'event').every(({ data }) => data.call_id === callId));
  assert.equal(count(one, 'del-member'), 1);
  const ids = all.frames.filter((each) => each.action === 'event').map(({ data }) => data.msg_id);
  assert.equal(new Set(ids).size, ids.length);
});

test('the sessions of the account are listed while they are there', async () => {
  const client = await follower('conference.event.listed.*');
  const listed = async (): Promise<Frame | undefined> => {
    const { body } = await house.kazoo('GET', '/websockets');
    return body.data.find((each: Frame) => each.bindings.includes('conference.event.listed.*'));
  };
  const session = await listed();
  assert.ok(session);
  assert.equal(`ws://${session.destination}`, house.blackhole);
  assert.equal((await house.kazoo('GET', `/websockets/${session.websocket_session_id}`)).body.data.source, session.source);
  client.socket.close();
  await eventually(async () => (await listed()) === undefined, 'it is listed still');
});

test('a mute by the API is told to a hundred within moments', async () => {
  const room = await aRoom(house);
  const auth = await token();
  const crowd = await Promise.all(Array.from({ length: 100 }, () => follower(`conference.event.${room.id}.*`, auth)));
  await party(house, room.number, { names: ['Ann'] });
  await house.act(`${room.id}/participants`, 'mute');
  const start = performance.now();
  await eventually(() => crowd.every((each) => count(each, 'mute-member') === 1), 'somebody was not told');
  assert.ok(performance.now() - start < 2000);
  await house.act(`${room.id}/participants`, 'kick');
  await emptied(house, room.id);
});

test('a server that stops tells how everything ended, and says goodbye', async () => {
  const room = await aRoom(house);
  const client = await follower(`conference.event.${room.id}.*`);
  await party(house, room.number, { names: ['Ann'] });
  await eventually(() => count(client, 'start-talking') === 1, 'no talk');
  const stopped = house.stop();
  assert.equal((await client.closed)[0], 1001);
  assert.equal((await stopped).code, 0);
  assert.deepEqual(client.events.slice(-3), ['stop-talking', 'del-member', 'conference-destroy']);
  assert.equal(client.frames.find((each) => each.data?.event === 'del-member').data.leave_reason, 'shutdown');
});
