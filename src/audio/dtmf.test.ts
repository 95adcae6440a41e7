import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chords, KEYS, keySound, music } from '../../test/kit/keypad-sound.ts';
import { speech } from '../../test/kit/speech.ts';
import { DTMF_HOP, DtmfDetector } from './dtmf.ts';

/** What is heard in a sound, and how long each key was pressed. */
function heard(sound: Int16Array): { keys: string; ms: number[] } {
  const detector = new DtmfDetector();
  const found = { keys: '', ms: [] as number[] };
  for (let at = 0; at + DTMF_HOP <= sound.length; at += DTMF_HOP) {
    detector.push(sound, at);
    if (detector.key === undefined) continue;
    found.keys += detector.key;
    found.ms.push(detector.ms);
  }
  return found;
}
const CLEAN = { dbm0: -10, twist: 0, off: 0, snr: Number.POSITIVE_INFINITY, seed: 1 };

for (const dbm0 of [0, -15, -30]) {
  test(`all keys at ${dbm0} dBm0, 40 ms on and 40 ms off, twisted by 6 dB, off by 1.5 %, with 15 dB of noise`, () => {
    for (const twist of [-6, 0, 6]) {
      for (const off of [0, 0.015]) {
        for (const snr of [Number.POSITIVE_INFINITY, 15]) {
          assert.equal(heard(keySound(KEYS, { dbm0, twist, off, snr, seed: 3 })).keys, KEYS, `twist ${twist}, off ${off}, snr ${snr}`);
        }
      }
    }
  });
}

test('the same key many times is so many keys; how long each was pressed is told to 20 ms', () => {
  const { keys, ms } = heard(keySound('5555', { ...CLEAN, onMs: 200 }));
  assert.equal(keys, '5555');
  for (const each of ms) assert.ok(Math.abs(each - 200) <= 20, `${each}`);
});

test('what is no key: tones too far off, too short, alone, too unlike each other, too quiet', () => {
  assert.equal(heard(keySound(KEYS, { ...CLEAN, off: 0.035 })).keys, '');
  assert.equal(heard(keySound(KEYS, { ...CLEAN, onMs: 15 })).keys, '');
  assert.equal(heard(keySound(KEYS, { ...CLEAN, twist: 12 })).keys, '');
  assert.equal(heard(keySound(KEYS, { ...CLEAN, twist: 80, onMs: 100 })).keys, '');
  assert.equal(heard(keySound(KEYS, { ...CLEAN, dbm0: -50 })).keys, '');
});

test('a key that is interrupted for 10 ms is one key (Q.24)', () => {
  for (let cut = 400; cut < 480; cut += 13) {
    const sound = keySound('8', { ...CLEAN, onMs: 120 });
    sound.fill(0, cut, cut + 80);
    assert.equal(heard(sound).keys, '8', `at ${cut}`);
  }
});

test('minutes of voices, music and chords of two tones have no key in them', () => {
  for (const pitch of [95, 120, 180, 230]) assert.equal(heard(speech({ rate: 8000, seconds: 20, pitch, seed: pitch })).keys, '');
  assert.equal(heard(music(30, 1)).keys, '');
  assert.equal(heard(chords(30, 1)).keys, '');
});

test('nothing is kept of what was before a reset', () => {
  const sound = keySound('1', CLEAN);
  const detector = new DtmfDetector();
  for (let at = 0; at < 240; at += DTMF_HOP) detector.push(sound, at);
  detector.reset();
  const silence = new Int16Array(DTMF_HOP);
  for (let n = 0; n < 20; n++) {
    detector.push(silence, 0);
    assert.equal(detector.key, undefined);
  }
});
