import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NUMBER, openLineHouse as open } from '../../test/kit/line-house.ts';
import type { JsonObject } from '../base/index.ts';

test('chats follow their conference again after a restart, without a word; where it is not there any more they are told so, once', async () => {
  const { house, line, write, spoken, settled, people, conference, doors, restarts, request } = await open();
  await house.join(conference, { id: 'ann', name: 'Ann' });
  await write('kim', `join ${NUMBER}`);
  await write('lee', `join ${NUMBER}`);
  await write('lee', 'leave');
  const said = line.said.length;
  await restarts();
  assert.deepEqual([(await people()).map(({ call }) => call.callerName), doors().chats.size], [['Ann', 'Kim'], 1]);
  assert.equal(line.said.length, said, 'nothing is said of it');
  await house.join(conference, { id: 'ben', name: 'Ben' });
  await settled();
  assert.deepEqual(line.said.slice(said), ['Ben has joined.']);
  const actor = { account: house.account as never, kind: 'system' as const };
  for (const one of await people()) {
    if (!one.ghost) await house.conferences.execute('call.ended', { conference, call: one.call.id, reason: 'restart' }, actor);
  }
  // Everybody goes down with the server; the chat waits until they call anew.
  await settled();
  await write('kim', `join ${NUMBER}`);
  await restarts();
  assert.deepEqual([(await people()).map(({ call }) => call.callerName), doors().chats.size], [['Kim'], 1]);
  line.requests.length = 0;
  await house.join(conference, { id: 'cid', name: 'Cid' });
  await settled();
  assert.deepEqual(line.said, ['Cid has joined.']);
  await restarts(() => house.conferences.execute('conference.delete', { conference, keep: true }, actor));
  assert.deepEqual([line.said.at(-1), doors().chats.size], ['The conference has ended.', 0]);
  line.requests.length = 0;
  await restarts();
  assert.deepEqual(line.said, []);
  assert.equal((await request('GET', '/conferencecalls')).body.result.filter((each: JsonObject) => each['status'] === 'joined').length, 0);
  assert.deepEqual(spoken(), []);
});

test('a chat that goes down with the server while it is still listened to is told nothing, and follows again', async () => {
  const { house, line, write, settled, people, conference, doors, restarts } = await open();
  await house.join(conference, { id: 'ann', name: 'Ann' });
  await write('kim', `join ${NUMBER}`);
  const said = line.said.length;
  const kim = (await people()).find(({ call }) => call.chat !== undefined)!;
  const actor = { account: house.account as never, kind: 'system' as const };
  await house.conferences.execute('stream.closed', { conference, call: kim.call.id, reason: 'shutdown' }, actor);
  await settled();
  assert.deepEqual([doors().chats.size, line.said.length], [0, said]);
  await restarts();
  assert.deepEqual([doors().chats.size, line.said.length], [1, said]);
});

test('a chat is spoken to in the language of its LINE, and in English where that is not known', async () => {
  const { house, line, write, conference } = await open();
  line.languages.set('kim', 'de').set('lee', 'ja-JP').set('tam', 'tlh');
  await write('kim', 'hello');
  assert.equal(line.said.at(-1), 'Sie sind in keiner Konferenz. Schreiben Sie „join“ und ihre Nummer.');
  await write('lee', 'help');
  assert.match(line.said.at(-1)!, /^「join」/);
  await write('tam', 'join 999');
  assert.equal(line.said.at(-1), 'No conference has this number.');
  await write('kim', `join ${NUMBER}`);
  await write('lee', `join ${NUMBER}`);
  line.requests.length = 0;
  await house.join(conference, { id: 'ann', name: 'Ann' });
  await new Promise((wake) => setImmediate(wake));
  assert.deepEqual(line.said.toSorted(), ['Ann ist da.', 'Annさんが参加しました。']);
});
