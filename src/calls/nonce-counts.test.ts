import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NonceCounts } from './nonce-counts.ts';

test('a count is taken once per nonce, and only upwards', () => {
  const counts = new NonceCounts();
  const seen = [1, 1, 3, 2, 4].map((count) => counts.isNew('n', count, 0));
  assert.deepEqual(seen, [true, false, true, false, true]);
  assert.equal(counts.isNew('other', 1, 0), true);
});

test('a nonce is forgotten after its life, and the oldest when there are too many', () => {
  const counts = new NonceCounts(3);
  for (const [at, nonce] of ['a', 'b', 'c', 'd'].entries()) counts.isNew(nonce, 1, at);
  assert.equal(counts.size, 3);
  assert.equal(counts.isNew('d', 1, 4), false);
  counts.isNew('e', 1, 400_000);
  assert.equal(counts.size, 1);
});
