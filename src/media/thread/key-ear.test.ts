import assert from 'node:assert/strict';
import { PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { KEYS, keySound } from '../../../test/kit/keypad-sound.ts';
import { speech } from '../../../test/kit/speech.ts';
import { KeyEar } from './key-ear.ts';

const LINE = { dbm0: -12, twist: 2, off: 0, snr: 30, seed: 1, onMs: 80, offMs: 80 };

/** Sound at 8 kHz at another rate, sample and hold: enough for tones. */
const at = (sound: Int16Array, rate: number): Int16Array =>
  Int16Array.from({ length: (sound.length * rate) / 8000 }, (_, n) => sound[Math.floor((n * 8000) / rate)]!);

for (const rate of [8000, 16_000, 48_000] as const) {
  test(`keys are heard at ${rate} Hz, held back or not`, () => {
    for (const ahead of [true, false]) {
      const ear = new KeyEar({ rate, ahead });
      const count = rate / 50;
      const frame = new Int16Array(count);
      const sound = at(keySound(KEYS, LINE), rate);
      let keys = '';
      for (let from = 0; from + count <= sound.length; from += count) {
        frame.set(sound.subarray(from, from + count));
        ear.push(frame, count, true);
        keys += ear.key ?? '';
      }
      assert.equal(keys, KEYS);
    }
  });
}

test('what is held back comes when the sound is over, and then nothing', () => {
  const ear = new KeyEar({ rate: 8000, ahead: true });
  const frame = new Int16Array(160).fill(700);
  assert.equal(ear.push(frame, 160, true), false, 'nothing came before');
  assert.equal(ear.rest(frame, 160), true);
  assert.ok(frame.every((each) => each === 700));
  assert.equal(ear.rest(frame, 160), false);
});

test('listening for keys makes no garbage on the tick', async () => {
  const ears = [new KeyEar({ rate: 8000, ahead: true }), new KeyEar({ rate: 16_000, ahead: false })];
  const voice = speech({ rate: 8000, seconds: 20 });
  const frames = ears.map((_, n) => new Int16Array(n === 0 ? 160 : 320));
  const ticks = (count: number): void => {
    for (let tick = 0; tick < count; tick++) {
      const from = (tick % 990) * 160;
      for (let n = 0; n < ears.length; n++) {
        const frame = frames[n]!;
        for (let index = 0; index < 160; index++) frame[index] = voice[from + index]!;
        if (tick % 100 < 80) ears[n]!.push(frame, frame.length, true);
        else ears[n]!.rest(frame, frame.length);
      }
    }
  };
  ticks(5000);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ['gc'] });
  ticks(40_000);
  for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
  observer.disconnect();
  // One object for each frame would be some megabytes, and dozens of collections.
  assert.ok(collections <= 3, `${collections} collections`);
});
