import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import type { ConferenceView } from '../../conference/index.ts';
import { withDefaults } from '../document/check.ts';
import { at } from '../document/paths.ts';
import { gregorian } from '../stamp.ts';
import type { Answer } from './answer.ts';
import { listItem, type Place } from './encode.ts';
import { refusals } from './refuse.ts';

type Query = ReadonlyMap<string, string>;
type Test = (document: JsonObject) => boolean;

/** The full stored document: filters see more than lists show (kazoo-facts §5.7). */
const stored = ({ conference }: ConferenceView): JsonObject => ({
  ...withDefaults(conference.document),
  id: conference.id,
  _id: conference.id,
  pvt_type: 'conference',
  pvt_account_id: conference.account,
  pvt_created: gregorian(conference.createdAt),
  pvt_modified: gregorian(conference.modifiedAt),
});

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

const keyOf = (id: string): string => Buffer.from(`k:${id}`).toString('base64url');
const idOf = (key: string): string => {
  const text = Buffer.from(key, 'base64url').toString();
  return text.startsWith('k:') ? text.slice(2) : key;
};

/** Filters, orders and cuts a list (kazoo-facts §5.5 to §5.7). Throws for a bad page size. */
export function page(query: Query, place: Place): (views: readonly ConferenceView[]) => Answer {
  const tests = [...query].flatMap(testOf);
  const isAscending = query.get('ascending') === 'true' && query.get('descending') !== 'true';
  const order = isAscending ? 1 : -1;
  const isPaged = query.get('paginate') !== 'false';
  const size = isPaged ? pageSize(query) : Number.POSITIVE_INFINITY;
  const startKey = isPaged ? query.get('start_key') : undefined;
  const start = startKey === undefined ? undefined : idOf(startKey);
  return (views) => {
    const found = views
      .filter((view) => tests.every((test) => test(stored(view))))
      .sort((a, b) => (a.conference.id < b.conference.id ? -order : order))
      .filter(({ conference: { id } }) => start === undefined || id === start || id > start === isAscending);
    const shown = found.slice(0, size);
    const next = found[shown.length];
    const more = {
      page_size: shown.length,
      ...(startKey === undefined ? {} : { start_key: startKey }),
      ...(next === undefined ? {} : { next_start_key: keyOf(next.conference.id) }),
    };
    return { status: 200, data: shown.map((view) => listItem(view, place)), revision: 'automatic', ...(isPaged ? { more } : {}) };
  };
}
