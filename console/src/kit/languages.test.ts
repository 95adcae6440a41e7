import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionOf, fill, languageFor } from './languages.ts';

test('the first wish that a language is close to decides', () => {
  const wanted: [readonly (string | undefined)[], string][] = [
    [['de-DE', 'en'], 'de-de'],
    [['de-AT'], 'de-de'],
    [['pt'], 'pt-br'],
    [['pt-BR'], 'pt-br'],
    [['pt-AO'], 'pt-pt'],
    [['zh-TW'], 'zh-cn'],
    [['nl', 'fr-CA', 'de'], 'fr-fr'],
    [[undefined, '', 'ja'], 'ja-jp'],
    [['en_GB'], 'en-us'],
    [['nl'], 'en-us'],
    [[], 'en-us'],
  ];
  for (const [wishes, language] of wanted) assert.equal(languageFor(wishes), language, String(wishes));
  assert.equal(directionOf('ar-sa'), 'rtl');
});

test('what is filled in is text, and what is unknown stays', () => {
  assert.equal(fill('{who} and {what}', { who: '<b>$&</b>' }), '<b>$&</b> and {what}');
});
