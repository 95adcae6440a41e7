import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnyRate } from './any-rate.ts';
import { toneAmplitude } from './tone.ts';

const sine = (rate: number, hertz: number, seconds = 1, amplitude = 10_000): Int16Array =>
  Int16Array.from({ length: rate * seconds }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hertz * n) / rate)));

function converted(samples: Int16Array, from: number, to: number, piece = 441): Int16Array {
  const rate = new AnyRate({ from, to });
  const all: number[] = [];
  for (let at = 0; at < samples.length; at += piece) all.push(...rate.process(samples.subarray(at, at + piece)));
  all.push(...rate.flush());
  return Int16Array.from(all);
}

const RATES: readonly (readonly [number, number])[] = [
  [44_100, 48_000],
  [22_050, 48_000],
  [11_025, 16_000],
  [32_000, 48_000],
  [24_000, 48_000],
  [96_000, 48_000],
  [6000, 8000],
  [37_123, 48_000],
];

for (const [from, to] of RATES) {
  test(`${from} Hz becomes ${to} Hz: as long, as loud, and nothing beside the tone`, () => {
    for (const hertz of [400, Math.round((Math.min(from, to) / 2) * 0.75)]) {
      const out = converted(sine(from, hertz), from, to);
      assert.equal(out.length, to);
      const middle = out.subarray(to / 4, (3 * to) / 4);
      const level = toneAmplitude(middle, to, hertz);
      assert.ok(Math.abs(20 * Math.log10(level / 10_000)) < 0.2, `${hertz} Hz at ${level}`);
      const rest = middle.reduce((sum, each) => sum + each * each, 0) / middle.length - level ** 2 / 2;
      assert.ok(10 * Math.log10(Math.max(rest, 1) / (level ** 2 / 2)) < -50, `${hertz} Hz: rest ${rest}`);
    }
  });
}

test('what the lower rate cannot carry is gone, not folded back', () => {
  for (const hertz of [25_000, 30_000, 40_000]) {
    const out = converted(sine(96_000, hertz), 96_000, 48_000).subarray(2000, 46_000);
    const loudest = out.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    assert.ok(loudest < (hertz === 25_000 ? 60 : 30), `${hertz} Hz leaves ${loudest}`);
  }
});

test('pieces of any length give the same sound', () => {
  const whole = converted(sine(44_100, 440, 0.2), 44_100, 48_000, 100_000);
  for (const piece of [1, 7, 1000]) assert.deepEqual(converted(sine(44_100, 440, 0.2), 44_100, 48_000, piece), whole);
});
