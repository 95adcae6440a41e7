import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearNoKeys, pressKeys } from '../../test/kit/key-trials.ts';

// `npm run soak` presses 10 800 keys and listens for an hour.
test('of 2 160 keys at 0 to -30 dBm0, 40 ms on and off, ±6 dB, ±1.5 %, 15 dB of noise, 999 of 1000 are heard, and no other', () => {
  const { keys, missed } = pressKeys(30);
  assert.equal(keys, 2160);
  assert.ok(missed <= keys / 1000, `${missed} of ${keys}`);
});

test('ten minutes of four voices, music and chords of two tones: no key is heard in them', (context) => {
  const { keys, seconds } = hearNoKeys(10, (words) => context.diagnostic(words));
  assert.ok(seconds >= 600, `${seconds} s`);
  assert.equal(keys, '');
});
