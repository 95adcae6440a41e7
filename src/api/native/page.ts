import { type TSchema, Type } from 'typebox';
import { Problem } from './problem.ts';

/** Where an item stands in its list: by number, then by text. No two items of one list have the same. */
export type ListKey = readonly [at: number, id: string];

/** How long a cursor may be that is read at all. */
const LONGEST = 1024;

/** The query of every list that is read page by page. */
export const paging = {
  cursor: Type.Optional(Type.String({ description: 'The `next_cursor` of the page before; absent: the first page.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50, description: 'So many at most.' })),
};

/** Whose list, and how its reader is recognised. */
export const asking = {
  account: Type.Optional(Type.String({ description: 'Act on this descendant of the own account.' })),
  accesskey: Type.Optional(Type.String({ description: 'Instead of the Authorization header.' })),
};

/** The query of a list. */
export const Cut = Type.Object({ ...paging, ...asking });

/** A page of a list. */
export const pageShape = <Item extends TSchema>(item: Item) =>
  Type.Object({
    items: Type.Array(item),
    next_cursor: Type.Union([Type.String(), Type.Null()], { description: 'Send it as `cursor` for the next page; null on the last.' }),
  });

/** A cursor is where the last item that was shown stands, and not how many there were: what comes and goes meanwhile is neither shown twice nor left out. */
export const writeCursor = ([at, id]: ListKey): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** Refuses with 400 `bad_cursor` what was not written here. */
export function readCursor(cursor: string | undefined): ListKey | undefined {
  if (cursor === undefined) return undefined;
  const text = cursor.length > LONGEST ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, at, id] = /^(-?\d{1,16}) ([^\0]*)$/s.exec(text) ?? [];
  if (at === undefined || id === undefined) throw new Problem(400, 'bad_cursor', 'this cursor was not given out here');
  return [Number(at), id];
}

/** The end of a page of what has numbers of its own, so that it is read on by either; undefined: it was the last page. */
export const numbered = (last: number | undefined): { readonly next_after: number | null; readonly next_cursor: string | null } => ({
  next_after: last ?? null,
  next_cursor: last === undefined ? null : writeCursor([last, '']),
});

const compare = ([a, one]: ListKey, [b, other]: ListKey): number => a - b || (one < other ? -1 : Number(one > other));

/** Which page of a list that is held whole. */
export interface PageWish<Item> {
  readonly keyOf: (item: Item) => ListKey;
  /** Default: up. */
  readonly order?: 'up' | 'down';
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** One page of it, and the cursor of the next one; null: it was the last. */
export function pageOf<Item>(
  all: readonly Item[],
  { keyOf, order = 'up', cursor, limit = 50 }: PageWish<Item>,
): { readonly items: readonly Item[]; readonly next_cursor: string | null } {
  const after = readCursor(cursor);
  const way = order === 'up' ? 1 : -1;
  const keyed = all.map((item) => ({ item, key: keyOf(item) }));
  const left = after === undefined ? keyed : keyed.filter(({ key }) => way * compare(key, after) > 0);
  left.sort((one, other) => way * compare(one.key, other.key));
  const shown = left.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(({ item }) => item), next_cursor: left.length > limit && last !== undefined ? writeCursor(last.key) : null };
}
