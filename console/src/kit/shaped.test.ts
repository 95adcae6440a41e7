import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { words as english } from '../console/words/en-us/words.ts';
import { named, unnamed } from './shaped.ts';

test('every language is the same with its names taken away and given back, and is shorter without them', async () => {
  for (const language of readdirSync('console/src/console/words')) {
    const { words } = await import(`../console/words/${language}/words.ts`);
    const short = JSON.parse(JSON.stringify(unnamed(english, words)));
    assert.deepEqual(named(english, short), words, language);
    assert.ok(JSON.stringify(short).length < JSON.stringify(words).length * 0.9, language);
  }
});

test('what has names of its own keeps them: plurals, findings, pairs', () => {
  const texts = { count: { one: '{count} one', few: '{count} few', other: '{count}' }, found: { a: 'A' }, pair: ['x', 'y'] };
  const english = { count: { one: '', other: '' }, found: {}, pair: ['', ''] };
  assert.deepEqual(named(english, unnamed(english, texts)), texts);
});
