import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discontinuities, level, longestClip, speechLevel, toneSnr } from '../../test/kit/measure.ts';
import { NOISES, noise, sine, speech } from '../../test/kit/speech.ts';
import { TalkDetector } from './level.ts';
import { Leveller } from './leveller.ts';

/** Sound through the talk decision and the leveller, as a leg has them. */
function levelled(leveller: Leveller, sound: Int16Array, rate = 8000, talks?: (frame: number) => boolean): Int16Array {
  const detector = new TalkDetector({ rate });
  const out = sound.slice();
  const frame = rate / 50;
  for (let at = 0; at + frame <= out.length; at += frame) {
    const part = out.subarray(at, at + frame);
    detector.push(part, frame);
    leveller.push(part, frame, talks?.(at / frame) ?? detector.talking);
  }
  return out;
}

const isSame = (one: Int16Array, other: Int16Array): boolean => one.every((sample, at) => sample === other[at]);

for (const rate of [8000, 16000, 48000]) {
  test(`talkers from -40 to -10 dBFS at ${rate} Hz are within 3 dB of each other after 5 s`, () => {
    const levels = [-40, -35, -30, -26, -22, -18, -14, -10].flatMap((dbfs, n) =>
      (rate === 8000 ? [1, 2] : [1]).map((seed) => {
        const voice = speech({ rate, seconds: 9, dbfs, seed: seed + n, pitch: 90 + 20 * n });
        const background = noise('white', { rate, seconds: 10, dbfs: -70, seed });
        const out = levelled(
          new Leveller({ rate }),
          background.map((sample, at) => sample + (voice[at - rate] ?? 0)),
          rate,
        );
        return speechLevel(out.slice(6 * rate), rate);
      }),
    );
    const middle = (Math.max(...levels) + Math.min(...levels)) / 2;
    assert.ok(Math.max(...levels) - middle < 3, levels.map((each) => each.toFixed(1)).join(' '));
    assert.ok(Math.abs(middle - -23) < 2, `around ${middle} dBFS`);
  });
}

test('noise alone gains less than 1 dB, with the talk decision and even if that were wrong about steady noise', () => {
  for (const name of NOISES) {
    for (const dbfs of [-40, -55]) {
      const hiss = noise(name, { rate: 8000, seconds: 20, dbfs, seed: 3 });
      const gained = level(levelled(new Leveller(), hiss)) - level(hiss);
      assert.ok(Math.abs(gained) < 1, `${name} at ${dbfs} dBFS gains ${gained} dB`);
    }
  }
  for (const name of ['white', 'hum'] as const) {
    const hiss = noise(name, { rate: 8000, seconds: 20, dbfs: -40 });
    assert.ok(
      isSame(
        levelled(new Leveller(), hiss, 8000, () => true),
        hiss,
      ),
    );
  }
});

test('in pauses the gain rests: what is between the words is not pumped up', () => {
  const leveller = new Leveller();
  levelled(leveller, speech({ rate: 8000, seconds: 8, dbfs: -35 }), 8000, () => true);
  const gain = leveller.gain;
  assert.ok(gain > 3 && gain < 5, `${gain}`);
  const hiss = noise('pink', { rate: 8000, seconds: 30, dbfs: -60 });
  const out = levelled(leveller, hiss, 8000, () => false);
  assert.equal(leveller.gain, gain);
  const change = level(out.slice(-8000)) - level(hiss.slice(-8000));
  assert.ok(Math.abs(change - 20 * Math.log10(gain)) < 0.1);
});

test('a talker who is as loud as he should be passes bit by bit', () => {
  const voice = speech({ rate: 8000, seconds: 10, dbfs: -23 });
  const leveller = new Leveller();
  assert.ok(isSame(levelled(leveller, voice), voice));
  assert.equal(leveller.gain, 1);
});

test('a steady tone is nobody and passes bit by bit', () => {
  const tone = sine(1000, { rate: 8000, seconds: 20, dbfs: -12 });
  assert.ok(isSame(levelled(new Leveller(), tone), tone));
});

test('the gain changes slowly and without a step', () => {
  const rate = 8000;
  // A tone that swells and fades as syllables do, 12 dB each way.
  const swelling = sine(300, { rate, seconds: 6, dbfs: -38 }).map(
    (sample, at) => sample * (1.15 + Math.sin((2 * Math.PI * 4 * at) / rate)),
  );
  const leveller = new Leveller();
  const out = swelling.slice();
  let before = 0;
  for (let at = 0; at < out.length; at += 160) {
    leveller.push(out.subarray(at, at + 160), 160, true);
    const db = 20 * Math.log10(leveller.gain);
    assert.ok(Math.abs(db - before) <= 0.24 + 1e-9, `${db - before} dB in 20 ms`);
    before = db;
  }
  assert.ok(before > 6);
  assert.deepEqual(discontinuities(out, rate), []);
  // Divided by the slow gain it is a tone again: nothing was added between the frames.
  const tone = sine(300, { rate, seconds: 1, dbfs: -30 });
  const steady = new Leveller();
  levelled(steady, speech({ rate, seconds: 6, dbfs: -33 }), rate, () => true);
  const made = tone.slice();
  for (let at = 0; at < made.length; at += 160) steady.push(made.subarray(at, at + 160), 160, false);
  assert.ok(toneSnr(made, rate, 300) > 55);
});

test('a shout after quiet speech neither wraps nor clips, and is turned down at once', () => {
  const leveller = new Leveller();
  levelled(leveller, speech({ rate: 8000, seconds: 8, dbfs: -42 }), 8000, () => true);
  assert.ok(leveller.gain > 6);
  const shout = speech({ rate: 8000, seconds: 2, dbfs: -12, seed: 5 });
  for (const talks of [true, false]) {
    const out = levelled(leveller, shout, 8000, () => talks);
    out.forEach((sample, at) => {
      assert.ok(Math.sign(sample) === Math.sign(shout[at]!) || Math.abs(shout[at]!) < 8, 'wraps');
    });
    assert.ok(longestClip(out) <= 2, `${longestClip(out)}`);
  }
  assert.ok(leveller.gain < 1.5, `${leveller.gain}`);
});

test('a sudden peak is turned down within an eighth of a frame', () => {
  const leveller = new Leveller();
  levelled(leveller, speech({ rate: 8000, seconds: 8, dbfs: -42 }), 8000, () => true);
  const shout = sine(500, { rate: 8000, seconds: 1, dbfs: -12 }).slice(0, 160);
  const out = shout.slice();
  leveller.push(out, 160, true);
  // After that it is the same sine at another loudness, with nothing bent.
  assert.ok(toneSnr(out.slice(32), 8000, 500) > 50, `${toneSnr(out.slice(32), 8000, 500)}`);
  const largest = out.slice(20).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  assert.ok(largest > 28_000 && largest <= 29_205, `${largest}`);
});

test('gain stays between -12 and 20 dB', () => {
  const quiet = new Leveller();
  levelled(quiet, speech({ rate: 8000, seconds: 12, dbfs: -55 }), 8000, () => true);
  assert.ok(Math.abs(20 * Math.log10(quiet.gain) - 20) < 0.3, `${quiet.gain}`);
  const loud = new Leveller({ target: -40 });
  levelled(loud, speech({ rate: 8000, seconds: 12, dbfs: -15 }), 8000, () => true);
  assert.ok(Math.abs(20 * Math.log10(loud.gain) + 12) < 0.3, `${loud.gain}`);
});

test('a reset begins anew', () => {
  const leveller = new Leveller();
  levelled(leveller, speech({ rate: 8000, seconds: 8, dbfs: -35 }), 8000, () => true);
  leveller.reset();
  const voice = speech({ rate: 8000, seconds: 0.15, dbfs: -35 });
  assert.deepEqual(
    levelled(leveller, voice, 8000, () => true),
    voice,
  );
});
