import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeBytes, takeDoubles } from './cells.ts';

test('nobody writes into the place of another, however much each takes', () => {
  const sizes = Array.from({ length: 300 }, (_, n) => [1, 7, 68, 1000, 3000][n % 5]!);
  const doubles = sizes.map(takeDoubles);
  for (const [n, { cells, from }] of doubles.entries()) cells.fill(n, from, from + sizes[n]!);
  for (const [n, { cells, from }] of doubles.entries()) {
    assert.ok(cells.subarray(from, from + sizes[n]!).every((each) => each === n));
  }
  const bytes = sizes.map((size) => takeBytes(size * 16));
  for (const [n, { bytes: all, from }] of bytes.entries()) all.fill(n % 256, from, from + sizes[n]! * 16);
  for (const [n, { bytes: all, from }] of bytes.entries()) {
    assert.ok(all.subarray(from, from + sizes[n]! * 16).every((each) => each === n % 256));
  }
});

test('bytes and words are the same memory, on whole lines of the cache', () => {
  takeBytes(3);
  const { bytes, words, from } = takeBytes(64);
  assert.equal(from % 64, 0);
  bytes.set([1, 2, 3, 4], from + 4);
  assert.equal(words[from / 4 + 1], 0x04030201);
});
