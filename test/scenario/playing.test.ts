import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { settles } from '../kit/ear.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom, numberOf, party } from '../kit/party.ts';
import type { Phone } from '../kit/phone.ts';
import { TONES } from '../kit/sound.ts';
import { pcm16 } from '../kit/sound-files.ts';

let house: House;
before(async () => {
  house = await startHouse({ env: { PARLEY_FETCH_ALLOW: 'loopback' } });
});
after(() => house.close());

const [ANN, BEN, PLAYED] = [TONES[0]!, TONES[1]!, TONES[6]!] as const;
const LONG = `tone_stream://v=-15;%(60000,0,${PLAYED})`;

async function hear(phones: readonly Phone[], expected: readonly (readonly number[])[]): Promise<void> {
  assert.deepEqual(
    (await settles(() => phones.map((each) => each.hears()), expected)).map((each) => [...each].sort()),
    expected.map((each) => [...each].sort()),
  );
}

/** Words of the facts of a type. */
async function facts(conference: string, type: string): Promise<{ reason?: string; words?: string }[]> {
  const { body } = await house.fetch('GET', `/api/conferences/${conference}/facts`, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
  });
  const all: { type: string; reason?: string; words?: string }[] = body.facts ?? body.items ?? body.data;
  return all.filter((each) => each.type === type);
}

const seconds = (rate: number, length: number): number[] =>
  Array.from({ length: rate * length }, (_, n) => 0.1 * Math.sin((2 * Math.PI * PLAYED * n) / rate));

test('a tone for all is heard by all beside the others, one for a participant by him alone', async () => {
  const room = await aRoom(house);
  const phones = await party(house, room.number, { names: ['Ann', 'Ben'] });
  const { status } = await house.kazoo('PUT', `/conferences/${room.id}`, { action: 'play', data: { media_id: LONG } });
  assert.equal(status, 201);
  await hear(phones, [
    [BEN, PLAYED],
    [ANN, PLAYED],
  ]);
  for (const each of phones) await each.hangUp();
  const second = await aRoom(house);
  const pair = await party(house, second.number, { names: ['Ann', 'Ben'] });
  const ben = await numberOf(house, second.id, 'Ben');
  await house.kazoo('PUT', `/conferences/${second.id}/participants/${ben}`, { action: 'play', data: { media_id: LONG } });
  await hear(pair, [[BEN], [ANN, PLAYED]]);
  for (const each of pair) await each.hangUp();
});

test('an uploaded file and one behind a URL are heard and end; what is not there, or may not be asked, is said', async () => {
  const web = createServer((request, response) => {
    if (request.url === '/sound.wav') response.writeHead(200).end(pcm16(16_000, seconds(16_000, 3)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  try {
    const room = await aRoom(house);
    const phones = await party(house, room.number, { names: ['Ann'] });
    const play = (media: string) =>
      house.kazoo('PUT', `/conferences/${room.id}`, { action: 'play', data: { media_id: media } }, { any: true });
    const { body: made } = await house.kazoo('PUT', '/media', { name: 'tone' });
    const { body: login } = await house.kazoo('GET', '/conferences');
    const upload = await fetch(`${house.http}/v2/accounts/${house.first.account_id}/media/${made.data.id}/raw`, {
      method: 'POST',
      headers: { 'content-type': 'audio/x-wav', 'x-auth-token': login.auth_token },
      body: pcm16(44_100, seconds(44_100, 3)),
    });
    assert.equal(upload.status, 200);
    for (const media of [made.data.id, `${url}/sound.wav`]) {
      assert.equal((await play(media)).status, 201);
      await hear(phones, [[PLAYED]]);
      await hear(phones, [[]]);
    }
    const unknown = await play('nosuchmedia');
    assert.deepEqual([unknown.status, unknown.body.message], [404, 'bad_identifier']);
    assert.equal((await play('http://10.0.0.1/x.wav')).status, 400);
    assert.equal((await play('tone_stream://nonsense')).status, 400);
    assert.equal((await play(`${url}/none.wav`)).status, 201);
    const failed = await eventually(
      async () => (await facts(room.id, 'play.ended')).find(({ reason }) => reason === 'failed'),
      'no failure is told',
    );
    assert.match(failed.words ?? '', /404/);
    assert.equal((await facts(room.id, 'play.ended')).filter(({ reason }) => reason === 'finished').length, 2);
    for (const each of phones) await each.hangUp();
  } finally {
    web.close();
  }
});
