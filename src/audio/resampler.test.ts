import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delay, discontinuities, goertzel, level, snr, toneSnr } from '../../test/kit/measure.ts';
import { sine, speech } from '../../test/kit/speech.ts';
import { type Rate, Resampler } from './resampler.ts';

const WAYS: readonly (readonly [Rate, Rate])[] = [
  [8000, 16000],
  [16000, 8000],
  [8000, 48000],
  [48000, 8000],
  [16000, 48000],
  [48000, 16000],
];

/** Plays samples through a resampler in frames of `ms`; sound before `from` ms is left out. */
function resampled(resampler: Resampler, samples: Int16Array, ms = 20): Int16Array {
  const frame = (resampler.from * ms) / 1000;
  const out = new Int16Array((samples.length * resampler.to) / resampler.from);
  const made = new Int16Array((resampler.to * ms) / 1000);
  let written = 0;
  for (let at = 0; at < samples.length; at += frame) {
    const count = resampler.process(samples.slice(at, at + frame), Math.min(frame, samples.length - at), made);
    out.set(made.subarray(0, count), written);
    written += count;
  }
  assert.equal(written, out.length);
  return out;
}

/** One tone, resampled: half a second after the filter has settled. */
const settled = ([from, to]: readonly [Rate, Rate], hz: number, dbfs = -9): Int16Array =>
  resampled(new Resampler({ from, to }), sine(hz, { rate: from, seconds: 0.6, dbfs })).slice(to / 10);

for (const way of WAYS) {
  const [from, to] = way;
  const band = Math.min(from, to) === 8000 ? 3400 : 7000;
  test(`${from} to ${to}: flat to ${band} Hz within 0.1 dB, and nothing is added`, () => {
    for (const hz of [100, 300, 1000, 2000, 3400, 5000, 7000].filter((each) => each <= band)) {
      const out = settled(way, hz);
      const change = 20 * Math.log10(goertzel(out, to, hz) / (32768 * Math.SQRT2 * 10 ** (-9 / 20)));
      assert.ok(Math.abs(change) < 0.1, `${hz} Hz changes by ${change} dB`);
      assert.ok(toneSnr(out, to, hz) > 55, `${hz} Hz: all else is ${toneSnr(out, to, hz)} dB below`);
    }
  });

  test(`${from} to ${to}: the delay is what it says, whatever the length of frames`, () => {
    const sound = speech({ rate: from, seconds: 1.2 });
    const resampler = new Resampler({ from, to });
    const twice = resampled(resampler, sound);
    const back = resampled(new Resampler({ from: to, to: from }), twice);
    const late = (2 * resampler.delayMs * from) / 1000;
    assert.ok(Math.abs(delay(sound.slice(0, from / 2), back.slice(0, from / 2 + from / 100), from / 100) - late) <= 1);
    assert.ok(resampler.delayMs < 2);
    assert.deepEqual(resampled(new Resampler({ from, to }), sound, 10), twice);
    assert.deepEqual(resampled(new Resampler({ from, to }), sound, 60), twice);
  });
}

test('what does not fit into the lower rate is at least 50 dB down', () => {
  const cases: readonly (readonly [Rate, Rate, readonly number[]])[] = [
    [16000, 8000, [4600, 5000, 6000, 7000, 7900]],
    [48000, 8000, [4600, 6000, 7800, 9000, 11400, 15000, 16100, 17000, 20000, 23900]],
    [48000, 16000, [9000, 10000, 13000, 15900, 17000, 20000, 23900]],
  ];
  for (const [from, to, tones] of cases) {
    for (const hz of tones) {
      const left = level(settled([from, to], hz, -6)) + 6;
      assert.ok(left < -50, `${hz} Hz of ${from} leaves ${left} dB at ${to}`);
    }
  }
});

test('a room of 48 kHz hears a telephone as another telephone does', () => {
  const sound = speech({ rate: 8000, seconds: 4 });
  const there = new Resampler({ from: 8000, to: 48000 });
  const back = new Resampler({ from: 48000, to: 8000 });
  const heard = resampled(back, resampled(there, sound));
  const late = Math.round((there.delayMs + back.delayMs) * 8);
  // The delay of 3.625 ms is a whole number of samples, so sample by sample comparison is fair.
  assert.equal(late, (there.delayMs + back.delayMs) * 8);
  const smooth = resampled(new Resampler({ from: 16000, to: 8000 }), resampled(new Resampler({ from: 8000, to: 16000 }), sound));
  assert.ok(snr(smooth.slice(24), heard.slice(late)) > 45, `${snr(smooth.slice(24), heard.slice(late))}`);
});

test('overshoots of full scale stop at the end of the scale', () => {
  const square = Int16Array.from({ length: 960 }, (_, index) => (Math.floor(index / 20) % 2 === 0 ? 32766 : -32766));
  for (const [from, to] of WAYS) {
    const half = resampled(
      new Resampler({ from, to }),
      square.map((sample) => sample / 2),
    );
    const out = resampled(new Resampler({ from, to }), square);
    assert.ok(out.includes(32767) && out.includes(-32768));
    out.forEach((sample, index) => {
      assert.ok(Math.abs(sample - Math.max(-32768, Math.min(32767, 2 * half[index]!))) <= 2, `${from} to ${to}`);
    });
  }
});

test('primed with what came before, it goes on without a click; without, it would begin with one', () => {
  for (const [from, to] of WAYS) {
    const sound = sine(440, { rate: from, seconds: 0.2, dbfs: -9 });
    const whole = resampled(new Resampler({ from, to }), sound);
    const late = new Resampler({ from, to });
    late.prime(sound.slice(0, from / 10), from / 10);
    assert.deepEqual(resampled(late, sound.slice(from / 10)), whole.slice(to / 10));
  }
});

test('after a reset the sound rises out of silence without a click', () => {
  for (const [from, to] of WAYS) {
    const resampler = new Resampler({ from, to });
    const before = resampled(resampler, sine(440, { rate: from, seconds: 0.1, dbfs: -9 }));
    resampler.reset();
    const silence = resampled(resampler, new Int16Array(from / 50));
    assert.ok(silence.every((sample) => sample === 0));
    const after = resampled(resampler, sine(440, { rate: from, seconds: 0.1, dbfs: -9 }));
    assert.deepEqual(after, before);
    assert.deepEqual(discontinuities(after.slice(to / 200), to), []);
  }
});

test('the same rate passes unchanged and at once', () => {
  const sound = speech({ rate: 8000, seconds: 0.5 });
  const resampler = new Resampler({ from: 8000, to: 8000 });
  assert.deepEqual(resampled(resampler, sound), sound);
  assert.equal(resampler.delayMs, 0);
});
