import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { formerCall, rememberCall, shownAgain } from './former-call.ts';

const kept = new Map<string, string>();
Object.defineProperty(globalThis, 'localStorage', {
  configurable: true,
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  },
});
afterEach(() => kept.clear());

test('a call is known again by the link that it came by, and by no other', () => {
  assert.equal(formerCall('a'), undefined);
  assert.deepEqual(shownAgain('a'), {});
  rememberCall('a', 'secret');
  assert.equal(formerCall('a'), 'secret');
  assert.deepEqual(shownAgain('a'), { 'parley-guest': 'secret' });
  assert.deepEqual(shownAgain('b'), {});
  rememberCall('b', 'other');
  assert.deepEqual([formerCall('a'), formerCall('b')], ['secret', 'other'], 'a second meeting makes him a stranger in the first');
  rememberCall('a', 'newer');
  assert.equal(formerCall('a'), 'newer');
  for (let n = 0; n < 8; n++) rememberCall(`c${n}`, `s${n}`);
  assert.deepEqual([formerCall('a'), formerCall('c0')], [undefined, 's0'], 'what is long ago is kept for ever');
});

test('what is no list of calls is none', () => {
  for (const text of ['', 'a secret', '{}', '[["a"]]', '[1, ["a", "b", "c"], ["a", 2]]']) {
    kept.set('parley.calls', text);
    assert.equal(formerCall('a'), undefined, text);
  }
  rememberCall('a', 'secret');
  assert.equal(formerCall('a'), 'secret');
});
