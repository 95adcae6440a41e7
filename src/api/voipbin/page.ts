import type { JsonObject } from '../../base/index.ts';
import { refusals } from './refused.ts';
import { readStamp, stampOfMicros } from './stamp.ts';

/** Most of a page, and what is given where nobody says how many (voipbin-facts §7). */
const MOST = 100;

/** A page of a list: what is older than `before`, at most so many. */
export interface PageWish {
  readonly size: number;
  /** Microseconds; undefined: from now. */
  readonly before: number | undefined;
}

/** Reads `page_size` and `page_token`. */
export function readPage(query: URLSearchParams): PageWish {
  const size = query.get('page_size');
  if (size !== null && !/^-?\d+$/.test(size)) throw refusals.badParameter('The parameter page_size must be an integer.');
  const token = query.get('page_token') ?? '';
  // What a form writes for a blank.
  const before = token === '' ? undefined : readStamp(token.replace('+', ' '));
  if (token !== '' && before === undefined)
    throw refusals.badParameter('The parameter page_token must be a next_page_token of an earlier answer.');
  const wished = size === null ? MOST : Number(size);
  return { size: wished < 1 || wished > MOST ? MOST : wished, before };
}

/** `{result, next_page_token}` of what is newest first. Things of one microsecond are never torn apart, lest some of them be on no page. */
export async function listed<Thing extends { readonly at: number }>(
  things: readonly Thing[],
  { size, before }: PageWish,
  body: (thing: Thing) => JsonObject | Promise<JsonObject>,
): Promise<JsonObject> {
  const meant = things.filter(({ at }) => before === undefined || at < before).sort((a, b) => b.at - a.at);
  let end = Math.min(size, meant.length);
  while (end > 0 && end < meant.length && meant[end]!.at === meant[end - 1]!.at) end += 1;
  const page = meant.slice(0, end);
  const last = page.at(-1);
  return { result: await Promise.all(page.map(body)), next_page_token: last === undefined ? '' : stampOfMicros(last.at) };
}
