import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import { lagAt } from '../kit/lag.ts';
import { discontinuities, longestStandstill } from '../kit/measure.ts';
import { G722, jitter, l16, opus, PCMU, SoundHouse, type SoundPhone, stall } from '../kit/sound-house.ts';
import { sine, speech } from '../kit/speech.ts';

before(loadCodecs);

for (const { name, codec, rate } of [
  { name: 'PCMU', codec: PCMU, rate: 8000 },
  { name: 'G.722', codec: G722, rate: 16_000 },
  { name: 'Opus', codec: opus(), rate: 48_000 },
] as const) {
  test(`${name}: after stalls of 100, 200 and 300 ms in a row the delay is back where it was within 10 s`, async () => {
    await using house = new SoundHouse({ tickJitterMs: 2 });
    const stalls = [100, 200, 300].map((ms, n) => ({ at: 5000 + 2000 * n, ms }));
    const ann = await house.phone('ann', { codec, path: { late: stall(stalls, 20) } });
    const ben = await house.phone('ben', { codec: l16(rate), sends: 20 });
    house.mix();
    const said = speech({ rate, seconds: 22, pauseMs: 250 });
    ann.say(said);
    house.run(22_500);
    // The codec's own delay belongs to both.
    const heard = ben.heard;
    const base = lagAt(said, heard, { at: 2 * rate, length: rate, to: rate / 10 });
    const moved = [19, 20].map(
      (second) => lagAt(said, heard, { at: second * rate, length: rate, from: base, to: base + rate / 2, step: rate / 50 }) - base,
    );
    for (const samples of moved) assert.ok(Math.abs(samples) <= 0.001 * rate, `${(samples * 1000) / rate} ms later than before`);
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });
}

for (const { name, codec, rate } of [
  { name: 'PCMU', codec: PCMU, rate: 8000 },
  { name: 'G.722', codec: G722, rate: 16_000 },
  { name: 'Opus', codec: opus(), rate: 48_000 },
] as const) {
  test(`${name}: after 6 s of 100 ms of jitter the delay has grown, and is back where it would have been within 10 s`, async () => {
    await using house = new SoundHouse({ tickJitterMs: 2 });
    const [wild, gone] = [jitter(100, 3), 300];
    const ann = await house.phone('ann', { codec, path: { late: (n) => (n >= 100 && n < 100 + gone ? wild(n) : 0) } });
    const ben = await house.phone('ben', { codec: l16(rate), sends: 20 });
    house.mix();
    const said = speech({ rate, seconds: 21, pauseMs: 250 });
    ann.say(said);
    house.run(21_500);
    const heard = ben.heard;
    const base = lagAt(said, heard, { at: 0, length: rate, to: rate / 10, every: 3 });
    const [grown, after, later] = [7, 18, 19].map(
      (second) => lagAt(said, heard, { at: second * rate, length: rate, from: base, to: base + rate / 2, step: rate / 50 }) - base,
    );
    assert.ok(grown! >= 0.06 * rate && grown! <= 0.16 * rate, `${(grown! * 1000) / rate} ms more while it lasted`);
    assert.deepEqual([after, later], [0, 0], 'samples more than before');
    assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  });
}

/** Half an hour of talk and of a tone by clocks that are wrong by so much, heard by exact clocks. */
test('clocks that are 200 ppm fast or slow, for 30 minutes: the delay moves by at most 20 ms, and nothing clicks', async () => {
  const minutes = 30;
  await using house = new SoundHouse({ tickJitterMs: 2 });
  const [talk, tone] = [speech({ rate: 8000, seconds: 20, pauseMs: 300 }), sine(1013, { rate: 8000, seconds: 1, dbfs: -20 })];
  const pairs: { talker: SoundPhone; listener: SoundPhone; ppm: number; said: Int16Array }[] = [];
  for (const [n, { ppm, said }] of [200, -200].flatMap((ppm) => [talk, tone].map((said) => ({ ppm, said }))).entries()) {
    const talker = await house.phone(`talker ${n}`, { room: `${n}`, skewPpm: ppm });
    const listener = await house.phone(`listener ${n}`, { room: `${n}`, codec: l16(8000), sends: 20 });
    listener.mute = true;
    house.change(talker.name, { direction: 'recvonly' });
    house.mix({ room: `${n}` });
    talker.say(said, { loop: true });
    pairs.push({ talker, listener, ppm, said });
  }
  house.run(minutes * 60_000);
  for (const { talker, listener, ppm, said } of pairs) {
    const { heard } = listener;
    const { lost } = await house.legMetrics(talker);
    assert.deepEqual([listener.gaps, listener.oddities, lost], [[], 0, 0]);
    if (said === tone) {
      assert.ok(longestStandstill(heard.subarray(8000)) < 16);
      const clicks: number[] = [];
      for (let at = 8000; at + 80_000 < heard.length; at += 80_000)
        clicks.push(...discontinuities(heard.subarray(at, at + 80_000), 8000).map((place) => at + place));
      assert.deepEqual(clicks, [], `${ppm} ppm`);
      continue;
    }
    const delays = Array.from({ length: minutes * 3 - 1 }, (_, n) => {
      // Second 5 of each round, in samples of the house.
      const begin = Math.round(((n * 20 + 5) * 8000) / (1 + ppm / 1e6));
      const part = heard.subarray(begin - 800, begin + 16_000);
      return lagAt(said.subarray(5 * 8000), part, { at: 0, length: 8000, to: 1600, every: 4 }) - 800;
    });
    assert.ok(Math.max(...delays) - Math.min(...delays) <= 160 + 8, `${delays}`);
  }
});
