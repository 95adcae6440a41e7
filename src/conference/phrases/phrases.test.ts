import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { PROMPT_LANGUAGES } from '../prompts.ts';
import { countPhrase, digitsPhrase, listPhrase, numberPhrase, percentPhrase } from './phrases.ts';

const folder = join(import.meta.dirname, '../../../prompts/texts');

type Texts = Readonly<Record<string, string | { readonly text: string }>>;
const TEXTS = new Map(
  PROMPT_LANGUAGES.map((each) => [each as string, JSON.parse(readFileSync(join(folder, `${each}.json`), 'utf8')) as Texts]),
);

/** What is heard, as it is written in the texts of the prompts. */
function heard(sources: readonly unknown[]): string {
  return sources
    .map((source) => {
      const [, name = '', language = ''] = /^prompt:\/\/system_media\/([^/]+)\/([^/]+)$/.exec(String(source)) ?? [];
      const found = TEXTS.get(language)?.[name];
      assert.ok(found !== undefined, `${source} is a prompt`);
      return typeof found === 'string' ? found : found.text;
    })
    .join(' ');
}

const people = (language: string, count: number): string => heard(countPhrase(language, count));
const number = (language: string, count: number): string => heard(numberPhrase(language, count));

test('how many others there are is said as the language says it', () => {
  assert.equal(people('en-us', 3), 'There are three other participants in this conference.');
  assert.equal(people('en-us', 0), 'You are currently the only person in this conference.');
  assert.equal(people('en-us', 1), 'There is one other participant in this conference.');
  assert.equal(people('de-de', 21), 'Außer Ihnen sind noch einundzwanzig weitere Teilnehmer in dieser Konferenz.');
  assert.equal(people('fr-fr', 80), 'Il y a quatre-vingts autres participants dans cette conférence.');
  assert.equal(people('it-it', 28), 'Ci sono altri ventotto partecipanti in questa conferenza.');
  assert.equal(people('ja-jp', 4), 'この会議には、ほかに 四 名が参加しています。');
});

test('Spanish shortens one in front of people', () => {
  assert.equal(people('es-es', 21), 'Hay veintiún participantes más en esta conferencia.');
  assert.equal(people('es-es', 31), 'Hay treinta y un participantes más en esta conferencia.');
  assert.equal(people('es-es', 11), 'Hay once participantes más en esta conferencia.');
  assert.equal(people('es-es', 101), 'Hay ciento un participantes más en esta conferencia.');
  assert.equal(people('es-es', 100), 'Hay cien participantes más en esta conferencia.');
  assert.equal(number('es-es', 21), 'veintiuno');
});

test('Russian counts one, few and many', () => {
  assert.equal(people('ru-ru', 2), 'В этой конференции ещё два участника.');
  assert.equal(people('ru-ru', 5), 'В этой конференции ещё пять участников.');
  assert.equal(people('ru-ru', 11), 'В этой конференции ещё одиннадцать участников.');
  assert.equal(people('ru-ru', 12), 'В этой конференции ещё двенадцать участников.');
  assert.equal(people('ru-ru', 21), 'В этой конференции ещё двадцать один участник.');
  assert.equal(people('ru-ru', 24), 'В этой конференции ещё двадцать четыре участника.');
  assert.equal(people('ru-ru', 111), 'В этой конференции ещё сто одиннадцать участников.');
  assert.equal(heard(percentPhrase('ru-ru', 3)), 'три процента.');
  assert.equal(heard(percentPhrase('ru-ru', 21)), 'двадцать один процент.');
  assert.equal(heard(percentPhrase('ru-ru', 14)), 'четырнадцать процентов.');
});

test('Arabic counts a pair, few, many and hundreds', () => {
  const plain = (text: string): string => text.replace(/[\u064b-\u0652]/g, '');
  assert.equal(plain(people('ar-sa', 2)), 'يوجد مشاركان آخران في هذا المؤتمر.');
  assert.equal(plain(people('ar-sa', 3)), 'يوجد ثلاثة مشاركين آخرين في هذا المؤتمر.');
  assert.equal(plain(people('ar-sa', 10)), 'يوجد عشرة مشاركين آخرين في هذا المؤتمر.');
  assert.equal(plain(people('ar-sa', 11)), 'يوجد أحد عشر مشاركا آخر في هذا المؤتمر.');
  assert.equal(plain(people('ar-sa', 100)), 'يوجد مئة مشارك آخر في هذا المؤتمر.');
  assert.equal(plain(people('ar-sa', 103)), 'يوجد مئة و ثلاثة مشاركين آخرين في هذا المؤتمر.');
});

test('Chinese has a word of its own for two people, and does not forget the zero', () => {
  assert.equal(people('zh-cn', 2), '会议中还有 两 位与会者。');
  assert.equal(people('zh-cn', 12), '会议中还有 十二 位与会者。');
  const together = (count: number): string => number('zh-cn', count).replaceAll(' ', '');
  assert.deepEqual([2, 105, 110, 115, 120, 1005, 1010, 1050, 1110].map(together), [
    '二',
    '一百零五',
    '一百一十',
    '一百一十五',
    '一百二十',
    '一千零五',
    '一千零一十',
    '一千零五十',
    '一千一百一十',
  ]);
  assert.equal(heard(percentPhrase('zh-cn', 5)), '百分之 五');
});

test('Portuguese says where its and stands', () => {
  assert.equal(number('pt-pt', 100), 'cem');
  assert.equal(number('pt-pt', 121), 'cento e vinte e um');
  assert.equal(number('pt-br', 1200), 'mil e duzentos');
  assert.equal(number('pt-br', 1216), 'mil duzentos e dezesseis');
  assert.equal(number('pt-pt', 2016), 'dois mil e dezasseis');
});

test('digits are read one by one, and lists have breaths', () => {
  assert.equal(heard(digitsPhrase('en-us', '+1 (555) 02*#')), 'one five five five zero two');
  assert.deepEqual(listPhrase(['a', 'b']), ['a', 'silence_stream://250', 'b']);
  assert.deepEqual(listPhrase([]), []);
});

test('every number can be said with prompts that there are', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PROMPT_LANGUAGES), fc.integer({ min: 0, max: 30_000 }), (language, count) => {
      for (const phrase of [countPhrase, numberPhrase, percentPhrase]) assert.notEqual(heard(phrase(language, count)), '');
    }),
    { seed: 6 },
  );
  for (const language of PROMPT_LANGUAGES) for (let count = 0; count <= 130; count++) assert.notEqual(people(language, count), '');
});

test('what is no number, and a language that nobody knows, are survived', () => {
  assert.deepEqual(countPhrase('en-us', Number.NaN), countPhrase('en-us', 0));
  assert.deepEqual(numberPhrase('en-us', -3.2), numberPhrase('en-us', 0));
  assert.deepEqual(countPhrase('xx', 2).at(1), 'prompt://system_media/num-2/xx');
});
