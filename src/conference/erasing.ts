import { isObject, type Json, type JsonObject } from '../base/index.ts';

/** The word that stands where something was erased. */
export const ERASED = 'erased';

/** What a fact, a record or a part of them says of a caller, so that copies of it in other words can be found. */
export interface Traces {
  readonly number: string;
  /** Parley's names of his calls; they say nothing of him. */
  readonly calls: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  /** SIP Call-IDs that carry the number. */
  readonly sipCallIds: ReadonlySet<string>;
  /** Channel variables, each as `varKey` gives it. */
  readonly vars: ReadonlySet<string>;
  /** What he said, where somebody wrote it down. Absent: nothing. */
  readonly words?: ReadonlySet<string>;
}

/** From this length on a run of characters in a sentence is a telephone number, and not something else that looks like one. */
const UNMISTAKABLE = 6;

const isCaller = (each: JsonObject, number: string): boolean =>
  each['callerNumber'] === number || (each['direction'] === 'outbound' && each['calledNumber'] === number);

/** Dialects spell keys in their own ways. */
const varKey = (key: string, value: string): string => `${key.toLowerCase().replace(/[^a-z0-9]/g, '')}=${value}`;

/** The number where it stands by itself: neither letter nor digit beside it. */
const standing = (number: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}])${number.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'gu');

const carries = (text: string, number: string): boolean => standing(number).test(text);

/** What these name may be spelled like somebody's number. */
const OTHERS = /conference|account|called/i;

/** The text without the number. Within a text a short one is only recognised as the user of an address: `sip:100@`, `tel:100`. */
function withoutNumber(text: string, key: string, number: string): string {
  if (!text.includes(number) || OTHERS.test(key)) return text;
  if (number.length >= UNMISTAKABLE) return text.replace(standing(number), ERASED);
  return text.replace(standing(number), (found, at: number) => (/(^|[^a-z])(sips?|tel):$/i.test(text.slice(0, at)) ? ERASED : found));
}

/** The same value with each text changed; `key` is that of the nearest object. */
function mapTexts(value: Json, change: (text: string, key: string) => string, key = ''): Json {
  if (typeof value === 'string') return change(value, key);
  if (Array.isArray(value)) return value.map((each: Json) => mapTexts(each, change, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapTexts(each, change, name)]));
}

/** Every object in it that is about the caller. */
function* partsOf(value: unknown, number: string): Generator<JsonObject> {
  if (Array.isArray(value)) for (const each of value) yield* partsOf(each, number);
  if (!isObject(value)) return;
  if (isCaller(value, number)) yield value;
  for (const each of Object.values(value)) yield* partsOf(each, number);
}

const textsOf = (values: readonly (Json | undefined)[]): Set<string> =>
  new Set(values.filter((each): each is string => typeof each === 'string' && each !== ''));

/** What a fact or record says of everybody with this number; undefined when it does not name them. */
export function tracesOf(value: unknown, number: string): Traces | undefined {
  const parts = [...partsOf(value, number)];
  if (parts.length === 0) return undefined;
  const vars = parts.flatMap(({ channelVars }) => (isObject(channelVars) ? Object.entries(channelVars) : []));
  const sipCallIds = textsOf(parts.map((each) => each['sipCallId']));
  return {
    number,
    calls: textsOf(parts.map((each) => each['id'] ?? each['call'])),
    names: textsOf(parts.map((each) => each['callerName'])),
    sipCallIds: new Set([...sipCallIds].filter((each) => carries(each, number))),
    vars: textsOf(vars.map(([key, each]) => (typeof each === 'string' ? varKey(key, each) : undefined))),
    ...(isHisWords(value, number) ? { words: textsOf([(value as JsonObject)['text']]) } : {}),
  };
}

function partErased(part: JsonObject, number: string): JsonObject {
  const { callerNumber, calledNumber, callerName, sipCallId, channelVars } = part;
  return {
    ...part,
    ...(callerNumber === number ? { callerNumber: ERASED } : {}),
    ...(calledNumber === number && part['direction'] === 'outbound' ? { calledNumber: ERASED } : {}),
    ...(callerName === undefined ? {} : { callerName: ERASED }),
    ...(typeof sipCallId === 'string' && carries(sipCallId, number) ? { sipCallId: ERASED } : {}),
    ...(channelVars === undefined ? {} : { channelVars: {} }),
  };
}

function partsErased(value: Json, number: string): Json {
  if (Array.isArray(value)) return value.map((each: Json) => partsErased(each, number));
  if (!isObject(value)) return value;
  const part = isCaller(value, number) ? partErased(value, number) : value;
  return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, partsErased(each, number)]));
}

/** Whether the fact is somebody's words, and his: nobody else is named in it. */
const isHisWords = (value: unknown, number: string): boolean =>
  isObject(value) && value['type'] === 'transcript.created' && !partsOf(value, number).next().done;

/** A fact or record that says nothing of the caller any more; who else is in it stays. */
export function withoutCaller<T>(value: T, number: string): T {
  const all = partsErased(value as unknown as Json, number);
  const erased = isHisWords(value, number) ? { ...(all as JsonObject), text: ERASED } : all;
  return mapTexts(erased, (text, key) => withoutNumber(text, key, number)) as unknown as T;
}

/** The body of a message, written by whatever dialect, without what is known of the caller. One that is no JSON is erased whole. */
export function bodyWithoutCaller(body: string, traces: Traces): string {
  let json: Json;
  try {
    json = JSON.parse(body) as Json;
  } catch {
    return ERASED;
  }
  return JSON.stringify(mapTexts(json, (text, key) => textErased(text, key, traces)));
}

function textErased(text: string, key: string, { number, names, sipCallIds, vars, words }: Traces): string {
  if (words?.has(text) === true) return ERASED;
  if (sipCallIds.has(text) || vars.has(varKey(key, text))) return ERASED;
  // A name may be any word, also one that means something elsewhere in the message.
  if (names.has(text) && /name/i.test(key)) return ERASED;
  return text === number && !OTHERS.test(key) ? ERASED : withoutNumber(text, key, number);
}
