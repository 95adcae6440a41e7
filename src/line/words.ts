import type { LeaveReason } from '../conference/index.ts';
import type { Words } from './spoken-languages.ts';
import { indonesian, japanese, taiwanese, thai } from './words-asia.ts';

/** What somebody means who writes to us. */
export type Wish =
  | { readonly is: 'join'; readonly number: string; readonly pin: string | undefined }
  | { readonly is: 'leave' }
  | { readonly is: 'who' }
  | { readonly is: 'help' }
  | { readonly is: 'say'; readonly text: string };

const JOIN = /^\/?join\s+(\S+)(?:\s+(\S+))?$/i;
const PLAIN: Readonly<Record<string, 'leave' | 'who' | 'help'>> = { leave: 'leave', who: 'who', help: 'help' };

/** Reads it: what is no command is to be said. */
export function readWish(text: string): Wish {
  const trimmed = text.trim();
  const [, number, pin] = JOIN.exec(trimmed) ?? [];
  if (number !== undefined) return { is: 'join', number, pin };
  const plain = PLAIN[trimmed.toLowerCase().replace(/^\//, '')];
  return plain === undefined ? { is: 'say', text: trimmed } : { is: plain };
}

const english: Words = {
  help: 'Write "join" and the number of a conference to follow it, and its PIN behind that if it has one. What you write then is spoken there. "who" tells who is in, "leave" ends it.',
  onlyText: 'Only text can be spoken.',
  tooLong: 'That is too long to be spoken.',
  nowhere: 'You are in no conference. Write "join" and its number.',
  unknown: 'No conference has this number.',
  pin: 'This conference asks for a PIN: write "join", the number and the PIN.',
  wrongPin: 'This PIN is wrong.',
  lockedOut: 'Too many wrong entries. Try again later.',
  closed: 'Nobody is there yet.',
  locked: 'The conference is locked.',
  admission: 'People are admitted one by one here: please call by telephone.',
  notNow: 'That does not work now. Try again later.',
  unheard: 'Nobody is there who could hear it.',
  left: 'You have left.',
  removed: 'You were removed from the conference.',
  alone: 'Everybody has left: the conference is over for you too.',
  over: 'The conference has ended.',
  nobodyElse: 'Nobody else is there.',
  isIn: (name) => `You are in ${name === '' ? 'the conference' : name}. What you write is spoken there.`,
  hasJoined: (name) => `${name} has joined.`,
  hasLeft: (name) => `${name} has left.`,
};

const german: Words = {
  help: 'Schreiben Sie „join“ und die Nummer einer Konferenz, um ihr zu folgen, dahinter die PIN, wenn sie eine hat. Was Sie dann schreiben, wird dort gesprochen. „who“ sagt, wer da ist, „leave“ beendet es.',
  onlyText: 'Nur Text kann gesprochen werden.',
  tooLong: 'Das ist zu lang, um gesprochen zu werden.',
  nowhere: 'Sie sind in keiner Konferenz. Schreiben Sie „join“ und ihre Nummer.',
  unknown: 'Keine Konferenz hat diese Nummer.',
  pin: 'Diese Konferenz verlangt eine PIN: Schreiben Sie „join“, die Nummer und die PIN.',
  wrongPin: 'Diese PIN ist falsch.',
  lockedOut: 'Zu viele falsche Eingaben. Versuchen Sie es später wieder.',
  closed: 'Es ist noch niemand da.',
  locked: 'Die Konferenz ist geschlossen.',
  admission: 'Hier wird jeder einzeln eingelassen: Bitte rufen Sie mit dem Telefon an.',
  notNow: 'Das geht gerade nicht. Versuchen Sie es später wieder.',
  unheard: 'Es ist niemand da, der es hören könnte.',
  left: 'Sie haben die Konferenz verlassen.',
  removed: 'Sie wurden aus der Konferenz entfernt.',
  alone: 'Alle sind gegangen: Die Konferenz ist auch für Sie vorbei.',
  over: 'Die Konferenz ist vorbei.',
  nobodyElse: 'Sonst ist niemand da.',
  isIn: (name) => `Sie sind in ${name === '' ? 'der Konferenz' : name}. Was Sie schreiben, wird dort gesprochen.`,
  hasJoined: (name) => `${name} ist da.`,
  hasLeft: (name) => `${name} ist gegangen.`,
};

/** By primary language subtag (RFC 5646 §2.2.1). */
const languages: Readonly<Record<string, Words>> = { en: english, de: german, ja: japanese, th: thai, zh: taiwanese, id: indonesian };

/** The words of a BCP 47 tag; of one that we do not speak, and of none, the English ones. */
export const wordsIn = (language: string | undefined): Words => languages[(language ?? '').toLowerCase().split(/[-_]/)[0] ?? ''] ?? english;

/** Whose text this is. */
export const saidBy = (name: string, text: string): string => `${name}: ${text}`;

/** Why somebody is not in any more. */
export function endWords(reason: LeaveReason, { left, removed, alone, over }: Words): string {
  if (reason === 'hung-up') return left;
  if (reason === 'kicked') return removed;
  return reason === 'flow-ended' ? alone : over;
}
