import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { level, power } from '../../test/kit/measure.ts';
import { ComfortNoise } from './comfort-noise.ts';

/** Half a minute, after the beginning has faded in. */
function noiseOf(...payload: number[]): Int16Array {
  const noise = new ComfortNoise();
  assert.ok(noise.learn(Uint8Array.from(payload), 0, payload.length));
  const out = new Int16Array(240_000);
  noise.fill(out, out.length);
  return out.subarray(8000);
}

/** Correlation of neighbours, −1 … 1. */
function neighbours(sound: Int16Array): number {
  let sum = 0;
  for (let index = 1; index < sound.length; index++) sum += sound[index]! * sound[index - 1]!;
  return sum / sound.length / power(sound);
}

test('the noise has the level that was sent, RFC 3389 §3.1', () => {
  for (const dbov of [20, 35, 50, 70]) {
    const off = level(noiseOf(dbov)) + dbov;
    assert.ok(Math.abs(off) < 0.3, `−${dbov} dBov is ${off.toFixed(2)} dB off`);
  }
  assert.ok(noiseOf(127).every((sample) => sample === 0));
});

test('without coefficients it is white, with them it has their shape at the same level, §3.2', () => {
  assert.ok(Math.abs(neighbours(noiseOf(40))) < 0.02);
  // One coefficient k makes neighbours correlate by −k; N = 127 + k · 32 768 / 258.
  for (const [byte, correlation] of [
    [51, 0.598],
    [203, -0.598],
    [127, 0],
  ] as const) {
    const sound = noiseOf(40, byte);
    assert.ok(Math.abs(neighbours(sound) - correlation) < 0.02, `${byte}: ${neighbours(sound)}`);
    assert.ok(Math.abs(level(sound) + 40) < 0.4, `${byte}: ${level(sound)} dB`);
  }
  const ten = noiseOf(30, 60, 160, 110, 140, 120, 130, 127, 125, 130, 127);
  assert.ok(Math.abs(level(ten) + 30) < 0.4, `${level(ten)} dB`);
});

test('a new description fades over without a step', () => {
  const noise = new ComfortNoise();
  noise.learn(Uint8Array.of(60), 0, 1);
  const out = new Int16Array(160);
  for (let frame = 0; frame < 10; frame++) noise.fill(out, 160);
  noise.learn(Uint8Array.of(30), 0, 1);
  noise.fill(out, 160);
  assert.ok(level(out, 0, 8) < -38, `${level(out, 0, 8)}`);
  assert.ok(level(out, 120, 160) > -34, `${level(out, 120, 160)}`);
});

test('the upper bit of the level is not looked at, the level is told, and an empty payload is none', () => {
  const noise = new ComfortNoise();
  assert.ok(!noise.learn(new Uint8Array(4), 2, 0));
  assert.equal(noise.level, 127);
  assert.ok(noise.learn(Uint8Array.of(1, 1, 0x80 | 45), 2, 1));
  assert.equal(noise.level, 45);
  noise.reset();
  const out = new Int16Array(160).fill(5);
  noise.fill(out, 160);
  assert.ok(noise.level === 127 && out.every((sample) => sample === 0));
});

test('the same seed gives the same noise, another seed another; only what was asked for is written', () => {
  const [one, same, other] = [new ComfortNoise({ seed: 5 }), new ComfortNoise({ seed: 5 }), new ComfortNoise({ seed: 6 })].map((noise) => {
    noise.learn(Uint8Array.of(30), 0, 1);
    const out = new Int16Array(400);
    noise.fill(out, 320);
    return out;
  });
  assert.deepEqual(one, same);
  assert.notDeepEqual(one, other);
  assert.ok(one!.subarray(320).every((sample) => sample === 0));
});

test('any payload gives noise that is stable and not louder than its level', () => {
  const noise = new ComfortNoise();
  const out = new Int16Array(8000);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (payload) => {
      noise.reset();
      noise.learn(payload, 0, payload.length);
      noise.fill(out, out.length);
      // A narrow resonance swings: a second of it may be louder than its mean.
      assert.ok(level(out) < 12 - (payload[0]! & 0x7f) || level(out) < -90, `${level(out)}`);
      noise.learn(Uint8Array.of(127), 0, 1);
      noise.fill(out, out.length);
      assert.ok(out.subarray(4000).every((sample) => sample === 0));
    }),
    { numRuns: 200 },
  );
});
