import type { Setting } from './setting.ts';
import { optionalText } from './setting-values.ts';

/** The settings of coming in. */
export const entrySettings: readonly Setting[] = [
  {
    key: 'entry.access_numbers',
    variable: 'PARLEY_ENTRY_ACCESS_NUMBERS',
    preset: '',
    comment: 'Whoever dials one of these is asked for the number of a conference, for example 1000, 493012345678. Empty: none.',
    read: optionalText,
  },
  {
    key: 'entry.numbers',
    variable: 'PARLEY_ENTRY_NUMBERS',
    preset: '',
    comment: 'What invitations tell people to dial, separated by commas, for example +49 30 12345678 (Berlin), +1 212 555 0100.',
    read: optionalText,
  },
  {
    key: 'entry.test_number',
    variable: 'PARLEY_ENTRY_TEST_NUMBER',
    preset: '3999',
    comment: 'Whoever dials this hears himself, and how loud he is. A conference that claims it is called instead. Empty: none.',
    read: optionalText,
  },
];

/** Numbers as people write them: only commas separate them. */
export const shownNumbers = (text: string): readonly string[] =>
  text
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
