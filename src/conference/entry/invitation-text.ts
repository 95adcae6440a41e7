import { languageOf } from '../announcing/caller-sounds.ts';
import type { Conference } from '../conference.ts';
import { keypadCard, keypadText } from '../keypad/card.ts';
import { settingsOf } from '../settings.ts';
import { calendar } from './calendar.ts';
import type { Invitation } from './invitation.ts';
import { invitationWords } from './invitation-words.ts';

/** What a guest is to read. */
export interface InvitationNeeds {
  readonly invitation: Invitation;
  readonly conference: Conference;
  /** Of his own, as long as it is known. */
  readonly pin?: string;
  /** Numbers under which the server is called, as people write them. */
  readonly numbers: readonly string[];
  /** Where the same can be read. */
  readonly link: string;
}

/** An invitation as a guest gets it. */
export interface InvitationText {
  readonly subject: string;
  readonly text: string;
  /** RFC 5545; undefined: nobody has said when it is. */
  readonly ics?: string;
}

const oneLine = (value: string): string => value.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** The number that is entered, or dialled, for his role; undefined: the conference has none. */
export function numberFor({ invitation: { role }, conference }: Pick<InvitationNeeds, 'invitation' | 'conference'>): string | undefined {
  const { numbers, member, moderator } = settingsOf(conference);
  return (role === 'moderator' ? moderator : member).numbers[0] ?? numbers[0];
}

/** The PIN that he is to give, as far as it may be shown. */
const pinFor = ({ invitation: { role, pin: kind }, conference, pin }: InvitationNeeds): string | undefined =>
  kind === 'shared' ? settingsOf(conference)[role].pins[0] : pin;

/** The time as people of this language write it. */
function timeOf({ startsAt, endsAt, timeZone = 'UTC' }: Invitation, language: string): string | undefined {
  if (startsAt === undefined) return undefined;
  const format = (how: Intl.DateTimeFormatOptions, at: number): string =>
    new Intl.DateTimeFormat(language, { ...how, timeZone }).format(at);
  const begin = format({ dateStyle: 'full', timeStyle: 'short' }, startsAt);
  const end = endsAt === undefined ? '' : `–${format({ timeStyle: 'short' }, endsAt)}`;
  return `${begin}${end} (${timeZone})`;
}

/** Everything that a guest must know, as text and as a calendar entry. */
export function invitationText(needs: InvitationNeeds): InvitationText {
  const { invitation, conference, numbers, link } = needs;
  const language = invitation.language ?? languageOf(conference);
  const words = invitationWords(language);
  const name = oneLine(settingsOf(conference).name) || words.conference;
  const number = numberFor(needs);
  const pin = pinFor(needs);
  const time = timeOf(invitation, language);
  // Without numbers of the server, the conference's own is the one to dial.
  const dial = numbers.length > 0 ? numbers : number === undefined ? [] : [number];
  const lines = [
    `${oneLine(invitation.name)},`,
    '',
    `${words.invited} ${name}`,
    ...(time === undefined ? [] : [`${words.when} ${time}`]),
    ...dial.map((each) => `${words.dial} ${oneLine(each)}`),
    ...(numbers.length > 0 && number !== undefined ? [`${words.number} ${number}#`] : []),
    ...(pin === undefined ? [] : [`${words.pin} ${pin}#`]),
    ...(invitation.pin === 'one-time' ? [words.ownPin] : []),
    `${words.link} ${link}`,
    '',
    keypadText(keypadCard(conference, language)),
  ];
  const text = `${lines.join('\n').trimEnd()}\n`;
  const { id, startsAt, endsAt, createdAt } = invitation;
  if (startsAt === undefined) return { subject: name, text };
  const ics = calendar({
    uid: `${id}@parley`,
    stampedAt: createdAt,
    startsAt,
    endsAt: endsAt ?? startsAt + 3_600_000,
    summary: name,
    description: text,
    location: dial.map(oneLine).join(', '),
    url: link,
    language,
  });
  return { subject: name, text, ics };
}
