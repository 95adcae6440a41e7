import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, discontinuities, goertzel, level, longestClip, longestStandstill, segmentalSnr, snr, toneSnr } from './measure.ts';
import { losses, NOISES, noise, sine, speech } from './speech.ts';

const near = (is: number, should: number, within: number): void => assert.ok(Math.abs(is - should) <= within, `${is}, not ${should}`);

test('figures are what they are by definition', () => {
  const tone = sine(1000, { rate: 8000, seconds: 1, dbfs: -20 });
  near(level(tone), -20, 0.01);
  near(goertzel(tone, 8000, 1000), 3276.8 * Math.SQRT2, 5);
  assert.ok(goertzel(tone, 8000, 1100) < 1);
  const hiss = noise('white', { rate: 8000, seconds: 1, dbfs: -50 });
  const both = tone.map((sample, at) => sample + hiss[at]!);
  near(snr(tone, both), 30, 0.1);
  near(toneSnr(both, 8000, 1000), 30, 0.1);
  near(segmentalSnr(tone, both, { frame: 160 }), 30, 0.5);
  assert.equal(segmentalSnr(tone, new Int16Array(8000), { frame: 160 }), 0);
  assert.equal(segmentalSnr(tone, tone, { frame: 160 }), 35);
  assert.equal(delay(hiss.slice(0, 4000), Int16Array.from([...new Int16Array(37), ...hiss]), 60), 37);
});

test('a missing sample, a gap and a step are found where they are, a clean tone has none', () => {
  const tone = sine(440, { rate: 8000, seconds: 2 });
  assert.deepEqual(discontinuities(tone, 8000), []);
  const without = Int16Array.from([...tone.slice(0, 5000), ...tone.slice(5004)]);
  assert.deepEqual(
    discontinuities(without, 8000).map((at) => Math.round(at / 10)),
    [500],
  );
  const gap = tone.slice().fill(0, 6000, 6160);
  assert.equal(longestStandstill(gap) >= 160, true);
  assert.ok(discontinuities(gap, 8000).length >= 1);
  assert.equal(longestClip(Int16Array.of(1, 32767, 32767, 32767, 0, -32768)), 3);
});

test('sounds repeat, and have the level that was asked for', () => {
  assert.deepEqual(speech({ rate: 8000, seconds: 1, seed: 3 }), speech({ rate: 8000, seconds: 1, seed: 3 }));
  assert.notDeepEqual(speech({ rate: 8000, seconds: 1, seed: 3 }), speech({ rate: 8000, seconds: 1, seed: 4 }));
  for (const name of NOISES) near(level(noise(name, { rate: 16000, seconds: 4, dbfs: -45 })), -45, 0.2);
  near(losses(10_000, 0.05).filter(Boolean).length / 10_000, 0.05, 0.01);
});
