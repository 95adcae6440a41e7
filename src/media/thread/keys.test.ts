import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromMuLaw } from '../../../test/kit/sound.ts';
import { type StillPhone, sine, stillThread } from '../../../test/kit/still-thread.ts';
import { dtmfTones } from '../../audio/index.ts';
import type { ThreadChange } from './messages.ts';

/** A telephone that says: speech-like hum but for the keys, each from a sample on, for 80 ms. */
const keysAt = (keys: Readonly<Record<number, string>>, hum: (n: number) => number) => (n: number) => {
  for (const [from, key] of Object.entries(keys)) {
    const begin = Number(from);
    if (n < begin || n >= begin + 640) continue;
    const [low, high] = dtmfTones(key)!;
    return sine(low, 5000)(n - begin) + sine(high, 5000)(n - begin);
  }
  return hum(n);
};
const quiet = () => 0;
/** The samples that one hears, from his first packet on. */
const soundOf = (phone: StillPhone): Int16Array => phone.sound();
/** ms in which a tone is heard: 2.5 ms pieces with something loud in them. */
const loudMs = (sound: Int16Array, above = 1500): number => {
  let count = 0;
  for (let at = 0; at + 20 <= sound.length; at += 20) if (sound.subarray(at, at + 20).some((each) => Math.abs(each) > above)) count += 2.5;
  return count;
};

async function couple(change: ThreadChange) {
  const home = stillThread();
  const ann = await home.open('ann', { change });
  const ben = await home.open('ben');
  ben.says = quiet;
  home.mix('room', ['ann', 'ben']);
  return { ...home, ann, ben, digits: () => home.signals.filter((signal) => signal.type === 'digit') };
}

for (const offset of [0, 37, 80, 111, 155]) {
  test(`a key as a tone, ${offset} samples into a frame: who knows no events is told by it, and nobody hears it`, async () => {
    const { run, ann, ben, digits, thread } = await couple({ telephoneEvent: null });
    ann.says = keysAt({ [8000 + offset]: '5', [16_000 + offset]: '#' }, quiet);
    run(3000, ann, ben);
    const told = digits();
    assert.deepEqual(
      told.map(({ digit, way, leg }) => [leg, digit, way]),
      [
        ['ann', '5', 'tone'],
        ['ann', '#', 'tone'],
      ],
    );
    for (const { ms } of told) assert.ok(Math.abs(ms - 80) <= 20, `${ms}`);
    assert.equal(loudMs(soundOf(ben)), 0, 'ms of tone that others hear');
    await thread.close();
  });

  test(`a key as a tone, ${offset} samples into a frame: of who has agreed on events hardly more than 20 ms are heard`, async () => {
    const { run, ann, ben, digits, thread } = await couple({});
    ann.says = keysAt({ [8000 + offset]: '5' }, quiet);
    run(3000, ann, ben);
    assert.deepEqual(
      digits().map(({ digit, way }) => [digit, way]),
      [['5', 'tone']],
    );
    // A frame, and the few samples before it in which no tone can be told yet; counted in pieces of 2.5 ms.
    assert.ok(loudMs(soundOf(ben)) <= 25, `${loudMs(soundOf(ben))} ms`);
    await thread.close();
  });
}

test('a voice goes through as it came, one frame later where tones are cut', async () => {
  for (const change of [{ telephoneEvent: null }, {}]) {
    const { run, ann, ben, digits, thread } = await couple(change);
    const speech = (n: number): number => sine(190, 4000)(n) + sine(380, 3000)(n) + sine(1320, 2000)(n) + sine(2400, 1000)(n);
    ann.says = (n) => (n % 8000 < 6000 ? speech(n) : 0);
    run(4000, ann, ben);
    assert.deepEqual(digits(), []);
    const heard = soundOf(ben);
    const said = Int16Array.from({ length: 32_000 }, (_, n) => ann.says!(n));
    const fits = (delay: number): number =>
      said.subarray(8000, 24_000).reduce((sum, each, n) => sum + Math.abs(each - (heard[8000 + n + delay] ?? 0)), 0) / 16_000;
    const best = Array.from({ length: 8 }, (_, frames) => frames * 160).reduce((one, other) => (fits(other) < fits(one) ? other : one));
    assert.ok(fits(best) < 60, `differs by ${fits(best)}`);
    await thread.close();
  }
});

test('an event is silent to the others, whatever sounds beside it or is missing; from then on tones are no keys', async () => {
  for (const beside of [true, false]) {
    const { run, ann, ben, digits, thread } = await couple({});
    const hum = sine(517, 4000);
    ann.says = hum;
    run(1000, ann, ben);
    const pressedAt = ann.time;
    const [low, high] = dtmfTones('5')!;
    const before = ben.heard().length;
    for (let n = 1; n <= 10; n++) {
      ann.says = beside ? (at) => sine(low, 5000)(at) + sine(high, 5000)(at) : undefined;
      ann.send(101, Uint8Array.of(5, (n > 7 ? 0x80 : 0) | 10, (Math.min(n, 7) * 160) >> 8, (Math.min(n, 7) * 160) & 255), {
        time: pressedAt,
        marker: n === 1,
      });
      run(20, ann, ben);
    }
    ann.says = hum;
    run(1000, ann, ben);
    assert.deepEqual(digits(), [{ type: 'digit', leg: 'ann', digit: '5', ms: 140, way: 'event' }]);
    const during = ben.heard().slice(before, before + 10);
    const loud = during.filter(({ payload }) => payload.some((byte) => Math.abs(fromMuLaw(byte)) > 400)).length;
    assert.ok(loud <= 2, `${loud} frames: what was said before the key is still in the buffer`);
    assert.ok(loudMs(soundOf(ben).subarray(-4000)) > 400, 'he is heard again');
    ann.says = keysAt({ [ann.time + 800]: '7' }, quiet);
    run(1000, ann, ben);
    assert.equal(digits().length, 1, 'a tone of who tells his keys by events is no key');
    await thread.close();
  }
});
