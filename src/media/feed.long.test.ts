import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discontinuities, toneSnr } from '../../test/kit/measure.ts';
import { G722, l16, PCMU, SoundHouse } from '../../test/kit/sound-house.ts';
import { sine } from '../../test/kit/speech.ts';
import { FeedWriter } from './feed.ts';
import { RingReader, ringMemory } from './thread/shared-ring.ts';

test('a writer takes what fits, keeps less than a frame for later, and ends with silence behind it', () => {
  const memory = ringMemory(8192);
  const writer = new FeedWriter(memory);
  const space = writer.space(8000);
  assert.ok(space >= 160 * 10 && space % 160 === 0, `${space} samples`);
  assert.equal(writer.write(new Int16Array(100).fill(7), 8000), 100);
  assert.equal(writer.space(8000), space - 100);
  const reader = new RingReader(memory);
  assert.equal(reader.next(), false, 'no frame yet');
  assert.equal(writer.write(new Int16Array(100_000).fill(7), 8000), space - 100);
  assert.equal(writer.write(new Int16Array(160).fill(7), 8000), 0, 'full');
  let frames = 0;
  while (reader.next()) frames += 1;
  assert.equal(frames, space / 160);
  assert.equal(writer.waiting, 0);
  writer.write(new Int16Array(10).fill(9), 16_000);
  assert.equal(writer.waiting, 10 / 16);
  writer.end();
  assert.equal(writer.write(new Int16Array(10), 16_000), 0);
  assert.ok(reader.next());
  assert.deepEqual([reader.rate, reader.length], [16_000, 640]);
  const samples = [...reader.samples.slice(reader.at / 2, reader.at / 2 + 320)];
  assert.deepEqual(samples, [...new Array(10).fill(9), ...new Array(310).fill(0)]);
});

/** Ann hears who is fed; Ben, who comes later, brings the room another rate. */
async function fed() {
  const house = new SoundHouse();
  const ann = await house.phone('ann', { codec: l16(8000) });
  const memory = ringMemory(2 ** 20);
  house.thread.obey({ do: 'feed', feed: 1, room: 'room', name: 'prompt welcome', memory });
  let version = 100;
  const hear = (...legs: string[]): void => {
    const listeners = legs.map((leg) => ({ leg, gains: [] }));
    version += 1;
    house.thread.obey({
      do: 'hear',
      room: 'room',
      plan: { version, sources: [{ leg: 'prompt welcome', gain: 1 }], listeners, levels: false },
    });
  };
  hear('ann');
  return { house, ann, writer: new FeedWriter(memory), hear, [Symbol.asyncDispose]: () => house.close() };
}

for (const rate of [8000, 16_000, 48_000] as const) {
  test(`sound at ${rate} Hz is played whole, and the room may change its rate meanwhile without a click`, async () => {
    await using room = await fed();
    room.writer.write(sine(310, { rate, seconds: 5, dbfs: -20 }), rate);
    room.house.run(2000);
    await room.house.phone('ben', { codec: G722 });
    room.hear('ann', 'ben');
    room.house.run(2500);
    const heard = room.ann.between(room.house.now - 4000, room.house.now - 200);
    assert.deepEqual(discontinuities(heard, 8000), []);
    const [snr, after] = [heard.subarray(0, 8000), heard.subarray(20_000)].map((part) => toneSnr(part, 8000, 310));
    assert.ok(snr! > 45 && after! > 45, `${snr} dB, then ${after} dB`);
    assert.equal(room.writer.starved, 0);
  });
}

test('who is fed is heard by those who listen, until it is taken away', async () => {
  await using room = await fed();
  const ben = await room.house.phone('ben', { codec: PCMU });
  room.hear('ann');
  room.writer.write(sine(310, { rate: 8000, seconds: 2, dbfs: -20 }), 8000);
  room.house.run(1500);
  const level = (samples: Int16Array): number => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  assert.ok(level(room.ann.between(500, 1000)) > 1000);
  assert.ok(level(ben.between(500, 1000)) < 10, 'he does not listen');
  room.house.thread.obey({ do: 'unfeed', feed: 1, room: 'room' });
  assert.equal(room.writer.isClosed, true);
  room.house.run(500);
  assert.ok(level(room.ann.between(1800, 1950)) < 10);
});
