import { recall, remember } from '../kit/memory.ts';

const KEY = 'call';

/** The last call of this browser, by which an invitation that is for so many guests knows him when he comes back. */
export const rememberCall = (code: string, resume: string): void => remember(KEY, `${code} ${resume}`);

/** Of this invitation; undefined: there was none, or another one since. */
export function formerCall(code: string): string | undefined {
  const [of, resume] = (recall(KEY) ?? '').split(' ');
  return of === code ? resume : undefined;
}

/** What tells the server so before he joins. */
export function shownAgain(code: string): Readonly<Record<string, string>> {
  const resume = formerCall(code);
  return resume === undefined ? {} : { 'parley-guest': resume };
}
