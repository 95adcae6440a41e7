import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { words } from './console/words/en-us/words.ts';
import { english } from './join/texts/en-us.ts';
import { LANGUAGES, type Language } from './kit/languages.ts';

type Said = string | readonly Said[] | { readonly [key: string]: Said };

const OTHERS = (Object.keys(LANGUAGES) as Language[]).filter((each) => each !== 'en-us');
const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];

/** What is the same in another language than English, and is meant to be: names, and words that were borrowed. */
const LOANS: Readonly<Record<string, readonly Language[] | 'everywhere'>> = {
  Parley: 'everywhere',
  MOS: 'everywhere',
  PIN: 'everywhere',
  '{endpoint}: {reason}': 'everywhere',
  '{name}: {text}': 'everywhere',
  Webhooks: ['de-de', 'es-es', 'fr-fr', 'pt-br', 'pt-pt'],
  Trunks: ['de-de', 'fr-fr'],
  Codec: ['de-de', 'fr-fr', 'it-it', 'pt-br', 'pt-pt'],
  Jitter: ['de-de', 'it-it', 'pt-br', 'pt-pt'],
  Buffer: ['it-it', 'pt-br'],
  Name: ['de-de'],
  Server: ['de-de'],
  Link: ['de-de', 'it-it', 'pt-br', 'pt-pt'],
  Realm: ['de-de'],
  Admin: ['de-de'],
  Transport: ['de-de', 'fr-fr'],
  Password: ['it-it'],
  Console: ['fr-fr', 'it-it', 'pt-br'],
  Menu: ['fr-fr', 'it-it', 'pt-br', 'pt-pt'],
  Message: ['fr-fr'],
  Invitations: ['fr-fr'],
  Pause: ['fr-fr'],
  Moment: ['fr-fr'],
  Account: ['it-it'],
  Position: ['fr-fr'],
  Direction: ['fr-fr'],
  Moderator: ['de-de'],
  Microphone: ['fr-fr'],
  Volume: ['fr-fr', 'it-it', 'pt-br', 'pt-pt'],
  no: ['es-es', 'it-it'],
  'silence {percent} %': ['fr-fr'],
};

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();

const isForms = (said: Said): said is Readonly<Record<string, string>> =>
  typeof said === 'object' && 'other' in said && Object.keys(said).every((key) => CATEGORIES.includes(key));

/** The plural categories that counts fall into: millions have one of their own in some languages, and no conference has millions. */
const categoriesOf = (language: Language): string[] => {
  const rules = new Intl.PluralRules(language);
  return [...new Set(Array.from({ length: 10_001 }, (_, count) => rules.select(count)))].sort();
};

/** Every form that a language needs, each with what is filled in; where a form names the count itself, it need not be filled in. */
function sameForms(
  english: Readonly<Record<string, string>>,
  said: Readonly<Record<string, string>>,
  at: string,
  language: Language,
): void {
  const needed = new Set([...categoriesOf(language), 'other']);
  assert.deepEqual(
    [...needed].filter((each) => !(each in said)),
    [],
    `${at}: forms that are missing`,
  );
  const wanted = placeholders(english['other'] ?? '');
  for (const [category, text] of Object.entries(said)) {
    const isNamed = ['zero', 'one', 'two'].includes(category) && !text.includes('{count}');
    assert.deepEqual(placeholders(text), isNamed ? wanted.filter((each) => each !== 'count') : wanted, `${at}.${category}`);
  }
}

function same(english: Said, said: Said, at: string, language: Language): void {
  if (typeof english === 'string') {
    assert.ok(typeof said === 'string' && (said.trim() !== '' || english === ''), `${at} says nothing`);
    assert.deepEqual(placeholders(said as string), placeholders(english), at);
    const loan = LOANS[english];
    const isMeant = english === '' || loan === 'everywhere' || loan?.includes(language) === true;
    assert.ok(said !== english || isMeant, `${at} is not translated: ${english}`);
    return;
  }
  if (isForms(english)) {
    sameForms(english, said as Readonly<Record<string, string>>, at, language);
    return;
  }
  // What was found is told in English by the server.
  if (at.endsWith('.findings')) return;
  assert.deepEqual(Object.keys(said).sort(), Object.keys(english).sort(), at);
  for (const [key, text] of Object.entries(english)) same(text, (said as Readonly<Record<string, Said>>)[key]!, `${at}.${key}`, language);
}

test('the languages are those of the prompts', () => {
  const prompts = readdirSync('prompts/texts').map((file) => file.replace('.json', ''));
  assert.deepEqual(prompts.sort(), Object.keys(LANGUAGES).sort());
});

for (const language of OTHERS) {
  test(`${language} says everything on both pages, with the same things filled in, and is a translation`, async () => {
    const page = (path: string): Promise<Record<string, Said>> => import(join(import.meta.dirname, path));
    same(english, Object.values(await page(`join/texts/${language}.ts`))[0]!, `join ${language}`, language);
    same(words as unknown as Said, (await page(`console/words/${language}/words.ts`))['words']!, `console ${language}`, language);
  });
}

test('whatever happens in a conference, and why somebody left, has words', () => {
  const typesIn = (file: string, shape: RegExp): string[] => [...readFileSync(file, 'utf8').matchAll(shape)].map(([, type]) => type!);
  const facts = typesIn('src/conference/facts.ts', /readonly type: '([a-z._-]+)'/g).filter((type) => type !== 'call.recorded');
  assert.ok(facts.length > 40, 'the facts are written otherwise now');
  assert.deepEqual(
    facts.filter((type) => !(type in words.timeline.facts)),
    [],
  );
  const [, reasons = ''] = /export type LeaveReason =([^;]+);/.exec(readFileSync('src/conference/reasons.ts', 'utf8')) ?? [];
  const each = [...reasons.matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason!);
  assert.ok(each.length > 10, 'the reasons are written otherwise now');
  assert.deepEqual(
    each.filter((reason) => !(reason in words.timeline.reasons)),
    [],
  );
});

test('whatever may keep somebody from being heard is told in every language', async () => {
  const [, codes = ''] = /export type FindingCode =([^;]+);/.exec(readFileSync('src/conference/explain-values.ts', 'utf8')) ?? [];
  const wanted = [...codes.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code!);
  assert.ok(wanted.length > 25, 'the codes are written otherwise now');
  for (const language of OTHERS) {
    const { words: said } = await import(join(import.meta.dirname, `console/words/${language}/words.ts`));
    const { findings } = said.person;
    assert.deepEqual(
      wanted.filter((code) => !findings[code]),
      [],
      language,
    );
    const known = Object.keys(findings).filter((key) => !wanted.includes(key.replace(/\.(speaks|hears|both)$/, '')));
    assert.deepEqual(known, [], `${language}: codes that there are not`);
  }
});

test('what the console says of a refusal is said of codes that there are', () => {
  const table = readFileSync('console/src/console/refusals.ts', 'utf8');
  const codes = [...table.matchAll(/^ {2}\w+: '([a-z_ ]+)',$/gm)].flatMap(([, each]) => each!.split(' '));
  assert.ok(codes.length > 80, 'the table is written otherwise now');
  const said = readFileSync('docs/errors.md', 'utf8');
  const problems = readdirSync('src/api', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join('src/api', file), 'utf8'))
    .join();
  const isCode = (code: string): boolean => said.includes(`\`${code}\``) || problems.includes(`'${code}'`);
  assert.deepEqual(
    codes.filter((code) => !isCode(code)),
    [],
  );
  assert.equal(new Set(codes).size, codes.length, 'a code with two texts');
});
