import type { Conference } from '../conference.ts';
import { countPhrase, listPhrase } from '../phrases/phrases.ts';
import type { PlaySource } from '../playing.ts';
import { languageOf, spoken } from './caller-sounds.ts';
import { counted } from './scene.ts';

/** Most names that are read out. */
const MOST_NAMES = 50;

/** How many others there are, in the conference's language. */
export const howMany = (conference: Conference, others: number): readonly PlaySource[] => countPhrase(languageOf(conference), others);

/** How many others there are, and the names of all who have said theirs. */
export function rollCall(conference: Conference, others: number): readonly PlaySource[] {
  const names = counted(conference)
    .flatMap((each) => (each.announcedAs === undefined ? [] : [each.announcedAs]))
    .slice(0, MOST_NAMES);
  const count = howMany(conference, others);
  return names.length === 0 ? count : [...count, spoken(conference, 'conf-roll_call'), ...listPhrase(names)];
}
