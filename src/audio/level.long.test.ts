import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOISES, noise, sine, speech } from '../../test/kit/speech.ts';
import { meanLevel, TalkDetector } from './level.ts';

const loud = (level: number): Int16Array => Int16Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? level : -level));

function joined(first: Int16Array, second: Int16Array): Int16Array {
  const both = new Int16Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** What the detector says after each frame of 20 ms. */
function decisions(detector: TalkDetector, sound: Int16Array, rate: number): { talking: boolean; audible: boolean }[] {
  const frame = rate / 50;
  return Array.from({ length: Math.floor(sound.length / frame) }, (_, index) => {
    detector.push(sound.subarray(index * frame, (index + 1) * frame), frame);
    return { talking: detector.talking, audible: detector.audible };
  });
}

const onsets = (heard: readonly { talking: boolean }[]): number =>
  heard.filter(({ talking }, index) => talking && heard[index - 1]?.talking !== true).length;

test('energy is the mean absolute sample', () => {
  assert.equal(meanLevel(Int16Array.of(100, -300, 0, -32768), 4), (100 + 300 + 32768) / 4);
  assert.equal(meanLevel(Int16Array.of(100, -300), 1), 100);
  assert.equal(meanLevel(new Int16Array(0), 0), 0);
  assert.equal(meanLevel(Int16Array.of(100, -300, 0, -32768, 50), 5, 2), (100 + 0 + 50) / 3);
});

test('energy is the same at every rate', () => {
  for (const rate of [8000, 16000, 32000, 48000]) {
    const detector = new TalkDetector({ rate });
    // The mean of the absolute sine is 2/π of its peak.
    detector.push(sine(970, { rate, seconds: 1, dbfs: -20 }).subarray(0, rate / 50), rate / 50);
    const expected = (2 / Math.PI) * Math.SQRT2 * 3276.8;
    assert.ok(Math.abs(detector.energy - expected) < 0.03 * expected, `${rate}: ${detector.energy}`);
  }
});

test('a loud sound is audible from its first frame, talking after 60 ms, and ends after 400 ms of quiet', () => {
  const detector = new TalkDetector();
  detector.push(loud(3000), 160);
  assert.deepEqual([detector.audible, detector.talking, detector.energy], [true, false, 3000]);
  detector.push(loud(3000), 160);
  assert.equal(detector.talking, false);
  detector.push(loud(3000), 160);
  assert.equal(detector.talking, true);
  for (let frame = 1; frame < 20; frame++) {
    detector.push(loud(0), 160);
    assert.deepEqual([detector.audible, detector.talking], [true, true], `after ${frame * 20} ms`);
  }
  detector.push(loud(0), 160);
  assert.deepEqual([detector.audible, detector.talking, detector.energy], [false, false, 0]);
});

test('a voice just below the level does not end, a word starts the hold anew', () => {
  const detector = new TalkDetector({ energyLevel: 1000 });
  for (let frame = 0; frame < 3; frame++) detector.push(loud(1010), 160);
  for (let frame = 0; frame < 100; frame++) detector.push(loud(800), 160);
  assert.equal(detector.talking, true);
  for (let frame = 0; frame < 19; frame++) detector.push(loud(700), 160);
  detector.push(loud(1500), 160);
  for (let frame = 0; frame < 19; frame++) detector.push(loud(700), 160);
  assert.equal(detector.talking, true);
  detector.push(loud(700), 160);
  assert.deepEqual([detector.talking, detector.audible], [false, false]);
  detector.push(loud(800), 160);
  assert.deepEqual([detector.talking, detector.audible], [false, false], 'what keeps talking up does not begin it');
});

test('nothing at or below the energy level is talking, however lively', () => {
  const voice = speech({ rate: 8000, seconds: 4, dbfs: -30 });
  const highest = Math.max(...Array.from({ length: 200 }, (_, index) => meanLevel(voice.subarray(index * 160), 160)));
  const heard = decisions(new TalkDetector({ energyLevel: highest }), voice, 8000);
  assert.ok(heard.every(({ audible }) => !audible));
  assert.ok(decisions(new TalkDetector({ energyLevel: highest / 4 }), voice, 8000).some(({ talking }) => talking));
});

test('level 0 always talks', () => {
  const detector = new TalkDetector({ energyLevel: 0 });
  assert.deepEqual([detector.talking, detector.audible], [true, true]);
  detector.push(loud(0), 160);
  assert.deepEqual([detector.talking, detector.audible], [true, true]);
});

for (const rate of [8000, 16000, 48000]) {
  test(`noise does not talk at ${rate} Hz: less than once a minute, and not when it is there from the beginning`, () => {
    const quiet = noise('white', { rate, seconds: 2, dbfs: -70 });
    for (const name of NOISES) {
      const loudest = noise(name, { rate, seconds: rate === 8000 ? 40 : 12, dbfs: -40, seed: 7 });
      for (const dbfs of [-40, -50, -60]) {
        const hiss = loudest.map((sample) => Math.round(sample * 10 ** ((dbfs + 40) / 20)));
        assert.equal(onsets(decisions(new TalkDetector({ rate }), hiss, rate)), 0, `${name} at ${dbfs} dBFS`);
        // A microphone that is opened in the middle of a call may be taken for a voice once.
        const sudden = decisions(new TalkDetector({ rate }), joined(quiet, hiss), rate);
        assert.ok(onsets(sudden) <= 1, `${name} at ${dbfs} dBFS comes suddenly`);
        assert.ok(sudden.filter(({ talking }) => talking).length <= 150, `${name} at ${dbfs} dBFS talks for 3 s at most`);
      }
    }
  });

  test(`a voice at ${rate} Hz is audible at once, talking within 200 ms, and ends within a second, in quiet and in noise`, () => {
    for (const [dbfs, floor] of [
      [-10, -90],
      [-20, -65],
      [-26, -90],
      [-26, -65],
      [-26, -45],
    ] as const) {
      for (const seed of [1, 2, 3]) {
        const background = noise('white', { rate, seconds: 8, dbfs: floor, seed });
        const voice = speech({ rate, seconds: 4, dbfs, seed, pitch: 100 + 40 * seed });
        const begins = voice.findIndex((_, index) => meanLevel(voice.subarray(index, index + rate / 50), rate / 50) > 300);
        const ends = voice.findLastIndex((sample) => Math.abs(sample) > 300);
        const sound = background.map((sample, index) => sample + (voice[index - 2 * rate] ?? 0));
        const heard = decisions(new TalkDetector({ rate }), sound, rate);
        const name = `seed ${seed} at ${dbfs} over ${floor} dBFS`;
        const start = 100 + Math.floor((50 * begins) / rate);
        // In the first half second the noise is not known, and may be a word.
        const audibleAt = heard.findIndex(({ audible }, frame) => audible && frame >= 40);
        assert.ok(audibleAt >= 100 && audibleAt <= start + 3, `${name}: audible after ${(audibleAt - start) * 20} ms`);
        const talkingAt = heard.findIndex(({ talking }) => talking);
        assert.ok(talkingAt >= 100 && (talkingAt - start) * 20 < 200, `${name}: talking after ${(talkingAt - start) * 20} ms`);
        const stopAt = heard.findLastIndex(({ talking }) => talking) - 100 - Math.ceil((50 * ends) / rate);
        assert.ok(stopAt * 20 <= 1000, `${name}: stops after ${stopAt * 20} ms`);
        assert.ok(heard.slice(100, 300).filter(({ audible }) => audible).length > 170, `${name}: no word is lost`);
      }
    }
  });
}

test('a faint voice is found too, a second later at most', () => {
  for (const seed of [1, 2, 3]) {
    const background = noise('white', { rate: 8000, seconds: 10, dbfs: -65, seed });
    const voice = speech({ rate: 8000, seconds: 8, dbfs: -40, seed, pitch: 100 + 40 * seed });
    const heard = decisions(
      new TalkDetector(),
      background.map((sample, index) => sample + (voice[index - 16000] ?? 0)),
      8000,
    );
    const talkingAt = heard.findIndex(({ talking }) => talking);
    assert.ok(talkingAt >= 100 && talkingAt <= 150, `${(talkingAt - 100) * 20} ms`);
    assert.ok(heard.slice(100).filter(({ talking }) => talking).length > 200);
  }
});

test('a soft voice behind digital silence is in the mix from its first frame, noise there only until it is known', () => {
  for (const seed of [1, 2, 3]) {
    const voice = speech({ rate: 8000, seconds: 4, dbfs: -36, seed, pitch: 100 + 40 * seed });
    const heard = decisions(new TalkDetector(), joined(new Int16Array(16000), voice), 8000);
    const begins = voice.findIndex((_, index) => meanLevel(voice.subarray(index, index + 160), 160) > 60);
    const audibleAt = heard.findIndex(({ audible }) => audible) - 100 - Math.floor(begins / 160);
    assert.ok(audibleAt >= -1 && audibleAt <= 1, `seed ${seed}: audible after ${audibleAt * 20} ms`);
    const hiss = noise('white', { rate: 8000, seconds: 4, dbfs: -45, seed });
    const noisy = decisions(new TalkDetector(), joined(new Int16Array(16000), hiss), 8000);
    assert.equal(noisy.findLastIndex(({ audible }) => audible) < 100 + 35, true, 'noise is let go of');
  }
});

test('a steady tone of usual loudness is heard without end, whatever is learnt about noise', () => {
  const heard = decisions(new TalkDetector(), sine(1000, { rate: 8000, seconds: 60, dbfs: -26 }), 8000);
  assert.ok(heard.every(({ audible }) => audible));
  assert.equal(onsets(heard), 1);
});

test('steady noise that comes suddenly is let go of within a second and never talks', () => {
  for (const name of ['white', 'hum'] as const) {
    const sound = joined(noise('white', { rate: 8000, seconds: 2, dbfs: -75 }), noise(name, { rate: 8000, seconds: 4, dbfs: -45 }));
    const heard = decisions(new TalkDetector(), sound, 8000);
    assert.ok(heard[101]!.audible, `${name}: it may be the beginning of a word`);
    assert.ok(
      heard.slice(150).every(({ audible }) => !audible),
      name,
    );
    assert.equal(onsets(heard), 0, name);
  }
});

test('a level that is known already decides as the frame would', () => {
  const voice = joined(noise('pink', { rate: 8000, seconds: 2, dbfs: -50 }), speech({ rate: 8000, seconds: 4 }));
  const [one, other] = [new TalkDetector(), new TalkDetector()];
  for (let at = 0; at + 160 <= voice.length; at += 160) {
    one.push(voice.subarray(at, at + 160), 160);
    other.heard(meanLevel(voice.subarray(at, at + 160), 160), 160);
    assert.deepEqual([one.talking, one.audible, one.energy], [other.talking, other.audible, other.energy]);
  }
});

test('after a reset nothing is known about noise', () => {
  const detector = new TalkDetector();
  decisions(detector, noise('white', { rate: 8000, seconds: 5, dbfs: -40 }), 8000);
  assert.ok(detector.noise > 200);
  detector.reset();
  assert.deepEqual([detector.noise, detector.energy, detector.talking, detector.audible], [0, 0, false, false]);
});
