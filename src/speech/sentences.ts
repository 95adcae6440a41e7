/** Characters of a sentence at most: what is longer is divided, so that the first sound comes soon and one piece is never long. */
export const LONGEST_SENTENCE = 400;
/** Bytes of a text at most, UTF-8. */
export const LONGEST_TEXT = 100_000;

/** Control characters, also those that turn the direction of writing; a lone half of a surrogate pair is no text either. */
const UNSPEAKABLE = /[\p{Cc}\p{Co}\p{Cn}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** The text without what nobody can say. */
export const speakable = (text: string): string => text.toWellFormed().replace(UNSPEAKABLE, ' ').replace(/\s+/gu, ' ').trim();

/** A text in sentences, none longer than `LONGEST_SENTENCE`; empty ones are left out. */
export function sentencesOf(text: string, language: string): string[] {
  const segmenter = segmenterOf(language);
  // Ends of lines end sentences too, so they are divided before they become spaces.
  return text
    .split(/[\r\n\u2028\u2029]+/u)
    .map(speakable)
    .flatMap((line) => Array.from(segmenter.segment(line), ({ segment }) => segment.trim()))
    .flatMap(pieces)
    .filter((each) => /[\p{L}\p{N}\p{S}]/u.test(each));
}

/** Not every tag that could be one is known to it; then the rules of all languages do. */
function segmenterOf(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: 'sentence' });
  } catch {
    return new Intl.Segmenter(undefined, { granularity: 'sentence' });
  }
}

/** A sentence that is too long: divided behind the last comma that fits, else the last space, else anywhere. */
function pieces(sentence: string): string[] {
  const found: string[] = [];
  let rest = sentence;
  while (rest.length > LONGEST_SENTENCE) {
    const start = rest.slice(0, LONGEST_SENTENCE);
    const comma = Math.max(...Array.from(',;:，、；：،'.split(''), (each) => start.lastIndexOf(each)));
    const at = comma > LONGEST_SENTENCE / 4 ? comma + 1 : start.lastIndexOf(' ') > 0 ? start.lastIndexOf(' ') : wholeEnd(start);
    found.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trim();
  }
  return [...found, rest];
}

/** Not between the halves of a surrogate pair. */
const wholeEnd = (start: string): number => (/[\ud800-\udbff]$/.test(start) ? start.length - 1 : start.length);
