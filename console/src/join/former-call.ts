import { recall, remember } from '../kit/memory.ts';

const KEY = 'calls';
/** Of so many invitations, the newest first. */
const MOST = 8;

type Kept = readonly [code: string, resume: string];

const isKept = (value: unknown): value is Kept =>
  Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === 'string');

function kept(): readonly Kept[] {
  try {
    const value: unknown = JSON.parse(recall(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter(isKept) : [];
  } catch {
    // Whatever stood there is not ours.
    return [];
  }
}

/** The last call of this browser by a link, by which an invitation that is for so many guests knows him when he comes back. */
export function rememberCall(code: string, resume: string): void {
  const others = kept().filter(([of]) => of !== code);
  remember(KEY, JSON.stringify([[code, resume], ...others].slice(0, MOST)));
}

/** Of this invitation; undefined: there was none, or it is long ago. */
export const formerCall = (code: string): string | undefined => kept().find(([of]) => of === code)?.[1];

/** What tells the server so before he joins. */
export function shownAgain(code: string): Readonly<Record<string, string>> {
  const resume = formerCall(code);
  return resume === undefined ? {} : { 'parley-guest': resume };
}
