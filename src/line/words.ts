import type { LeaveReason } from '../conference/index.ts';

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

/** What a chat is told. English, as the chat's commands are. */
export const words = {
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
  in: (name: string): string => `You are in ${name === '' ? 'the conference' : name}. What you write is spoken there.`,
  joined: (name: string): string => `${name} has joined.`,
  left: (name: string): string => `${name} has left.`,
  said: (name: string, text: string): string => `${name}: ${text}`,
  who: (names: readonly string[]): string => (names.length === 0 ? 'Nobody else is there.' : names.join(', ')),
} as const;

const ENDS: Partial<Record<LeaveReason, string>> = {
  'hung-up': 'You have left.',
  kicked: 'You were removed from the conference.',
  'flow-ended': 'Everybody has left: the conference is over for you too.',
};

/** Why somebody is not in any more. */
export const endWords = (reason: LeaveReason): string => ENDS[reason] ?? 'The conference has ended.';
