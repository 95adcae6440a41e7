import type { Conference } from '../conference.ts';
import type { PlaySource } from '../playing.ts';
import { spoken } from './caller-sounds.ts';
import { counted } from './scene.ts';

/** Most names that are read out. */
const MOST_NAMES = 50;

/** How many others there are, in the conference's language. */
export function howMany(conference: Conference, others: number): readonly PlaySource[] {
  if (others === 0) return [spoken(conference, 'conf-alone')];
  if (others === 1) return [spoken(conference, 'conf-single')];
  return [spoken(conference, 'conf-there_are'), spoken(conference, `num-${others}`), spoken(conference, 'conf-other_participants')];
}

/** How many others there are, and the names of all who have said theirs. */
export function rollCall(conference: Conference): readonly PlaySource[] {
  const all = counted(conference);
  const names = all.flatMap((each) => (each.announcedAs === undefined ? [] : [each.announcedAs])).slice(0, MOST_NAMES);
  const count = howMany(conference, all.length - 1);
  return names.length === 0 ? count : [...count, spoken(conference, 'conf-roll_call'), ...names];
}
