import { languageOf } from '../announcing/caller-sounds.ts';
import type { Conference, Role } from '../conference.ts';
import { settingsOf } from '../settings.ts';
import type { KeypadAction } from './actions.ts';
import { keypadOf } from './controls.ts';
import { CARD_LANGUAGES, cardWords } from './labels.ts';

/** One line of a card. */
export interface CardKey {
  readonly digits: string;
  readonly action: KeypadAction;
  readonly label: string;
  readonly data?: string;
}

/** What keys do in a conference, as it can be handed out. */
export interface KeypadCard {
  readonly name: string;
  /** Of the words: one of those that there are. */
  readonly language: string;
  readonly title: string;
  readonly heading: Readonly<Record<Role, string>>;
  readonly keys: string;
  /** ms between two keys of one sequence. */
  readonly timeout: number;
  readonly member: readonly CardKey[];
  /** Only what members have not. */
  readonly moderator: readonly CardKey[];
}

/** The card of a conference; `language` absent: the conference's own. */
export function keypadCard(conference: Conference, language = languageOf(conference)): KeypadCard {
  const words = cardWords(language);
  const family = language.toLowerCase().split('-')[0] ?? '';
  // Who waits to be admitted makes no difference to what is printed.
  const { room: _, ...quiet } = conference;
  const keysOf = (role: Role): readonly CardKey[] =>
    keypadOf({ ...quiet, room: undefined }, role).controls.map((each) => ({
      ...each,
      label: each.action === 'event' ? `${words.actions.event}: ${each.data ?? ''}` : words.actions[each.action],
    }));
  const member = keysOf('member');
  const isShared = (key: CardKey): boolean => member.some((each) => each.digits === key.digits && each.label === key.label);
  return {
    name: settingsOf(conference).name,
    language: CARD_LANGUAGES.includes(family) ? family : 'en',
    title: words.title,
    heading: { member: words.everybody, moderator: words.moderators },
    keys: words.keys,
    timeout: keypadOf({ ...quiet, room: undefined }, 'member').timeout,
    member,
    moderator: keysOf('moderator').filter((each) => !isShared(each)),
  };
}

/** The card as plain text, for mails and invitations. */
export function keypadText({ name, title, heading, member, moderator }: KeypadCard): string {
  const wide = Math.max(0, ...[...member, ...moderator].map(({ digits }) => digits.length)) + 3;
  const table = (head: string, rows: readonly CardKey[]): readonly string[] =>
    rows.length === 0 ? [] : ['', head, ...rows.map(({ digits, label }) => `  ${digits.padEnd(wide)}${label}`)];
  const first = name === '' ? title : `${title}: ${name.replace(/\s+/g, ' ')}`;
  return `${[first, ...table(heading.member, member), ...table(heading.moderator, moderator)].join('\n')}\n`;
}
