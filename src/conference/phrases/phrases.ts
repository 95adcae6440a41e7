import type { PlaySource } from '../playing.ts';
import { prompt } from '../prompts.ts';
import { type Grammar, grammarOf, type Word } from './grammar.ts';

/** More is read digit by digit. */
const LARGEST = 9999;
/** Between two names of a list, ms. */
const LIST_PAUSE = 250;

const sources = (language: string, words: readonly Word[]): readonly PlaySource[] => words.map((each) => prompt(each, language));

/** The digits of a text, one by one; whatever else is in it is left out. */
export function digitsPhrase(language: string, text: string): readonly PlaySource[] {
  return sources(
    language,
    [...text].filter((each) => each >= '0' && each <= '9').map((each): Word => `digit-${Number(each)}`),
  );
}

/** A number by itself: `two hundred twenty-one`. What is no whole number is read as the nearest one. */
export function numberPhrase(language: string, number: number): readonly PlaySource[] {
  const whole = wholeOf(number);
  return whole > LARGEST ? digitsPhrase(language, String(whole)) : sources(language, numberWords(grammarOf(language), whole));
}

/** How many others there are in a conference: `There are three other participants in this conference.` */
export function countPhrase(language: string, others: number): readonly PlaySource[] {
  const grammar = grammarOf(language);
  const count = wholeOf(others);
  if (count === 0) return sources(language, ['conf-alone']);
  if (count === 1) return sources(language, ['conf-single']);
  if (count === 2 && grammar.pair !== undefined) return sources(language, [grammar.pair]);
  const number = count > LARGEST ? digitsPhrase(language, String(count)) : sources(language, peopleWords(grammar, count));
  const people = grammar.people?.(count) ?? 'conf-other_participants';
  return [prompt('conf-there_are', language), ...number, prompt(people, language)];
}

/** `three percent.` */
export function percentPhrase(language: string, number: number): readonly PlaySource[] {
  const { percent, percentFirst } = grammarOf(language);
  const word = prompt(percent?.(wholeOf(number)) ?? 'echo-percent', language);
  const count = numberPhrase(language, number);
  return percentFirst === true ? [word, ...count] : [...count, word];
}

/** Things one behind the other with a breath in between. */
export function listPhrase(items: readonly PlaySource[]): readonly PlaySource[] {
  return items.flatMap((each, index) => (index === 0 ? [each] : [`silence_stream://${LIST_PAUSE}`, each]));
}

const wholeOf = (number: number): number => (Number.isFinite(number) ? Math.max(0, Math.round(number)) : 0);

/** A number up to 9999. */
function numberWords(grammar: Grammar, number: number): readonly Word[] {
  if (number < 100) return [`num-${number}`];
  const unit = number >= 1000 ? 1000 : 100;
  const rest = number % unit;
  const large = number - rest;
  if (rest === 0) return [`num-${large}`];
  const head = grammar.joined?.(large, rest) ?? [`num-${large}`];
  const tail = rest < 100 ? grammar.behind?.(large, rest) : undefined;
  return [...head, ...(tail ?? numberWords(grammar, rest))];
}

function peopleWords(grammar: Grammar, count: number): readonly Word[] {
  const words = numberWords(grammar, count);
  const part = count % 100;
  if (grammar.ofPeople === undefined || part === 0) return words;
  return words.at(-1) === `num-${part}` ? [...words.slice(0, -1), grammar.ofPeople(part, count)] : words;
}
