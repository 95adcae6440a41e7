import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goertzel } from '../../test/kit/measure.ts';
import { sine } from '../../test/kit/speech.ts';
import { BandLimit } from './band-limit.ts';

/** How much louder a tone is behind the filter, dB. */
function gainAt(rate: number, limit: number, hertz: number): number {
  const filter = new BandLimit({ rate, hertz: limit });
  const said = sine(hertz, { rate, seconds: 1, dbfs: -10 });
  const heard = said.slice();
  for (let at = 0; at < heard.length; at += rate / 50) filter.process(heard.subarray(at, at + rate / 50), rate / 50);
  const from = rate / 10;
  return 20 * Math.log10((goertzel(heard.subarray(from), rate, hertz) + 1e-9) / goertzel(said.subarray(from), rate, hertz));
}

for (const [rate, limit] of [
  [16_000, 6000],
  [48_000, 12_000],
  [48_000, 16_000],
  [48_000, 22_050],
] as const) {
  test(`${rate} Hz limited to ${limit}: flat below, 55 dB down from there on`, () => {
    for (const share of [0.05, 0.3, 0.6, 0.85]) assert.ok(Math.abs(gainAt(rate, limit, share * limit)) < 0.1, `at ${share}`);
    for (const share of [1, 1.03, 1.08]) assert.ok(gainAt(rate, limit, share * limit) < -55, `at ${share}`);
  });
}

test('frames join without a seam, and a reset filter is as new', () => {
  const said = sine(700, { rate: 16_000, seconds: 1, dbfs: -10 });
  const [whole, parts, again] = [said.slice(0, 640), said.slice(0, 640), said.slice(0, 640)];
  const filter = new BandLimit({ rate: 16_000, hertz: 6000 });
  filter.process(whole, 640);
  filter.reset();
  for (let at = 0; at < 640; at += 320) filter.process(parts.subarray(at, at + 320), 320);
  assert.deepEqual(parts, whole);
  filter.process(again, 640);
  assert.notDeepEqual(again, whole, 'it goes on from what was');
});

test('a sound at full scale is clipped, never wrapped', () => {
  const square = Int16Array.from({ length: 960 }, (_, n) => (n % 60 < 30 ? 32_767 : -32_768));
  const heard = square.slice();
  new BandLimit({ rate: 48_000, hertz: 12_000 }).process(heard, 960);
  for (let n = 200; n < 900; n++) assert.ok(Math.abs(heard[n]! - heard[n - 1]!) < 40_000, `${n}`);
});
