/** Numbers as prompts say them, beside the rules of each language, written down here once more and independently. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { numberPhrase } from './phrases.ts';

const MOST = 9999;

function textsOf(language: string): Readonly<Record<string, string | { readonly text: string }>> {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../../prompts/texts', `${language}.json`), 'utf8'));
}

/** What is heard, in the words of the prompts. */
function speaker(language: string): (count: number) => readonly string[] {
  const texts = textsOf(language);
  return (count) =>
    numberPhrase(language, count).map((source) => {
      const found = texts[/system_media\/([^/]+)\//.exec(String(source))?.[1] ?? ''];
      return typeof found === 'string' ? found : (found?.text ?? assert.fail(`${source} is a prompt`));
    });
}

const HAN = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/** 一 is said before none of 十, 百 and 千. */
function japanese(count: number): string {
  const units = [
    ['千', 1000],
    ['百', 100],
    ['十', 10],
  ] as const;
  const parts = units.map(([word, size]) => {
    const digit = Math.floor(count / size) % 10;
    return digit === 0 ? '' : `${digit === 1 ? '' : HAN[digit]}${word}`;
  });
  return parts.join('') + HAN[count % 10];
}

/** 两 before 百 and 千; 零 once for every gap; 一 before 十 wherever something stands in front. */
function chinese(count: number): string {
  let said = '';
  let isGap = false;
  for (const [word, size] of [
    ['千', 1000],
    ['百', 100],
    ['十', 10],
    ['', 1],
  ] as const) {
    const digit = Math.floor(count / size) % 10;
    if (digit === 0) {
      isGap = said !== '';
      continue;
    }
    const isBare = size === 10 && digit === 1 && said === '';
    said += `${isGap ? '零' : ''}${isBare ? '' : digit === 2 && size >= 100 ? '两' : HAN[digit]}${word}`;
    isGap = false;
  }
  return said;
}

const ONES = ['', 'um', 'dois', 'três', 'quatro', 'cinco', 'seis', 'sete', 'oito', 'nove', 'dez', 'onze', 'doze', 'treze'];
const TEENS = {
  'pt-pt': ['catorze', 'quinze', 'dezasseis', 'dezassete', 'dezoito', 'dezanove'],
  'pt-br': ['catorze', 'quinze', 'dezesseis', 'dezessete', 'dezoito', 'dezenove'],
} as const;
const TENS = ['', '', 'vinte', 'trinta', 'quarenta', 'cinquenta', 'sessenta', 'setenta', 'oitenta', 'noventa'];
const HUNDREDS = [
  '',
  'cento',
  'duzentos',
  'trezentos',
  'quatrocentos',
  'quinhentos',
  'seiscentos',
  'setecentos',
  'oitocentos',
  'novecentos',
];

/** "e" between all parts below a thousand; behind a thousand only before what is below a hundred, or whole hundreds. */
function portuguese(language: keyof typeof TEENS, count: number): string {
  if (count >= 1000) {
    const [thousands, rest] = [Math.floor(count / 1000), count % 1000];
    const large = thousands === 1 ? 'mil' : `${portuguese(language, thousands)} mil`;
    if (rest === 0) return large;
    return `${large} ${rest < 100 || rest % 100 === 0 ? 'e ' : ''}${portuguese(language, rest)}`;
  }
  if (count === 100) return 'cem';
  const small = count % 100;
  const ten = [TENS[Math.floor(small / 10)], ONES[small % 10]].filter((each) => each !== '').join(' e ');
  const below = small < 14 ? (ONES[small] ?? '') : small < 20 ? TEENS[language][small - 14] : ten;
  return [HUNDREDS[Math.floor(count / 100)], below].filter((each) => each !== undefined && each !== '').join(' e ');
}

const differing = (said: (count: number) => string, right: (count: number) => string): readonly string[] =>
  Array.from({ length: MOST }, (_, index) => index + 1).flatMap((count) =>
    said(count) === right(count) ? [] : [`${count}: ${said(count)} instead of ${right(count)}`],
  );

test('Japanese: every number to 9999', () => {
  const said = speaker('ja-jp');
  assert.deepEqual(
    differing((count) => said(count).join(''), japanese),
    [],
  );
  assert.deepEqual([10, 300, 1111, 9006].map(japanese), ['十', '三百', '千百十一', '九千六']);
});

test('Chinese: every number to 9999', () => {
  const said = speaker('zh-cn');
  assert.deepEqual(
    differing((count) => said(count).join(''), chinese),
    [],
  );
  assert.deepEqual([12, 105, 212, 1010, 2200].map(chinese), ['十二', '一百零五', '两百一十二', '一千零一十', '两千两百']);
});

for (const language of ['pt-pt', 'pt-br'] as const) {
  test(`Portuguese (${language}): every number to 9999`, () => {
    const said = speaker(language);
    assert.deepEqual(
      differing(
        (count) => said(count).join(' '),
        (count) => portuguese(language, count),
      ),
      [],
    );
  });
}

test('Arabic: the small number stands before the tens, and "and" between all parts', () => {
  const said = speaker('ar-sa');
  const plain = (count: number): string =>
    said(count)
      .join(' ')
      .replace(/[\u064b-\u0652]/g, '');
  for (let count = 101; count <= MOST; count += 1) {
    const [thousands, hundreds, rest] = [Math.floor(count / 1000) * 1000, Math.floor((count % 1000) / 100) * 100, count % 100];
    const parts = [thousands, hundreds, rest].filter((each) => each > 0).map(plain);
    assert.equal(plain(count), parts.join(' و '), String(count));
  }
  for (let count = 21; count < 100; count += 1) {
    if (count % 10 > 0) assert.match(plain(count), new RegExp(`^\\S+ و${plain(count - (count % 10))}$`), String(count));
  }
});
