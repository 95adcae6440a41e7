import { Failure } from '../../base/index.ts';
import { type Rule, unchanged } from './rule.ts';

/** What is due happens. */
export const time: Rule<'conference.time'> = (conference) => unchanged(conference);

/** Lets it end later. */
export const extend: Rule<'conference.extend'> = () => {
  throw new Failure('conflict', 'no_end_set', 'this conference has no end that could be moved');
};
