import { isObject, type Json, type JsonObject } from '../../base/index.ts';
import { isDeeperThan } from '../document/paths.ts';
import type { Asked } from './answer.ts';
import { broken, type Refusal, refusals } from './refuse.ts';
import { takesFile } from './uploaded.ts';

/** A request as it came from the wire. */
export interface Raw {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array | undefined;
}

/** Bodies nested deeper than this are refused, so that no recursion over them can run out of stack. */
const DEEPEST = 64;

const isReadable = (contentType: string | undefined): boolean =>
  contentType === undefined || /json|x-www-form-urlencoded/i.test(contentType);

const badJson = (message: string): Refusal => broken('json', 'invalid', { message, target: 'body' });

/** The parser's reason and where it stumbled, without repeating the body. */
function parseError(error: unknown, text: string): Refusal {
  const said = error instanceof Error ? error.message : '';
  const token = /^Unexpected token '(.+?)', /s.exec(said)?.[1];
  const reason = token === undefined ? said.replace(/ in JSON at position.*/s, '') : `Unexpected token '${token}'`;
  const position = /at position (\d+)/.exec(said)?.[1];
  const offset = position ?? (token === undefined ? text.length : Math.max(0, text.indexOf(token)));
  return badJson(`${reason} around ${offset}`);
}

function parsed(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw parseError(error, text);
  }
  if (!isObject(body) || isDeeperThan(body, DEEPEST)) throw badJson('All JSON must be valid');
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key.toLowerCase().replaceAll('-', '_'), value]));
}

/** The body's `data` (kazoo-facts §1.3, §2.4); a body that only names an action may leave it out (rulings "action bodies"). */
function dataOf(envelope: JsonObject): JsonObject | readonly Json[] {
  const { data } = envelope;
  if (data === undefined) {
    if (typeof envelope['action'] === 'string') return {};
    throw broken('data', 'required', { message: 'Field is required but missing', value: envelope });
  }
  if (isObject(data) || Array.isArray(data)) return data as JsonObject | readonly Json[];
  throw broken('data', 'type', { message: 'Value did not match type(s): object, array', target: 'object, array', value: data });
}

function pathOf(pathname: string): readonly string[] {
  const parts = pathname
    .replace(/^\/v2(?=\/|$)\/?/, '')
    .replace(/\/$/, '')
    .split('/');
  try {
    return parts.map((part) => decodeURIComponent(part));
  } catch {
    throw refusals.noSuchRoute();
  }
}

const noQuery: ReadonlyMap<string, string> = new Map();

/** What stands behind the first question mark; of a repeated name the last. */
export function queryOf(url: string): ReadonlyMap<string, string> {
  const at = url.indexOf('?');
  return at < 0 ? noQuery : new Map(new URLSearchParams(url.slice(at + 1)));
}

/** Reads a request as KAZOO does: the body is JSON whatever its type says, and the verb may hide in it. */
export function readRequest({ method, url, headers, body }: Raw): Asked {
  const [pathname = ''] = url.split('?', 1);
  const query = queryOf(url);
  const plain = { path: pathOf(pathname), query, headers };
  if (takesFile(method, pathname)) return { ...plain, method, envelope: {}, data: {}, file: body, isUnreadable: false };
  const text =
    body === undefined
      ? ''
      : Buffer.from(body)
          .toString('utf8')
          .replace(/^\uFEFF/, '')
          .trim();
  const isRead = isReadable(headers['content-type']);
  const isEmpty = text === '' || !isRead;
  const envelope = isEmpty ? {} : parsed(text);
  const verb = query.get('verb') ?? envelope['verb'];
  const tunnelled = method === 'POST' && typeof verb === 'string' && /^(get|put|post|patch|delete)$/i.test(verb);
  return {
    method: tunnelled ? verb.toUpperCase() : method,
    ...plain,
    envelope,
    data: isEmpty ? {} : dataOf(envelope),
    file: undefined,
    isUnreadable: !isRead && text !== '',
  };
}

/** The body's `data` where only an object makes sense. */
export function objectData({ data }: Asked): JsonObject {
  if (isObject(data)) return data;
  throw broken('data', 'type', { message: 'Value did not match type(s): object', target: 'object', value: data });
}
