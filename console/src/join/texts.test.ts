import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LANGUAGES } from '../kit/languages.ts';
import { english } from './texts/en-us.ts';

const folder = join(import.meta.dirname, 'texts');
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
/** What is the same in another language than English, and is meant to be. */
const LOANS = new Set(['PIN', 'Moderator', 'Microphone', 'Volume']);

test('every language of the prompts says everything, with the same things filled in, and is a translation', async () => {
  const files = readdirSync(folder).filter((file) => /^[a-z]{2}-[a-z]{2}\.ts$/.test(file));
  assert.deepEqual(files.map((file) => file.slice(0, 5)).sort(), Object.keys(LANGUAGES).sort());
  assert.deepEqual(
    Object.keys(LANGUAGES).sort(),
    readdirSync('prompts/texts')
      .map((file) => file.replace('.json', ''))
      .sort(),
  );
  for (const file of files.filter((each) => each !== 'en-us.ts')) {
    const texts: Record<string, string> = Object.values(await import(join(folder, file)))[0] as Record<string, string>;
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), file);
    for (const [key, text] of Object.entries(english)) {
      const said = texts[key] ?? '';
      assert.notEqual(said.trim(), '', `${file}: ${key}`);
      assert.deepEqual(placeholders(said), placeholders(text), `${file}: ${key}`);
      assert.ok(said !== text || LOANS.has(text), `${file}: ${key} is not translated`);
    }
  }
});
