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
  assert.deepEqual([formerCall('a'), formerCall('b')], [undefined, 'other'], 'only the last one is kept');
});
