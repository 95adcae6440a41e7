import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Concealer } from './conceal.ts';
import { meanLevel } from './level.ts';
import { ToneSource, toneAmplitude } from './tone.ts';

/** Frames of a voice-like sound, 125 Hz (a period of 64 samples) and two of its harmonics. */
function voice(): () => Int16Array {
  const source = new ToneSource({
    rate: 8000,
    tones: [
      { hertz: 125, amplitude: 6000 },
      { hertz: 250, amplitude: 3000 },
      { hertz: 500, amplitude: 1500 },
    ],
  });
  return () => {
    const frame = new Int16Array(160);
    source.fill(frame);
    return frame;
  };
}

function largestStep(samples: Int16Array): number {
  return samples.reduce((most, sample, index) => (index === 0 ? 0 : Math.max(most, Math.abs(sample - samples[index - 1]!))), 0);
}

/** Plays frames through a concealer; `lost` says which do not come. */
function play(concealer: Concealer, frames: readonly Int16Array[], lost: (index: number) => boolean): Int16Array {
  const heard = new Int16Array(frames.length * 160);
  frames.forEach((frame, index) => {
    const out = frame.slice();
    if (lost(index)) {
      out.fill(0);
      concealer.lost(out);
    } else concealer.good(out);
    heard.set(out, index * 160);
  });
  return heard;
}

test('a lost frame of a steady voice is hardly to be told from what was sent', () => {
  const next = voice();
  const frames = Array.from({ length: 10 }, next);
  const heard = play(new Concealer(), frames, (index) => index === 5);
  const error = heard.slice(800, 960).map((sample, index) => sample - frames[5]![index]!);
  assert.ok(meanLevel(error, 160) < 0.25 * meanLevel(frames[5]!, 160), `${meanLevel(error, 160)}`);
  assert.ok(toneAmplitude(heard.slice(800, 960), 8000, 250) > 2200);
});

test('neither the gap nor the return clicks', () => {
  for (const length of [1, 2, 3, 5]) {
    const next = voice();
    const frames = Array.from({ length: 20 }, next);
    const heard = play(new Concealer(), frames, (index) => index >= 5 && index < 5 + length);
    const usual = largestStep(frames[0]!);
    assert.ok(largestStep(heard) <= 1.5 * usual, `${length} lost: ${largestStep(heard)}, usually ${usual}`);
  }
});

test('a voice that comes back at another place of its period is blended in', () => {
  for (const skipped of [20, 32, 50]) {
    const next = voice();
    const frames = Array.from({ length: 10 }, next);
    const joined = Int16Array.from(frames.flatMap((frame) => [...frame]));
    const shifted = Array.from({ length: 9 }, (_, index) => joined.slice(index * 160 + (index > 5 ? skipped : 0)).slice(0, 160));
    const heard = play(new Concealer(), shifted, (index) => index === 5);
    assert.ok(largestStep(heard) <= 1.5 * largestStep(frames[0]!), `${skipped}: ${largestStep(heard)}`);
  }
});

test('it fades by a fifth every 10 ms, and after 60 ms nothing is left', () => {
  const next = voice();
  const frames = Array.from({ length: 12 }, next);
  const heard = play(new Concealer(), frames, (index) => index >= 5);
  const levels = Array.from({ length: 5 }, (_, index) => meanLevel(heard.slice(800 + index * 160), 160));
  assert.ok(levels[0]! > levels[1]! && levels[1]! > levels[2]! && levels[2]! > 0);
  assert.deepEqual(levels.slice(3), [0, 0]);
});

test('frames that come pass unchanged when nothing was lost', () => {
  const next = voice();
  const concealer = new Concealer();
  for (let index = 0; index < 5; index++) {
    const frame = next();
    const passed = frame.slice();
    concealer.good(passed);
    assert.deepEqual(passed, frame);
  }
});

test('after the return the frame is its own again within 10 ms', () => {
  const next = voice();
  const frames = Array.from({ length: 12 }, next);
  const heard = play(new Concealer(), frames, (index) => index >= 5 && index < 9);
  assert.deepEqual(heard.slice(9 * 160 + 80), Int16Array.from([...frames[9]!.slice(80), ...frames[10]!, ...frames[11]!]));
});

test('only the missing half of a frame is made up', () => {
  const next = voice();
  const concealer = new Concealer();
  for (let index = 0; index < 5; index++) concealer.good(next());
  const whole = next();
  const out = whole.slice();
  out.fill(0, 80);
  concealer.lost(out, 80, 160);
  assert.deepEqual(out.slice(0, 80), whole.slice(0, 80));
  assert.ok(meanLevel(out.slice(80), 80) > 0.7 * meanLevel(whole.slice(80), 80));
  const first = next();
  const other = first.slice();
  other.fill(0, 0, 80);
  concealer.lost(other, 0, 80);
  assert.ok(meanLevel(other.slice(0, 80), 80) > 0.5 * meanLevel(first.slice(0, 80), 80));
  assert.deepEqual(other.slice(144), first.slice(144)); // 20 ms were lost, so the blend takes 8 ms.
});

test('silence stays silence', () => {
  const concealer = new Concealer();
  const out = new Int16Array(160);
  concealer.good(out);
  concealer.lost(out);
  concealer.good(out);
  assert.ok(out.every((sample) => sample === 0));
});
