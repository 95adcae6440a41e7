import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openHouse } from '../../../test/kit/api-house.ts';
import type { LegQuality } from '../options.ts';

const ID = '7'.repeat(32);
const LINE: LegQuality = {
  codec: 'PCMU',
  packetsIn: 980,
  packetsOut: 1000,
  lost: 20,
  late: 1,
  concealed: 3,
  jitter: 1.23456,
  roundTrip: null,
  bufferMs: 40,
  mosCq: 4.0999,
};

async function open() {
  const asked: string[] = [];
  const house = await openHouse({
    options: {
      qualityOf: async (leg) => {
        asked.push(leg);
        return LINE;
      },
    },
  });
  const ask = async (method: 'GET' | 'PUT' | 'POST', path: string, payload?: object) => {
    const answer = await house.server.inject({
      method,
      url: `/api/conferences${path}`,
      headers: { authorization: `Bearer ${house.accessKey}` },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  await ask('POST', '', { id: ID, document: { member: { join_muted: false } } });
  for (const name of ['Ann', 'Bob', 'Cem']) await house.join(ID, { id: name, name });
  return { ask, asked, [Symbol.asyncDispose]: async () => void (await house.server.close()) };
}

test('two are parted one way and brought together; who is absent is refused, and whatever is no relation', async () => {
  await using house = await open();
  const relate = (body: object) => house.ask('PUT', `/${ID}/relationships`, body);
  const { status, body } = await relate({ participant: 1, other: 2, relationship: 'deaf' });
  const [ann, bob] = body.participants;
  assert.equal(status, 200);
  assert.deepEqual(body.relationships, [{ participant: ann.id, other: bob.id, relationship: 'deaf' }]);
  const cleared = await relate({ participant: ann.id, other: bob.id, relationship: 'clear' });
  assert.deepEqual(cleared.body.relationships, []);
  assert.equal((await relate({ participant: 1, other: 9, relationship: 'mute' })).status, 404);
  for (const wrong of [
    { participant: 1, other: 2 },
    { participant: 1, other: 2, relationship: 'love' },
    { participant: null, other: 2, relationship: 'deaf' },
  ]) {
    assert.equal((await relate(wrong)).status, 400, JSON.stringify(wrong));
  }
});

test('who coaches is shown with whom he coaches, until that is over', async () => {
  await using house = await open();
  const coach = (whom: unknown, who = '1') => house.ask('PUT', `/${ID}/participants/${who}/coach`, { whom });
  const { body } = await coach(2);
  assert.equal(body.participants[0].coaches, body.participants[1].id);
  assert.equal((await coach(null)).body.participants[0].coaches, undefined);
  assert.deepEqual([(await coach(1)).status, (await coach(9)).status, (await coach(2, '9')).status], [404, 404, 404]);
  assert.equal((await coach(true)).status, 400);
});

test('how lines do is told of those who are named, in the order of the room, and of nobody else', async () => {
  await using house = await open();
  const all = await house.ask('GET', `/${ID}/quality`);
  assert.deepEqual(
    all.body.items.map(({ number }: { number: number }) => number),
    [1, 2, 3],
  );
  const { id, ...one } = all.body.items[0];
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(one, {
    number: 1,
    talking: false,
    energy: 0,
    codec: 'PCMU',
    packets_in: 980,
    packets_out: 1000,
    lost: 20,
    late: 1,
    concealed: 3,
    jitter_ms: 1.23,
    round_trip_ms: null,
    buffer_ms: 40,
    mos: 4.1,
  });
  house.asked.length = 0;
  const some = await house.ask('GET', `/${ID}/quality?participants=3,${id},99`);
  assert.deepEqual(
    some.body.items.map(({ number }: { number: number }) => number),
    [1, 3],
  );
  assert.equal(house.asked.length, 2, 'the media threads are asked for no more than is told');
  assert.equal((await house.ask('GET', `/${'8'.repeat(32)}/quality`)).status, 404);
});
