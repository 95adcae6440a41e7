import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openEncoder } from '../../src/audio/index.ts';
import { noLog, SystemClock } from '../../src/base/index.ts';
import { Flite, openSpeaker, Programs } from '../../src/speech/index.ts';
import { eventually, type House, startHouse } from '../kit/house.ts';
import { aRoom } from '../kit/party.ts';
import { needs } from '../kit/programs.ts';
import { SeededChance } from '../kit/seeded-chance.ts';
import { Talker } from '../kit/talker.ts';

let house: House;
const clock = new SystemClock();
const programs = new Programs({ clock });
const speaker = openSpeaker({ clock, chance: new SeededChance(), log: noLog, providers: [new Flite(programs, needs('flite'))] });

before(async () => {
  needs('pocketsphinx_continuous');
  house = await startHouse({ env: { PARLEY_SPEECH_STT: 'pocketsphinx' } });
});
after(async () => {
  await house.close();
  await speaker.close();
  await programs.close();
});

const api = async (method: string, path: string, body?: object) =>
  house.fetch(method, path, {
    headers: { authorization: `Bearer ${house.first.access_key}` },
    ...(body === undefined ? {} : { body: body as never }),
  });

/** Payloads of G.722 of 20 ms. */
async function spoken(text: string, voice: string): Promise<Uint8Array[]> {
  const { rate, samples } = await speaker.say(text, { voice });
  assert.equal(rate, 16_000);
  const encoder = openEncoder({ name: 'G722', rate: 16_000, clockRate: 8000 } as never);
  const bytes = new Uint8Array(2000);
  const payloads = Array.from({ length: Math.floor(samples.length / 320) }, (_, n) => {
    const length = encoder.encode(samples.subarray(n * 320, (n + 1) * 320), 320, bytes, 0);
    return bytes.slice(0, length);
  });
  encoder.close();
  return payloads;
}

test('what two people say over G.722 is written down under their names', { timeout: 90_000 }, async () => {
  const room = await aRoom(house);
  const ann = await Talker.call(house.sip, { user: 'Ann', number: room.number });
  const ben = await Talker.call(house.sip, { user: 'Ben', number: room.number });
  try {
    const started = await api('POST', `/api/conferences/${room.id}/transcriptions`, {});
    assert.equal(started.status, 201, JSON.stringify(started.body));
    assert.equal(started.body.language, 'en-us');
    const before = Date.now();
    await ann.say(await spoken('the meeting will start at nine o clock tomorrow morning', 'slt'));
    await ben.say(await spoken('one two three four five', 'rms'));
    const after = Date.now();
    const items = await eventually(
      async () => {
        const { body } = await api('GET', `/api/transcripts?conference=${room.id}`);
        return body.items?.length >= 2 && body.items;
      },
      'nothing was written down',
      40_000,
    );
    const [first, second] = items;
    assert.deepEqual([first.caller_name, second.caller_name], ['Ann', 'Ben'], JSON.stringify(items));
    const words = (text: string): string[] => text.split(' ');
    const right = words('the meeting will start at nine tomorrow morning').filter((each) => words(first.text).includes(each));
    assert.ok(right.length >= 6, `${first.text}`);
    assert.deepEqual(
      words(second.text).filter((each) => /^(one|two|three|four|five)$/.test(each)),
      words('one two three four five'),
      second.text,
    );
    for (const { from, to } of items)
      assert.ok(Date.parse(from) >= before - 1000 && Date.parse(to) <= after + 1000 && Date.parse(from) < Date.parse(to));
    assert.ok(Date.parse(first.to) <= Date.parse(second.from) + 500);
    const facts = (await api('GET', `/api/conferences/${room.id}/transcripts`)).body.items;
    assert.deepEqual(
      facts.map((each: { text: string }) => each.text),
      items.map((each: { text: string }) => each.text),
      'the events told the same',
    );
    const plain = await api('GET', `/api/transcripts?conference=${room.id}&format=txt`);
    assert.match(JSON.stringify(plain.body), /Ann: .*tomorrow morning/);
  } finally {
    await ann.close();
    await ben.close();
  }
});

test('a language that the provider does not know, and a room where nobody is, are refused', async () => {
  const room = await aRoom(house);
  const empty = await api('POST', `/api/conferences/${room.id}/transcriptions`, {});
  assert.equal(empty.body.code, 'nobody_there');
  const german = await api('POST', `/api/conferences/${room.id}/transcriptions`, { language: 'de' });
  assert.deepEqual([german.status, german.body.code], [400, 'language_not_recognised']);
  assert.match(german.body.detail, /pocketsphinx does not recognise "de"; it knows en-us, en/);
});
