import type { Setting } from './setting.ts';
import { listOf, optionalText } from './setting-values.ts';

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

/** Numbers of the server itself. */
export interface EntryConfig {
  /** Whoever dials one of these is asked for the number of a conference. */
  readonly accessNumbers: readonly string[];
  /** What invitations tell people to dial. */
  readonly numbers: readonly string[];
  /** Whoever dials this hears himself; undefined: none. */
  readonly testNumber: string | undefined;
}

/** Reads them. Numbers that people see have spaces: only commas separate them. */
export const entryFrom = (text: (key: string) => string): EntryConfig => ({
  accessNumbers: listOf(text('entry.access_numbers')),
  numbers: text('entry.numbers')
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== ''),
  testNumber: text('entry.test_number') || undefined,
});
