import assert from 'node:assert/strict';
import { test } from 'node:test';
import { level, longestClip } from '../../test/kit/measure.ts';
import { sine, speech } from '../../test/kit/speech.ts';
import { bend, Limiter } from './limiter.ts';

function added(sounds: readonly Int16Array[]): Int32Array {
  const sum = new Int32Array(sounds[0]!.length);
  for (const sound of sounds) for (let index = 0; index < sum.length; index++) sum[index]! += sound[index]!;
  return sum;
}

function limited(limiter: Limiter, sum: Int32Array, frame: number): Int16Array {
  const out = new Int16Array(sum.length);
  const made = new Int16Array(frame);
  for (let at = 0; at + frame <= sum.length; at += frame) {
    limiter.process(sum.slice(at, at + frame), frame, made);
    out.set(made, at);
  }
  return out;
}

/** How much of each 20 ms is not the sum at some loudness, dB, on average: what a listener calls distortion. */
function cleanness(sum: Int32Array, heard: Int16Array, frame: number): number {
  const figures: number[] = [];
  for (let at = 0; at + frame <= sum.length; at += frame) {
    let [both, meant, got] = [0, 0, 0];
    for (let index = at; index < at + frame; index++) {
      both += sum[index]! * heard[index]!;
      meant += sum[index]! ** 2;
      got += heard[index]! ** 2;
    }
    if (got > 0) figures.push(Math.min(60, -10 * Math.log10(1 - both ** 2 / (meant * got) + 1e-9)));
  }
  return figures.reduce((total, each) => total + each, 0) / figures.length;
}

const hard = (sum: Int32Array): Int16Array => Int16Array.from(sum, (sample) => Math.max(-32768, Math.min(32767, sample)));

for (const rate of [8000, 16000, 48000]) {
  const frame = rate / 50;
  const crowds = {
    // Peaks of half the scale: -6 dBFS.
    'ten tones': Array.from({ length: 10 }, (_, n) => sine(400 + 130 * n, { rate, seconds: 2, dbfs: -9.03 })),
    // As loud as -6 dBFS can be said at all: the peaks of each are cut off already.
    'ten voices': Array.from({ length: 10 }, (_, n) => speech({ rate, seconds: 2, seed: n + 1, pitch: 100 + 15 * n, dbfs: -6 })),
    'ten times the same voice': Array.from({ length: 10 }, () => speech({ rate, seconds: 2, dbfs: -12 })),
  };
  for (const [name, sounds] of Object.entries(crowds)) {
    test(`${name} at ${rate} Hz: nothing wraps, no clipped run is longer than 2 samples`, () => {
      const sum = added(sounds);
      const heard = limited(new Limiter({ rate }), sum, frame);
      assert.ok(longestClip(hard(sum)) > 2, 'without a limiter it would clip');
      assert.ok(longestClip(heard) <= 2, `${longestClip(heard)} samples in a row`);
      heard.forEach((sample, index) => {
        assert.ok(Math.sign(sample) === Math.sign(sum[index]!) || Math.abs(sample) <= 1, `wraps at ${index}`);
      });
      assert.ok(cleanness(sum, heard, frame) > 25, `${cleanness(sum, heard, frame)} dB`);
      assert.ok(cleanness(sum, heard, frame) > cleanness(sum, hard(sum), frame) + 3, 'better than clipping');
      assert.ok(level(heard) > -16, `still loud: ${level(heard)} dBFS`);
    });
  }
}

test('what is not too loud passes bit by bit', () => {
  const limiter = new Limiter();
  const sum = Int32Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? 29_204 : -29_204) - (index % 7));
  const below = sum.map((sample) => Math.max(-29_204, sample));
  assert.deepEqual([...limited(limiter, below, 160)], [...below]);
  assert.equal(limiter.gain, 1);
});

test('a peak at the end of a frame is met by turning down before it, one at the beginning by bending', () => {
  const quiet = Int32Array.from({ length: 160 }, (_, index) => Math.round(10_000 * Math.sin(index / 4)));
  const late = quiet.slice();
  late[150] = 60_000;
  const limiter = new Limiter();
  const out = limited(limiter, late, 160);
  assert.deepEqual([...out.slice(0, 120)], [...late.slice(0, 120)], 'untouched until 2.5 ms before the step with the peak');
  assert.ok(Math.abs(out[150]! - 29_204) <= 1, 'turned down in time, so not bent');
  const early = quiet.slice();
  early[0] = 60_000;
  const bent = limited(new Limiter(), early, 160)[0]!;
  assert.ok(bent > 29_204 && bent < 32_767, `${bent}`);
});

test('it comes back slowly, and then passes bit by bit again', () => {
  const limiter = new Limiter();
  const loud = Int32Array.from({ length: 160 }, (_, index) => Math.round(58_408 * Math.sin((2 * Math.PI * index) / 16)));
  const quiet = loud.map((sample) => sample >> 3);
  limited(limiter, loud, 160);
  assert.ok(Math.abs(limiter.gain - 0.5) < 0.01, `${limiter.gain}`);
  const gains: number[] = [];
  for (let frame = 0; frame < 80; frame++) {
    limited(limiter, quiet, 160);
    gains.push(limiter.gain);
  }
  // 25 ms of rest and one time constant of 150 ms: 37 % of the distance is left.
  const atOne = gains[7]! + 0.75 * (gains[8]! - gains[7]!);
  assert.ok(Math.abs(1 - atOne - 0.5 * Math.exp(-1)) < 0.02, `${atOne}`);
  gains.forEach((gain, index) => {
    assert.ok(gain >= (gains[index - 1] ?? 0));
  });
  assert.equal(limiter.gain, 1);
  assert.deepEqual([...limited(limiter, quiet, 160)], [...quiet]);
});

test('no frame begins with a step', () => {
  const rate = 8000;
  const sum = Int32Array.from(sine(200, { rate, seconds: 2, dbfs: -6 }), (sample, index) =>
    Math.round(sample * (1 + 2 * Math.sin(index / 3000) ** 2)),
  );
  const heard = limited(new Limiter(), sum, 160);
  // 200 Hz at full scale moves by at most 5 150 from one sample to the next.
  for (let index = 1; index < heard.length; index++) assert.ok(Math.abs(heard[index]! - heard[index - 1]!) < 5_300, `at ${index}`);
});

test('any length of frame', () => {
  const sum = Int32Array.from({ length: 1000 }, (_, index) => Math.round(80_000 * Math.sin(index / 7)));
  for (const frame of [1, 7, 80, 160, 1000]) assert.ok(longestClip(limited(new Limiter(), sum, frame)) <= 2, `${frame}`);
});

test('the curve rises everywhere and never arrives', () => {
  let before = -1;
  for (let sample = 0; sample < 10_000_000; sample += 997) {
    const bent = bend(sample);
    assert.ok(bent > before && bent < 32_767);
    assert.equal(bend(-sample) + bent, 0);
    before = bent;
  }
});
