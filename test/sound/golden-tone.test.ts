import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { loadCodecs } from '../../src/audio/index.ts';
import type { ThreadCodec } from '../../src/media/thread/messages.ts';
import { discontinuities, goertzel, longestStandstill, toneSnr } from '../kit/measure.ts';
import { G722, l16, opus, PCMA, PCMU, rateOf, SoundHouse } from '../kit/sound-house.ts';
import { sine } from '../kit/speech.ts';

before(loadCodecs);

const decibels = (ratio: number): number => 20 * Math.log10(ratio);

/** The tone of measurements: 1 kHz would meet the same few steps of µ-law again and again (ITU-T O.132 wants 1 004 to 1 025 Hz). */
const TONE = 1013;

/** 1 kHz at -10 dBFS for so many seconds, from one telephone to another, less the first second. */
async function hearTone(from: ThreadCodec, to: ThreadCodec, seconds: number): Promise<Int16Array> {
  await using house = new SoundHouse({ tickJitterMs: 4 });
  const ann = await house.phone('ann', { codec: from });
  const ben = await house.phone('ben', { codec: to });
  house.mix();
  ann.say(sine(TONE, { rate: rateOf(from), seconds: seconds + 1, dbfs: -10 }));
  house.run(1000 + seconds * 1000);
  assert.deepEqual([ben.gaps, ben.oddities], [[], 0]);
  return ben.between(1000, 1000 + (seconds - 0.1) * 1000);
}

for (const { name, from, to, least } of [
  { name: 'µ-law', from: PCMU, to: PCMU, least: 35 },
  { name: 'A-law', from: PCMA, to: PCMA, least: 35 },
  { name: 'A-law into µ-law', from: PCMA, to: PCMU, least: 33 },
  { name: 'L16 at 8 kHz', from: l16(8000), to: l16(8000), least: 50 },
  { name: 'L16 at 16 kHz', from: l16(16_000), to: l16(16_000), least: 50 },
  { name: 'L16 at 48 kHz', from: l16(48_000), to: l16(48_000), least: 50 },
  { name: 'L16 from 8 to 48 kHz', from: l16(8000), to: l16(48_000), least: 50 },
  { name: 'L16 from 48 to 8 kHz', from: l16(48_000), to: l16(8000), least: 50 },
  { name: 'L16 from 16 to 48 kHz', from: l16(16_000), to: l16(48_000), least: 50 },
  { name: 'L16 from 48 to 16 kHz', from: l16(48_000), to: l16(16_000), least: 50 },
]) {
  test(`1 kHz through the room for 60 s, ${name}: no break, ${least} dB above all noise`, async () => {
    const heard = await hearTone(from, to, 60);
    assert.ok(heard.length > 58 * rateOf(to));
    assert.deepEqual(discontinuities(heard, rateOf(to)), []);
    const found = toneSnr(heard, rateOf(to), TONE);
    assert.ok(found >= least, `${found.toFixed(1)} dB`);
  });
}

for (const { name, from, to } of [
  { name: 'G.722', from: G722, to: G722 },
  { name: 'Opus', from: opus(), to: opus() },
  { name: 'Opus into µ-law', from: opus(), to: PCMU },
]) {
  test(`1 kHz through the room for 20 s, ${name}: no break and no gap`, async () => {
    const heard = await hearTone(from, to, 20);
    const rate = rateOf(to);
    assert.deepEqual(discontinuities(heard, rate), []);
    assert.ok(longestStandstill(heard) < rate / 1000, 'a gap');
    const found = toneSnr(heard, rate, TONE);
    assert.ok(found >= 20, `${found.toFixed(1)} dB`);
  });
}

for (const [name, from] of [
  ['16 kHz', l16(16_000)],
  ['48 kHz', l16(48_000)],
] as const) {
  test(`6 kHz in a room of ${name} leaves no alias in a leg of 8 kHz above -40 dB`, async () => {
    await using house = new SoundHouse();
    const ann = await house.phone('ann', { codec: from });
    const wide = await house.phone('wide', { codec: from });
    const ben = await house.phone('ben', { codec: l16(8000) });
    house.mix();
    const low = sine(600, { rate: rateOf(from), seconds: 3, dbfs: -30 });
    ann.say(sine(6000, { rate: rateOf(from), seconds: 3, dbfs: -10 }).map((sample, n) => sample + low[n]!));
    house.run(3000);
    assert.ok(goertzel(ben.between(1000, 2800), 8000, 600) > 1000, 'he does hear her');
    const meant = goertzel(wide.between(1000, 2800), wide.rate, 6000);
    assert.ok(meant > 10_000, 'it is in the room');
    // 8 000 - 6 000: where it would fold to.
    const alias = decibels(goertzel(ben.between(1000, 2800), 8000, 2000) / meant);
    assert.ok(alias < -40, `${alias.toFixed(1)} dB`);
  });
}
