import { Problem } from '../kit/api.ts';
import { fill } from '../kit/languages.ts';
import { toast } from '../kit/toasts.tsx';
import { refusalWords } from './refusals.ts';
import { t } from './words.ts';

/** What went wrong, in words. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return t.value.problem.unknown;
  if (error.status === 0) return t.value.problem.offline;
  const words = refusalWords(error);
  if (error.status === 403 && words === error.detail) return t.value.problem.forbidden;
  return words || error.title || fill(t.value.problem.status, { status: error.status });
}

/** Does something and says when it failed; gives what it gave. */
export async function attempt<T>(work: () => Promise<T>, done?: string): Promise<T | undefined> {
  try {
    const result = await work();
    if (done !== undefined) toast(done, 'good', 3000);
    return result;
  } catch (error) {
    toast(wordsOf(error), 'bad');
    return undefined;
  }
}
