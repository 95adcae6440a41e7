import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import { at } from '../document/paths.ts';
import { ofGregorian } from '../stamp.ts';
import type { Answer, Asked } from './answer.ts';
import { broken, refusals } from './refuse.ts';

type Query = ReadonlyMap<string, string>;
type Test = (document: JsonObject) => boolean;

const valueAt = (document: JsonObject, key: string): Json | undefined => at(document, [key]) ?? at(document, key.split('.'));
const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** The values that a filter accepts: one, or a JSON list of them. */
function wanted(text: string): readonly string[] {
  if (!text.startsWith('[')) return [text];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))) : [text];
  } catch {
    return [text];
  }
}

const equals = (document: JsonObject, key: string, values: readonly string[]): boolean => {
  const value = valueAt(document, key);
  if (value === undefined) return false;
  return values.includes(typeof value === 'string' ? value : JSON.stringify(value));
};

/** A bound that is no number excludes everything. */
const bounded =
  (key: string, text: string, isInside: (value: number, bound: number) => boolean): Test =>
  (document) =>
    /^\d+$/.test(text) && isInside(Number(document[key]), Number(text));
const least = (value: number, bound: number): boolean => value >= bound;
const most = (value: number, bound: number): boolean => value <= bound;

const named: Readonly<Record<string, (text: string) => Test>> = {
  has_key: (key) => (document) => valueAt(document, key) !== undefined,
  key_missing: (key) => (document) => valueAt(document, key) === undefined,
  has_value: (key) => (document) => !isEmpty(valueAt(document, key)),
  value_missing: (key) => (document) => isEmpty(valueAt(document, key)),
  created_from: (text) => bounded('pvt_created', text, least),
  created_to: (text) => bounded('pvt_created', text, most),
  modified_from: (text) => bounded('pvt_modified', text, least),
  modified_to: (text) => bounded('pvt_modified', text, most),
};

function testOf([name, text]: readonly [string, string]): readonly Test[] {
  if (Object.hasOwn(named, name)) return [named[name]!(text)];
  const values = wanted(text);
  if (name.startsWith('filter_not_')) return [(document) => !equals(document, name.slice('filter_not_'.length), values)];
  if (name.startsWith('filter_')) return [(document) => equals(document, name.slice('filter_'.length), values)];
  return [];
}

/** How many items a page shall have. */
export function pageSize(query: Query): number {
  const text = query.get('page_size') ?? '50';
  if (!/^-?\d+$/.test(text)) throw refusals.faulty('invalid page size');
  if (Number(text) < 1) throw refusals.faulty('page size must be at least 1');
  return Number(text);
}

/** How a list is cut: KAZOO's `paginate`, `page_size` and `start_key`. */
export interface Cut {
  readonly isPaged: boolean;
  /** How many items are wanted; infinite where the list is not cut. */
  readonly size: number;
  readonly startKey: string | undefined;
}

/** Reads how a list shall be cut. Throws for a bad page size. */
export function cutOf(query: Query): Cut {
  const isPaged = query.get('paginate') !== 'false';
  return { isPaged, size: isPaged ? pageSize(query) : Number.POSITIVE_INFINITY, startKey: isPaged ? query.get('start_key') : undefined };
}

/** A page: `items` are those to show, `next` is where the one behind them begins. */
export function pageOf({ isPaged, startKey }: Cut, items: readonly JsonObject[], next: string | undefined): Answer {
  const more = {
    page_size: items.length,
    ...(startKey === undefined ? {} : { start_key: startKey }),
    ...(next === undefined ? {} : { next_start_key: next }),
  };
  return { status: 200, data: items, revision: 'automatic', ...(isPaged ? { more } : {}) };
}

const keyOf = (id: string): string => Buffer.from(`k:${id}`).toString('base64url');
const idOf = (key: string): string => {
  const text = Buffer.from(key, 'base64url').toString();
  // No id has such a character in it, and not every database takes it.
  return (text.startsWith('k:') ? text.slice(2) : key).replaceAll('\0', '');
};

/** What a list is made of. */
export interface Lister<T> {
  readonly idOf: (each: T) => string;
  /** The full stored document with its private keys: filters see more than lists show (kazoo-facts §5.7). */
  readonly stored: (each: T) => JsonObject;
  readonly shown: (each: T) => JsonObject;
}

/** What a list was asked for (kazoo-facts §5.5 to §5.7). */
interface Wish<T> {
  readonly cut: Cut;
  readonly isAscending: boolean;
  /** The id that it begins with. */
  readonly start: string | undefined;
  readonly isMeant: (each: T) => boolean;
  /** The answer, out of what is meant, in order: no more than one beyond the page is needed. */
  readonly answer: (found: readonly T[]) => Answer;
}

function wishOf<T>(query: Query, { idOf: id, stored, shown }: Lister<T>): Wish<T> {
  const tests = [...query].flatMap(testOf);
  const cut = cutOf(query);
  return {
    cut,
    isAscending: query.get('ascending') === 'true' && query.get('descending') !== 'true',
    start: cut.startKey === undefined ? undefined : idOf(cut.startKey),
    isMeant: (each) => {
      if (tests.length === 0) return true;
      const document = stored(each);
      return tests.every((test) => test(document));
    },
    answer: (found) => {
      const items = found.slice(0, cut.size);
      const next = found[items.length];
      return pageOf(cut, items.map(shown), next === undefined ? undefined : keyOf(id(next)));
    },
  };
}

/** Filters, orders and cuts a list. Throws for a bad page size. */
export function page<T>(query: Query, lister: Lister<T>): (all: readonly T[]) => Answer {
  const { isAscending, start, isMeant, answer } = wishOf(query, lister);
  const { idOf: id } = lister;
  const order = isAscending ? 1 : -1;
  return (all) => {
    const found = all
      .filter((each) => start === undefined || id(each) === start || id(each) > start === isAscending)
      .filter(isMeant)
      .sort((a, b) => (id(a) < id(b) ? -order : order));
    return answer(found);
  };
}

/** Which part of a list is looked at next, in the order of ids; it begins with `from`, whether that is there or not. */
export interface Part {
  readonly order: 'up' | 'down';
  readonly from?: string;
  readonly limit: number;
}

/** No more than this is looked at in one go: others come in between. */
const IN_ONE_GO = 500;

/** The same of a list that may be long: `partOf` gives parts of it in order. Throws for a bad page size. */
export function longPage<T>(query: Query, lister: Lister<T>): (partOf: (part: Part) => Promise<readonly T[]>) => Promise<Answer> {
  const { cut, isAscending, start, isMeant, answer } = wishOf(query, lister);
  const order = isAscending ? 'up' : 'down';
  // One more than the page tells where the next one begins; and one more, because the last one of a part is the first one of the next.
  const limit = Math.min(cut.size, IN_ONE_GO) + 2;
  return async (partOf) => {
    const found: T[] = [];
    let part: Part | undefined = { order, limit, ...(start === undefined ? {} : { from: start }) };
    for (let known: string | undefined; part !== undefined; ) {
      const all: readonly T[] = await partOf(part);
      const fresh = all.length > 0 && known !== undefined && lister.idOf(all[0]!) === known ? all.slice(1) : all;
      found.push(...fresh.filter(isMeant));
      const last = all.at(-1);
      known = last && lister.idOf(last);
      part = known === undefined || all.length < limit || found.length > cut.size ? undefined : { order, limit, from: known };
    }
    return answer(found);
  };
}

/** Epoch ms of a bound in gregorian seconds. */
export function bound({ query }: Asked, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,12}$/.test(text))
    throw broken(name, 'type', { message: 'Value did not match type(s): integer', target: 'integer', value: text });
  return ofGregorian(Number(text));
}

/** Something that has happened at a time (epoch ms), in lists that are ordered by time. */
export interface Moment<Id extends string> {
  readonly at: number;
  readonly id: Id;
}

/** The key of a page that begins behind it. */
export const momentKey = ({ at: epoch, id }: Moment<string>): string => Buffer.from(`${epoch} ${id}`).toString('base64url');

/** What a page begins behind; throws for a key that is none. */
export function momentOf<Id extends string>(key: string | undefined): Moment<Id> | undefined {
  if (key === undefined) return undefined;
  const [, epoch, id] = /^(\d{1,16}) ([0-9A-Za-z-]{1,64})$/.exec(Buffer.from(key, 'base64url').toString()) ?? [];
  if (epoch === undefined || id === undefined) throw refusals.faulty('invalid start key');
  return { at: Number(epoch), id: id as Id };
}

/** A page of what is ordered by time; `found` has one more than is wanted where there is more. */
export function momentPage<T>(
  cut: Cut,
  found: readonly T[],
  { momentOf: moment, shown }: { readonly momentOf: (each: T) => Moment<string>; readonly shown: (each: T) => JsonObject },
): Answer {
  const items = found.slice(0, Math.min(cut.size, found.length));
  const last = items.at(-1);
  return pageOf(cut, items.map(shown), found.length > items.length && last !== undefined ? momentKey(moment(last)) : undefined);
}
