import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsIn } from './words.ts';

test('every language says everything, and names whom it speaks of', () => {
  const english = wordsIn('en');
  for (const language of ['de-DE', 'ja', 'th-TH', 'zh-Hant', 'id']) {
    const words = wordsIn(language);
    assert.notEqual(words, english, language);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(english).sort());
    for (const [key, text] of Object.entries(words) as [string, string | ((name: string) => string)][]) {
      const said = typeof text === 'string' ? text : text('Kim');
      assert.ok(said.trim() !== '' && said.length < 400, `${language} ${key}`);
      if (typeof text !== 'string') assert.ok(said.includes('Kim'), `${language} ${key}`);
    }
    // The commands are the same in all of them.
    for (const command of ['join', 'who', 'leave']) assert.ok(words.help.includes(command), `${language} ${command}`);
    assert.ok(words.pin.includes('join') && words.nowhere.includes('join'));
  }
  assert.equal(wordsIn(undefined), english);
  assert.equal(wordsIn('xx-YY'), english);
});
