import type { FormPrompt, NumberPrompt, PromptName } from '../prompts.ts';

/** A prompt of any kind. */
export type Word = PromptName | FormPrompt;

/** How a language says numbers with the prompts that it has; what is left out is as in English. */
export interface Grammar {
  /** What stands for a hundred or a thousand (`large`) when `rest` comes behind it. */
  joined?(large: number, rest: number): readonly Word[];
  /** What stands for a number up to 99 behind a hundred or a thousand. */
  behind?(large: number, rest: number): readonly Word[];
  /** The last part of a number in front of people. */
  ofPeople?(part: number, whole: number): Word;
  /** The people that are counted; 0 and 1 never come here. */
  people?(count: number): Word;
  /** So many people in one prompt, where the language has a word for it. */
  readonly pair?: Word;
  percent?(count: number): Word;
  /** The word for per cent comes first. */
  readonly percentFirst?: boolean;
}

const num = (number: number): NumberPrompt => `num-${number}`;

/** `cento e`: only where something comes behind it. */
const withAnd = (large: number): Word => `num-${large}_and`;

const SPANISH: Grammar = {
  joined: (large) => [large === 100 ? withAnd(100) : num(large)],
  ofPeople: (part, whole) => (part % 10 === 1 && whole % 100 !== 11 ? `num-${part}_m` : num(part)),
};

const PORTUGUESE: Grammar = {
  // Between thousands and hundreds "e" is said only where nothing comes behind the hundreds.
  joined: (large, rest) => [large < 1000 || rest < 100 || rest % 100 === 0 ? withAnd(large) : num(large)],
};

const few = (count: number): boolean => count % 10 >= 2 && count % 10 <= 4 && (count % 100 < 12 || count % 100 > 14);
const one = (count: number): boolean => count % 10 === 1 && count % 100 !== 11;

const RUSSIAN: Grammar = {
  people: (count) => {
    if (one(count)) return 'conf-other_participants_one';
    return few(count) ? 'conf-other_participants_few' : 'conf-other_participants';
  },
  percent: (count) => {
    if (one(count)) return 'echo-percent_one';
    return few(count) ? 'echo-percent_few' : 'echo-percent';
  },
};

const ARABIC: Grammar = {
  joined: (large) => [withAnd(large)],
  pair: 'conf-two',
  people: (count) => {
    const part = count % 100;
    if (part >= 3 && part <= 10) return 'conf-other_participants_few';
    return part >= 11 ? 'conf-other_participants_many' : 'conf-other_participants';
  },
};

const CHINESE: Grammar = {
  behind: (large, rest) => {
    // 一百零五, 一千零五十, 一百一十五.
    if (rest < 10) return [num(0), num(rest)];
    if (large >= 1000) return rest < 20 ? [num(0), num(1), num(rest)] : [num(0), num(rest)];
    return rest < 20 ? [num(1), num(rest)] : [num(rest)];
  },
  ofPeople: (part, whole) => (whole === 2 ? 'num-2_m' : num(part)),
  percentFirst: true,
};

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  es: SPANISH,
  pt: PORTUGUESE,
  ru: RUSSIAN,
  ar: ARABIC,
  zh: CHINESE,
};

/** Of a language or its family; what nobody knows is spoken as English is. */
export function grammarOf(language: string): Grammar {
  return GRAMMARS[language.toLowerCase().split('-')[0]!] ?? {};
}
