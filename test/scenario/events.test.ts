import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentReader, SocketReader } from '../kit/event-readers.ts';
import { participants, startHouse } from '../kit/house.ts';

test('a program follows a conference through talk, mute, a crash and a stop, and misses nothing', { timeout: 120_000 }, async () => {
  await using house = await startHouse();
  const { access_key: key, conference_id: id, conference_number: number } = house.first;
  const headers = { authorization: `Bearer ${key}` };
  const events = (query = '') => `${house.http}/api/events${query}`;
  const socket = SocketReader.open(events(), headers);
  const sent = SentReader.open(events(`?token=${key}`));
  for (const reader of [socket, sent]) await reader.get('live');
  const ann = await house.phone({ user: 'Ann' });
  await ann.call(number);
  const joined = await socket.get('participant.joined');
  assert.equal(joined.participant.caller_name, 'Ann');
  await house.act(`${id}/participants/${joined.participant.number}`, 'mute');
  await house.act(`${id}/participants/${joined.participant.number}`, 'unmute');
  for (const reader of [socket, sent]) await reader.get('participant.unmuted');
  assert.deepEqual(sent.facts, socket.facts, 'both are told the same');
  const { position } = socket;
  // A crash: whoever comes back hears what the restart closed.
  await house.kill();
  await socket.ended;
  await sent.ended;
  await house.start();
  const again = SocketReader.open(events(`?after=${position}`), headers);
  const left = await again.get('participant.left');
  assert.equal(left.reason, 'restart');
  await again.get('room.closed');
  assert.equal((await participants(house, id)).size, 0);
  const all = SocketReader.open(events('?after=0'), headers);
  await all.get('live');
  const numbers = all.facts.filter(({ conference }) => conference === left.conference).map(({ sequence }) => sequence);
  assert.deepEqual(
    numbers,
    numbers.map((_, n) => n + 1),
    'the sequence has no gaps',
  );
  // The room can be looked at as it was.
  const then = await house.fetch('GET', `/api/conferences/${id}/state?at=${joined.sequence}`, { headers });
  assert.deepEqual(
    then.body.participants.map((each: { caller_name: string }) => each.caller_name),
    ['Ann'],
  );
  // A stop: everybody is told.
  await house.stop();
  for (const reader of [again, all]) {
    assert.equal((await reader.ended).code, 1001);
    assert.equal(reader.messages.at(-1).reason, 'shutdown');
  }
  // The first start shows the keys, once; the log never does.
  const logged = house.output.split('\n').filter((line) => line.startsWith('{'));
  assert.ok(logged.length > 0 && logged.every((line) => !line.includes(key)));
});
