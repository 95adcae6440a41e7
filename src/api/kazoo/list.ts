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
  return text.startsWith('k:') ? text.slice(2) : key;
};

/** What a list is made of. */
export interface Lister<T> {
  readonly idOf: (each: T) => string;
  /** The full stored document with its private keys: filters see more than lists show (kazoo-facts §5.7). */
  readonly stored: (each: T) => JsonObject;
  readonly shown: (each: T) => JsonObject;
}

/** Filters, orders and cuts a list (kazoo-facts §5.5 to §5.7). Throws for a bad page size. */
export function page<T>(query: Query, { idOf: id, stored, shown }: Lister<T>): (all: readonly T[]) => Answer {
  const tests = [...query].flatMap(testOf);
  const isAscending = query.get('ascending') === 'true' && query.get('descending') !== 'true';
  const order = isAscending ? 1 : -1;
  const cut = cutOf(query);
  const start = cut.startKey === undefined ? undefined : idOf(cut.startKey);
  const isMeant = (each: T): boolean => {
    if (tests.length === 0) return true;
    const document = stored(each);
    return tests.every((test) => test(document));
  };
  return (all) => {
    const found = all
      .filter((each) => start === undefined || id(each) === start || id(each) > start === isAscending)
      .filter(isMeant)
      .sort((a, b) => (id(a) < id(b) ? -order : order));
    const items = found.slice(0, cut.size);
    const next = found[items.length];
    return pageOf(cut, items.map(shown), next === undefined ? undefined : keyOf(id(next)));
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
