import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { type EventHouse, openEventHouse } from '../../../../test/kit/event-house.ts';
import { eventually } from '../../../../test/kit/house.ts';
import { type AccountId, openAccounts } from '../../../accounts/index.ts';
import { dashed, type JsonObject } from '../../../base/index.ts';
import type { ConferenceId, Fact, Participant, TranscriptionId } from '../../../conference/index.ts';
import { NEVER, stamp } from '../stamp.ts';
import { eventsOf } from './event.ts';
import { openLook } from './look.ts';

interface Frame {
  readonly type: string;
  readonly topic: string;
  readonly timestamp: string;
  readonly data: { readonly id: string; readonly status: string; readonly conferencecall_ids: readonly string[] };
}

/** A stock websocket client that has asked for topics. */
async function reader(house: EventHouse, topics: readonly string[], key = house.accessKey) {
  const socket = new WebSocket(`${house.api.url.replace('http', 'ws')}/v1.0/ws?accesskey=${key}`);
  const frames: Frame[] = [];
  socket.on('message', (bytes) => frames.push(JSON.parse(String(bytes))));
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  await once(socket, 'open');
  socket.send('no JSON at all');
  socket.send(JSON.stringify({ type: 'subscribe', topics }));
  return { socket, frames, closed };
}

/** Frames are told in order: once this one's own conference was told of, everything before it was. */
async function toldAll(house: EventHouse, { frames }: { frames: readonly Frame[] }): Promise<readonly Frame[]> {
  const { conference } = await house.conferences.execute('conference.create', { document: { name: 'mark' } }, house.actor);
  await eventually(() => frames.some(({ data }) => data.id === dashed(conference.id)), 'the last event never came');
  return frames.filter(({ data }) => data.id !== dashed(conference.id));
}

test('a customer’s events: each once, in order, with what they are about as it is', async () => {
  await using house = await openEventHouse();
  const mine = `customer_id:${dashed(house.account)}`;
  const all = await reader(house, [mine, `${mine}:conference`, `${mine}:conference:*`]);
  const [, people] = [all, await reader(house, [`${mine}:conferencecall`, `${mine}:conference:conference_created`])];
  // A topic is followed once the frame that asked for it was read.
  await eventually(async () => {
    await house.conferences.execute('conference.create', { document: {} }, house.actor);
    return all.frames.length > 0 && people.frames.length > 0;
  }, 'nothing is told');
  await toldAll(house, all);
  await toldAll(house, people);
  all.frames.length = 0;
  people.frames.length = 0;
  const id = '0123456789abcdef0123456789abcdef';
  await house.create(id);
  await house.join(id, { id: 'call-1' });
  await house.conferences.execute('participants.kick', { conference: id as never, which: 'all' }, house.actor);
  await house.join(id, { id: 'call-2' });
  await house.conferences.execute('conference.delete', { conference: id as never, keep: true }, house.actor);
  const told = await toldAll(house, all);
  assert.deepEqual(
    told.map(({ type }) => type),
    [
      'conference_created',
      'conferencecall_joining',
      'conferencecall_joined',
      'conference_updated',
      'conferencecall_leaving',
      'conferencecall_leaved',
      'conference_updated',
      'conferencecall_joining',
      'conferencecall_joined',
      'conference_updated',
      'conferencecall_leaving',
      'conferencecall_leaved',
      'conference_updated',
      'conference_deleted',
    ],
  );
  assert.deepEqual(
    told.filter(({ type }) => type.startsWith('conferencecall')).map(({ data }) => data.status),
    ['joining', 'joined', 'leaving', 'leaved', 'joining', 'joined', 'leaving', 'leaved'],
  );
  const last = told.at(-1)!;
  assert.deepEqual([last.data.id, last.data.status, last.topic], [dashed(id), 'terminated', `${mine}:conference:${dashed(id)}`]);
  assert.match(last.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const some = await toldAll(house, people);
  assert.deepEqual([...new Set(some.map(({ type }) => type.split('_')[0]))], ['conference', 'conferencecall']);
  assert.equal(some.filter(({ type }) => type === 'conference_updated').length, 0);
  for (const { socket } of [all, people]) socket.close();
});

test('who asks for another customer, for nonsense, or in bytes is sent away with a reason; nobody else’s events are told', async () => {
  await using house = await openEventHouse();
  const theirs = await reader(house, [`customer_id:${dashed(house.stranger)}`]);
  assert.deepEqual(await theirs.closed, { code: 1008, reason: 'this customer is not yours' });
  const nonsense = await reader(house, ['everything']);
  assert.equal((await nonsense.closed).code, 1008);
  // Of agents nothing is told: a topic that would never be told of anything is no topic.
  const agent = await reader(house, [`agent_id:${dashed(house.account)}`]);
  assert.equal((await agent.closed).code, 1008);
  const bytes = await reader(house, []);
  bytes.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await bytes.closed).code, 1003);
  const stranger = await reader(house, [`customer_id:${dashed(house.stranger)}`], 'c'.repeat(64));
  await house.create('ours');
  const actor = { account: house.stranger as never, kind: 'api' } as const;
  await eventually(async () => {
    await house.conferences.execute('conference.create', { document: {} }, actor);
    return stranger.frames.length > 0;
  }, 'nothing is told');
  assert.equal(
    stranger.frames.every(({ topic }) => topic.startsWith(`customer_id:${dashed(house.stranger)}:`)),
    true,
  );
  stranger.socket.close();
  const refused = new WebSocket(`${house.api.url.replace('http', 'ws')}/v1.0/ws`);
  const [, answer] = await once(refused, 'unexpected-response');
  assert.equal(answer.statusCode, 401);
  refused.on('error', () => {});
  refused.terminate();
});

test('what is told late of a conference that is over says terminating, and terminated only with its end', async () => {
  await using house = await openEventHouse();
  const { conference } = await house.conferences.execute('conference.create', { document: { name: 'brief' } }, house.actor);
  const look = openLook({ execute: house.conferences.execute });
  const factsNow = () => house.store.conferences.facts(house.account as AccountId, conference.id, 0);
  const told = async (facts: readonly Fact[]) => {
    const events = (await Promise.all(facts.map((fact) => eventsOf(fact, look)))).flat();
    return events
      .filter(({ type }) => type.startsWith('conference_'))
      .map(({ type, data }) => [type, data['status'], data['tm_end'] === NEVER]);
  };
  await house.join(conference.id, { id: 'x' });
  await house.conferences.execute('participants.kick', { conference: conference.id, which: 'all' }, house.actor);
  const facts = (await factsNow()).filter(({ type }) => type === 'participant.joined' || type === 'participant.left');
  assert.equal(facts.length, 2);
  const updated = (status: string) => facts.map(() => ['conference_updated', status, true]);
  assert.deepEqual(await told(facts), updated('progressing'));
  await house.conferences.execute('conference.delete', { conference: conference.id, keep: true }, house.actor);
  assert.deepEqual(await told(facts), updated('terminating'));
  const end: Fact = { type: 'conference.deleted', account: house.account as AccountId, conference: conference.id, at: 1, sequence: 99 };
  assert.deepEqual(await told([end]), [['conference_deleted', 'terminated', false]]);
});

test('a server that stops says so to those who follow, and does not wait for them', async () => {
  const house = await openEventHouse();
  const { closed } = await reader(house, [`customer_id:${dashed(house.account)}`]);
  await house[Symbol.asyncDispose]();
  assert.deepEqual(await closed, { code: 1001, reason: 'the server is stopping' });
});

test('who is no admin is told of the conferences that he owns or moderates, as long as he does', async () => {
  await using house = await openEventHouse();
  const { clock, chance } = house.options;
  const account = house.account as AccountId;
  const book = openAccounts({ store: house.store.accounts, clock, chance });
  const user = await book.createUser({ account, username: 'ada', privilege: 'user', password: 'secret word' });
  const { token } = await book.createAccessKey({ account, user: user.id });
  const ada = await reader(house, [`customer_id:${dashed(house.account)}`], token);
  const make = async (document: JsonObject): Promise<string> =>
    dashed((await house.conferences.execute('conference.create', { document }, house.actor)).conference.id);
  await eventually(async () => {
    await make({ owner_id: user.id });
    return ada.frames.length > 0;
  }, 'nothing is told of her own');
  const moderated = { moderator: { users: [user.id] } };
  const [led, foreign] = [await make(moderated), await make({ name: 'foreign' })];
  await house.join(foreign.replaceAll('-', ''), { id: 'x' });
  const conference = led.replaceAll('-', '') as ConferenceId;
  await house.join(conference, { id: 'y' });
  const own = await make({ owner_id: user.id, name: 'mark' });
  await eventually(() => ada.frames.some(({ data }) => data.id === own), 'the last event never came');
  assert.equal(
    ada.frames.some((each) => JSON.stringify(each).includes(foreign)),
    false,
  );
  assert.ok(ada.frames.some(({ type, data }) => type === 'conferencecall_joined' && JSON.stringify(data).includes(led)));
  // She is taken from the list of moderators: from now on she hears nothing of it.
  const { conference: now } = await house.conferences.execute('conference.read', { conference }, house.actor);
  await house.conferences.execute('conference.replace', { conference, document: {}, revision: now.revision }, house.actor);
  const before = ada.frames.length;
  await house.conferences.execute('participants.kick', { conference, which: 'all' }, house.actor);
  const end = await make({ owner_id: user.id });
  await eventually(() => ada.frames.some(({ data }) => data.id === end), 'the last event never came');
  assert.equal(
    ada.frames.slice(before).some(({ type }) => type.startsWith('conferencecall')),
    false,
  );
  ada.socket.close();
});

test('what somebody says that is written down begins and ends in pairs, without words; nobody is told of half of one', async () => {
  await using house = await openEventHouse();
  const { clock, chance } = house.options;
  const account = house.account as AccountId;
  const book = openAccounts({ store: house.store.accounts, clock, chance });
  const user = await book.createUser({ account, username: 'ada', privilege: 'user', password: 'secret word' });
  const { token } = await book.createAccessKey({ account, user: user.id });
  const mine = `customer_id:${dashed(account)}`;
  const [all, ada] = [await reader(house, [mine]), await reader(house, [mine], token)];
  const make = (document: JsonObject) => house.conferences.execute('conference.create', { document }, house.actor);
  await eventually(async () => {
    await make({ owner_id: user.id });
    return all.frames.length > 0 && ada.frames.length > 0;
  }, 'nothing is told');
  const transcription = '1'.repeat(32) as TranscriptionId;
  const { conference } = await make({ owner_id: user.id, member: { join_muted: false } });
  await house.join(conference.id, { id: 'x' });
  const { room } = (await house.conferences.execute('conference.read', { conference: conference.id }, house.actor)).conference;
  const [{ call }] = room!.participants as [Participant];
  const speech = house.conferences.speech();
  const from = clock.epoch();
  const says = () =>
    speech.on({ room: { account, conference: conference.id, instance: room!.instance }, leg: call.leg, transcription, from });
  const said = () => speech.off({ leg: call.leg, transcription });
  const turns = ({ frames }: { frames: readonly Frame[] }) => frames.filter(({ type }) => type.startsWith('transcribe_speech'));
  says();
  await eventually(() => turns(ada).length === 1, 'she is not told that it begins');
  const late = await reader(house, [`${mine}:transcribe`]);
  // She may not see it any more; but what began for her ends.
  const { revision } = (await house.conferences.execute('conference.read', { conference: conference.id }, house.actor)).conference;
  await house.conferences.execute('conference.replace', { conference: conference.id, document: {}, revision }, house.actor);
  said();
  await eventually(() => turns(ada).length === 2 && turns(all).length === 2, 'it does not end');
  says();
  said();
  await eventually(() => turns(all).length === 4, 'it does not begin again');
  await toldAll(house, all);
  const [one, other] = ['transcribe_speech_started', 'transcribe_speech_ended'];
  assert.deepEqual(
    turns(all).map(({ type }) => type),
    [one, other, one, other],
  );
  assert.deepEqual(
    turns(ada).map(({ type }) => type),
    [one, other],
  );
  const heardLate = turns(late).map(({ type }) => type);
  assert.ok(heardLate.length % 2 === 0 && heardLate[0] !== other, heardLate.join());
  const id = dashed(transcription);
  const { data, topic } = turns(all)[0]!;
  assert.equal(topic, `${mine}:transcribe:${id}`);
  assert.partialDeepStrictEqual(data, {
    ...{ id, customer_id: dashed(account), transcribe_id: id, direction: 'in', tm_create: stamp(Math.floor(from)) },
  });
  assert.ok(!('message' in data));
  for (const { socket } of [all, ada, late]) socket.close();
});
