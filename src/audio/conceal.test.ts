import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discontinuities, segmentalSnr } from '../../test/kit/measure.ts';
import { losses, noise, sine, speech } from '../../test/kit/speech.ts';
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

test('it fades by a quarter every 10 ms, and after 60 ms nothing is left', () => {
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

/** What is heard of a sound when frames of 20 ms are lost, and `fill` makes up for them. */
function withLosses(sound: Int16Array, lost: readonly boolean[], rate: number, fill: 'zeros' | 'repeat' | Concealer): Int16Array {
  const frame = rate / 50;
  const heard = sound.slice();
  lost.forEach((isLost, index) => {
    const part = heard.subarray(index * frame, (index + 1) * frame);
    if (fill instanceof Concealer) {
      if (isLost) fill.lost(part.fill(0));
      else fill.good(part);
    } else if (isLost) part.set(fill === 'zeros' ? new Int16Array(frame) : heard.slice((index - 1) * frame, index * frame));
  });
  return heard;
}

for (const rate of [8000, 16000, 48000]) {
  test(`speech at ${rate} Hz with 1, 3 and 5 % loss: 6 dB better than silence, more than 1 dB better than repeating frames`, () => {
    const voices = [110, 140, 190, 230].map((pitch, n) => speech({ rate, seconds: rate === 48000 ? 15 : 40, seed: n + 1, pitch }));
    for (const share of [0.01, 0.03, 0.05]) {
      const figures = { zeros: 0, repeat: 0, concealed: 0 };
      for (const [n, voice] of voices.entries()) {
        const frame = rate / 50;
        const lost = losses(voice.length / frame, share, n + 1);
        // Only what was lost counts, and of that only what was not silence.
        const score = (fill: 'zeros' | 'repeat' | Concealer): number =>
          segmentalSnr(voice, withLosses(voice, lost, rate, fill), { frame, only: (index) => lost[index]!, silence: -50 }) / voices.length;
        figures.zeros += score('zeros');
        figures.repeat += score('repeat');
        figures.concealed += score(new Concealer({ rate }));
      }
      const said = `${share}: ${Object.entries(figures).map(([name, db]) => `${name} ${db.toFixed(1)} dB`)}`;
      assert.ok(figures.concealed >= figures.zeros + 6, said);
      assert.ok(figures.concealed >= figures.repeat + 1, said);
    }
  });

  test(`a tone at ${rate} Hz with losses has no clicks`, () => {
    for (const hz of [150, 440, 1000]) {
      const tone = sine(hz, { rate, seconds: 4, dbfs: -20 });
      const heard = withLosses(tone, losses(200, 0.05, 3), rate, new Concealer({ rate }));
      assert.deepEqual(discontinuities(heard.slice(0, rate * 4), rate, 4), [], `${hz} Hz`);
    }
  });

  test(`what comes again is its own within 10 ms at ${rate} Hz, and pauses stay pauses`, () => {
    const frame = rate / 50;
    const voice = speech({ rate, seconds: 2 });
    const lost = losses(100, 0.1, 5);
    const heard = withLosses(voice, lost, rate, new Concealer({ rate }));
    lost.forEach((isLost, index) => {
      if (isLost || lost[index - 1] === undefined) return;
      const from = index * frame + (lost[index - 1] ? frame / 2 : 0);
      for (let at = from; at < (index + 1) * frame; at++) assert.equal(heard[at], voice[at]);
    });
    const silent = withLosses(new Int16Array(rate), losses(50, 0.2), rate, new Concealer({ rate }));
    assert.ok(silent.every((sample) => sample === 0));
  });
}

test('a pitch that rises goes on rising', () => {
  const rate = 8000;
  // From 100 to 200 Hz within a second: the period shrinks by about a hundredth each time.
  let phase = 0;
  const rising = Int16Array.from({ length: rate }, (_, at) => {
    phase += (2 * Math.PI * (100 + (100 * at) / rate)) / rate;
    return 6000 * Math.sin(phase) + 3000 * Math.sin(2 * phase) + 2000 * Math.sin(5 * phase);
  });
  const lost = losses(50, 0.15, 4);
  const heard = withLosses(rising, lost, rate, new Concealer({ rate }));
  const single = lost.map((isLost, index) => isLost && !lost[index - 1] && !lost[index - 2]);
  assert.ok(segmentalSnr(rising, heard, { frame: 160, only: (index) => single[index]! }) > 15);
});

test('a hiss, which nobody can foretell, dies away: it is not made worse than silence would be', () => {
  const rate = 8000;
  const hiss = noise('white', { rate, seconds: 20, dbfs: -30 });
  const lost = losses(1000, 0.05, 2);
  const heard = withLosses(hiss, lost, rate, new Concealer({ rate }));
  const frames = { frame: 160, only: (index: number) => lost[index]! };
  assert.ok(segmentalSnr(hiss, heard, frames) > -1.2, `${segmentalSnr(hiss, heard, frames)}`);
  assert.ok(segmentalSnr(hiss, withLosses(hiss, lost, rate, 'repeat'), frames) < -2.5);
});
