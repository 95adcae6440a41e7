import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import type { ThreadCodec } from '../../src/media/thread/messages.ts';
import { discontinuities, longestStandstill, toneSnr } from '../kit/measure.ts';
import { G722, l16, opus, PCMA, PCMU, SoundHouse } from '../kit/sound-house.ts';
import { sine } from '../kit/speech.ts';

before(loadCodecs);

const HZ = 1013;
const ALL = [10, 20, 30, 40, 60, 80, 100, 120];

for (const { name, codec, ptimes, snr } of [
  { name: 'PCMU', codec: PCMU, ptimes: ALL, snr: 33 },
  { name: 'PCMA', codec: PCMA, ptimes: ALL, snr: 33 },
  { name: 'G.722', codec: G722, ptimes: ALL, snr: 25 },
  // Opus knows packets of 10, 20, 40, 60, 80, 100 and 120 ms (RFC 7587 §4.2); libopus makes them of one frame or several.
  { name: 'Opus', codec: opus(), ptimes: [10, 20, 40, 60, 80, 100, 120], snr: 12 },
  // What does not fit into a packet cannot come: 16 kHz to 40 ms.
  { name: 'L16', codec: l16(16_000), ptimes: [10, 20, 30, 40], snr: 60 },
] as readonly { name: string; codec: ThreadCodec; ptimes: readonly number[]; snr: number }[]) {
  for (const ptime of ptimes) {
    test(`${name}: packets of ${ptime} ms come in, and packets of ${ptime} ms go out, without a gap or a click`, async () => {
      await using house = new SoundHouse({ tickJitterMs: 2 });
      // One who sends such packets, one who wants such, and two who know nothing of it.
      const sends = await house.phone('sends', { codec, sends: ptime });
      const wants = await house.phone('wants', { codec: { ...codec, ptime }, sends: 20 });
      const plain = await house.phone('plain', { codec, sends: 20 });
      house.mix();
      sends.say(sine(HZ, { rate: sends.rate, seconds: 6, dbfs: -20 }));
      house.run(5000);
      for (const listener of [wants, plain]) {
        const heard = listener.between(1000, 4700);
        const { rate } = listener;
        assert.deepEqual(
          discontinuities(heard, rate).map((at) => 1000 + (at * 1000) / rate),
          [],
          `${listener.name}: ms where it breaks`,
        );
        assert.ok(longestStandstill(heard) < rate / 500);
        const found = toneSnr(heard, rate, HZ);
        assert.ok(found >= snr, `${listener.name}: ${found.toFixed(1)} dB`);
        assert.deepEqual([listener.gaps, listener.oddities], [[], 0]);
      }
      const packet = 5000 / wants.packetsHeard;
      // Opus frames longer than 60 ms are sent as 60 ms.
      const due = codec.name === 'opus' ? Math.min(60, ptime) : ptime;
      assert.ok(Math.abs(packet - due) < 0.1 * due + 1, `packets of ${packet} ms`);
      const { lost, late } = await house.legMetrics(sends);
      assert.deepEqual([lost, late], [0, 0]);
    });
  }
}

for (const { name, codec } of [
  { name: 'PCMU', codec: PCMU },
  { name: 'G.722', codec: G722 },
  { name: 'Opus', codec: opus() },
]) {
  test(`${name}: a sender who changes the length of his packets in the middle of a word is heard without a gap`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec });
    const ben = await house.phone('ben', { codec });
    house.mix();
    const tone = sine(HZ, { rate: ann.rate, seconds: 2, dbfs: -20 });
    ann.say(tone);
    house.run(1700);
    assert.ok(toneSnr(ben.between(1000, 1600), ben.rate, HZ) > 12);
    // Nobody agreed on it (lying ptime): 20 ms, then 60, then 30 (Opus: 40), all of one sound.
    const longer = name === 'Opus' ? [60, 40] : [60, 30];
    for (const ptime of longer) {
      ann.packetMs = ptime;
      ann.say(sine(HZ, { rate: ann.rate, seconds: 3, dbfs: -20 }));
      const from = house.now;
      house.run(2700);
      const heard = ben.between(from + 1000, from + 2400);
      assert.deepEqual(discontinuities(heard, ben.rate), [], `${ptime} ms`);
      assert.ok(toneSnr(heard, ben.rate, HZ) > 12, `${ptime} ms`);
    }
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });
}
