import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NUMBER, openLineHouse as open } from '../../test/kit/line-house.ts';
import { LineStandIn } from '../../test/kit/line-stand-in.ts';
import type { JsonObject } from '../base/index.ts';

test('setup registers the webhook of the newest channel that has credentials; secrets are shown to nobody', async () => {
  const { request, line, made, house } = await open();
  assert.equal(made.status, 200);
  assert.deepEqual([made.body.type, made.body.name, made.body.secret, made.body.token], ['line', 'our channel', '', '']);
  const done = await request('POST', '/conversations/setup', { reference_type: 'line' });
  assert.deepEqual([done.status, done.body.id], [200, made.body.id]);
  assert.match(line.endpoint, new RegExp(`/v1.0/conversation/accounts/${made.body.id}$`));
  for (const body of [{ reference_type: 'message' }, {}, { reference_type: 7 }])
    assert.equal((await request('POST', '/conversations/setup', body)).status, 400);
  // Nothing of the credentials is shown, and an update that leaves them out keeps them.
  const renamed = await request('PUT', `/conversation_accounts/${made.body.id}`, { ...made.body, name: 'renamed' });
  assert.deepEqual([renamed.body.name, JSON.stringify(renamed.body).includes(line.secret)], ['renamed', false]);
  assert.equal((await request('POST', '/conversations/setup', { reference_type: 'line' })).status, 200);
  assert.equal((await request('PUT', `/conversation_accounts/${made.body.id}`, { token: 'of another channel' })).status, 200);
  assert.equal((await request('POST', '/conversations/setup', { reference_type: 'line' })).status, 409);
  line.trouble.push(503);
  assert.equal((await request('POST', '/conversations/setup', { reference_type: 'line' })).status, 503);
  assert.equal((await request('POST', '/conversation_accounts', { type: 'whatsapp' })).status, 400);
  assert.equal((await request('DELETE', `/conversation_accounts/${made.body.id}`)).status, 200);
  assert.equal((await request('GET', `/conversation_accounts/${made.body.id}`)).body.error.reason, 'CONVERSATION_ACCOUNT_NOT_FOUND');
  await request('POST', '/conversation_accounts', { type: 'line', name: 'without' });
  const bare = await request('POST', '/conversations/setup', { reference_type: 'line' });
  assert.deepEqual([bare.status, bare.body.error.status], [409, 'FAILED_PRECONDITION']);
  // Of another account nothing is seen.
  const stranger = 'c'.repeat(64);
  const mine = (await request('GET', '/conversation_accounts')).body.result;
  assert.equal(mine.length, 1);
  assert.deepEqual((await request('GET', '/conversation_accounts', undefined, stranger)).body.result, []);
  for (const method of ['GET', 'PUT', 'DELETE'])
    assert.equal((await request(method, `/conversation_accounts/${mine[0].id}`, method === 'PUT' ? {} : undefined, stranger)).status, 404);
  assert.equal(house.errors.length, 0);
});

test('only what LINE has signed is heard', async () => {
  const { line, hear, settled, made, people } = await open();
  const right = line.write('kim', `join ${NUMBER}`);
  const forged = { ...right, signature: new LineStandIn('', 'another secret').signed(JSON.parse(right.body)).signature };
  const changed = { ...right, body: right.body.replace('kim', 'lee') };
  for (const [what, status] of [
    [forged, 401],
    [changed, 401],
    [{ ...right, signature: '' }, 401],
    [{ ...right, signature: '####' }, 401],
    [line.signed(['nonsense']), 400],
  ] as const)
    assert.equal(await hear(what), status);
  assert.equal(
    await hear(right, `/v1.0/conversation/accounts/${made.body.id.replace(/^./, (first: string) => (first === '0' ? '1' : '0'))}`),
    404,
  );
  assert.equal(await hear(right, '/v1.0/conversation/accounts/x'), 400);
  await settled();
  assert.deepEqual([(await people()).length, line.said], [0, []]);
  // As LINE verifies an address: no events.
  assert.equal(await hear(line.signed({ destination: 'U0', events: [] })), 200);
});

test('a chat follows a conference: it is a conferencecall of LINE, its texts are spoken, it is told who comes, speaks and goes', async () => {
  const { house, line, write, hear, spoken, settled, people, request, conference, doors } = await open();
  await house.join(conference, { id: 'ann', name: 'Ann' });
  const join = line.write('kim', `join ${NUMBER}`);
  assert.equal(await hear(join), 200);
  // LINE may tell it twice.
  assert.equal(await hear(join), 200);
  assert.deepEqual(line.said, ['You are in Team. What you write is spoken there.']);
  const [, kim] = await people();
  assert.deepEqual([(await people()).length, kim?.call.callerName, kim?.ghost], [2, 'Kim', true]);
  const listed = (await request('GET', '/conferencecalls')).body.result;
  const row = listed.find((each: JsonObject) => each['reference_type'] === 'line');
  assert.deepEqual([row.status, listed.length], ['joined', 2]);
  const shown = (await request('GET', `/conferences/${row.conference_id}`)).body;
  assert.ok(shown.conferencecall_ids.includes(row.id));
  await write('kim', 'Hello, all!');
  assert.deepEqual(spoken(), ['Kim: Hello, all!']);
  await house.join(conference, { id: 'ben', name: 'Ben' });
  const actor = { account: house.account as never, kind: 'system' as const };
  const ann = (await people())[0]!;
  await house.conferences.execute('transcription.start', { conference }, actor);
  const { transcription } = (await house.conferences.execute('conference.read', { conference }, actor)).conference.room!;
  const said = { transcription: transcription!.id, participant: ann.id, text: 'hi Kim', language: 'en-US', from: 1, to: 2 };
  await house.conferences.execute('transcript.add', { conference, ...said } as never, actor);
  await house.conferences.execute('participants.kick', { conference, which: ann.id }, actor);
  await settled();
  assert.deepEqual(line.said.slice(1), ['Ben has joined.', 'Ann: hi Kim', 'Ann has left.']);
  await write('kim', 'who');
  assert.equal(line.said.at(-1), 'Ben');
  // Two chats read each other.
  await write('lee', `/join ${NUMBER}`);
  await write('lee', 'me too');
  assert.deepEqual(line.said.slice(-3).sort(), ['Lee has joined.', 'Lee: me too', 'You are in Team. What you write is spoken there.']);
  await write('lee', 'leave');
  assert.equal((await request('GET', '/conferencecalls')).body.result.filter((each: JsonObject) => each['status'] === 'joined').length, 2);
  // DELETE sends a chat out as anybody else.
  assert.equal((await request('DELETE', `/conferencecalls/${row.id}`)).body.status, 'leaving');
  await settled();
  assert.equal(line.said.at(-1), 'You were removed from the conference.');
  await write('kim', 'still there?');
  assert.equal(line.said.at(-1), 'You are in no conference. Write "join" and its number.');
  assert.equal(doors().chats.size, 0);
});

test('chats alone keep no room open', async () => {
  const { house, line, write, settled, people, conference, doors } = await open();
  await write('kim', `join ${NUMBER}`);
  assert.equal((await people()).length, 1, 'who comes first may wait for the others');
  await house.join(conference, { id: 'ann', name: 'Ann' });
  const actor = { account: house.account as never, kind: 'system' as const };
  const ann = (await people()).find((each) => !each.ghost)!;
  await house.conferences.execute('call.ended', { conference, call: ann.call.id, reason: 'hung-up' }, actor);
  await settled();
  assert.deepEqual([(await people()).length, doors().chats.size], [0, 0]);
  assert.equal(line.said.at(-1), 'Everybody has left: the conference is over for you too.');
});

test('numbers, PINs and locks hold for chats; who guesses is shut out', async () => {
  const { house, line, write, settled, people, conference } = await open({
    member: { join_muted: false, numbers: [NUMBER], pins: ['4711'] },
  });
  await write('kim', 'join 999');
  assert.equal(line.said.at(-1), 'No conference has this number.');
  await write('kim', `join ${NUMBER}`);
  assert.match(line.said.at(-1)!, /^This conference asks for a PIN/);
  await write('kim', `join ${NUMBER} 4711`);
  assert.equal((await people()).length, 1);
  await write('kim', 'leave');
  const actor = { account: house.account as never, kind: 'api' as const };
  await house.conferences.execute('conference.lock', { conference, locked: true }, actor);
  await write('kim', `join ${NUMBER} 4711`);
  assert.equal(line.said.at(-1), 'The conference is locked.');
  await house.conferences.execute('conference.lock', { conference, locked: false }, actor);
  for (let guess = 0; guess < 16; guess += 1) {
    await write('lee', `join ${NUMBER} 000${guess}`);
    await settled(5_000);
  }
  assert.equal(line.said.at(-1), 'Too many wrong entries. Try again later.');
  await write('lee', `join ${NUMBER} 4711`);
  await settled(5_000);
  assert.equal((await people()).length, 0, 'the right one does not help him now');
  await write('kim', `join ${NUMBER} 4711`);
  await settled(5_000);
  assert.equal((await people()).length, 1, 'others may');
});

test('what LINE cannot take now comes later, in order and once; what it never will is left', async () => {
  const { house, line, write, settled, conference } = await open();
  await house.join(conference, { id: 'ann', name: 'Ann' });
  await write('kim', `join ${NUMBER}`);
  line.requests.length = 0;
  line.trouble.push(500, 429);
  for (const name of ['Ben', 'Cid', 'Dot']) await house.join(conference, { id: name, name });
  await settled();
  assert.equal(line.said.length, 0);
  await settled(1_000);
  await settled(2_000);
  assert.deepEqual(line.said, ['Ben has joined.', 'Cid has joined.', 'Dot has joined.']);
  assert.equal(new Set(line.requests.map(({ retryKey }) => retryKey)).size, line.requests.length);
  line.trouble.push(400);
  await house.join(conference, { id: 'Eve', name: 'Eve' });
  await house.join(conference, { id: 'Fay', name: 'Fay' });
  await settled(60_000);
  assert.equal(line.said.includes('Eve has joined.'), false);
  // A reply token that is spent: the answer comes as a push.
  line.trouble.push(400);
  await write('kim', 'help');
  assert.match(line.said.at(-1)!, /^Write "join"/);
});

test('too long, empty, a picture, far too much: nothing is spoken that should not be', async () => {
  const { house, line, write, hear, spoken, conference } = await open();
  await house.join(conference, { id: 'ann', name: 'Ann' });
  await write('kim', `join ${NUMBER}`);
  await write('kim', 'x'.repeat(1001));
  assert.equal(line.said.at(-1), 'That is too long to be spoken.');
  await hear(line.event('kim', { type: 'message', message: { type: 'sticker', id: '1' } }));
  assert.equal(line.said.at(-1), 'Only text can be spoken.');
  await write('kim', '   ');
  await hear(line.event('kim', { type: 'message', source: { type: 'user' } }));
  await hear(line.signed({ events: [null, 7, { type: 'message' }, { type: 'message', source: {} }] }));
  assert.deepEqual(spoken(), []);
  await hear(line.event('kim', { type: 'unfollow' }));
  await write('kim', 'hello?');
  assert.match(line.said.at(-1)!, /no conference/);
});
