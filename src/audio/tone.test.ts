import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToneSource, toneAmplitude } from './tone.ts';

test('a tone is found at its frequency, with its amplitude, and nowhere else', () => {
  const source = new ToneSource({
    rate: 8000,
    tones: [
      { hertz: 440, amplitude: 5000 },
      { hertz: 1000, amplitude: 2500 },
    ],
  });
  const samples = new Int16Array(1600);
  source.fill(samples);
  assert.ok(Math.abs(toneAmplitude(samples, 8000, 440) - 5000) < 5);
  assert.ok(Math.abs(toneAmplitude(samples, 8000, 1000) - 2500) < 5);
  for (const hertz of [300, 600, 2000]) assert.ok(toneAmplitude(samples, 8000, hertz) < 5, `${hertz}`);
});

test('frames follow each other without a step, and loud sums are clipped', () => {
  const tones = [
    { hertz: 333, amplitude: 20000 },
    { hertz: 777, amplitude: 20000 },
  ];
  const inOne = new Int16Array(480);
  new ToneSource({ rate: 8000, tones }).fill(inOne);
  const source = new ToneSource({ rate: 8000, tones });
  const parts = Array.from({ length: 3 }, () => {
    const part = new Int16Array(160);
    source.fill(part);
    return [...part];
  });
  assert.deepEqual(parts.flat(), [...inOne]);
  assert.ok(Math.max(...inOne) === 32767);
});
