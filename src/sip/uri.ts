import { printHostPort } from '../base/index.ts';

/** Parameters by lower-case name; a flag such as `lr` has the value undefined. Quoted values keep their quotes. */
export type Params = ReadonlyMap<string, string | undefined>;

/** A URI, RFC 3261 §19.1. */
export interface Uri {
  /** Lower case. */
  readonly scheme: string;
  /** Unescaped. */
  readonly user?: string;
  readonly password?: string;
  /** As written, an IPv6 address without its brackets; empty when the scheme is neither sip nor sips. */
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
  /** What follows `?`, escaped as on the wire. */
  readonly headers?: string;
  /** All that follows the colon of a scheme other than sip and sips, for example of `tel`. */
  readonly opaque?: string;
}

/** A name-addr or addr-spec with the header parameters after it, RFC 3261 §20.10. */
export interface NameAddr {
  /** Readable text. */
  readonly name?: string;
  readonly uri: Uri;
  readonly params: Params;
}

const noParams: Params = new Map();
const notAscii = /[\x80-\xff]/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Makes a byte string readable: UTF-8 where it is, else one character per byte. */
export function text(bytes: string): string {
  if (!notAscii.test(bytes)) return bytes;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}

/** The byte string of readable text: its UTF-8. */
export const byteString = (readable: string): string =>
  /^[\0-\x7f]*$/.test(readable) ? readable : Buffer.from(readable, 'utf8').toString('latin1');

const unescaped = (value: string): string | undefined => {
  if (!value.includes('%')) return text(value);
  if (/%(?![0-9a-fA-F]{2})/.test(value)) return undefined;
  return text(value.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
};

const escaped = (plain: string, reserved: RegExp): string =>
  plain.replace(reserved, (each) =>
    [...Buffer.from(each, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );

const notInUser = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]+/gu;
const notInPassword = /[^A-Za-z0-9\-_.!~*'()&=+$,]+/gu;
const hostport = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

/** Takes `host`, `host:port`, `[v6]` or `[v6]:port` apart; the brackets go. */
export function parseHostPort(value: string): { readonly host: string; readonly port?: number } | undefined {
  const match = hostport.exec(value);
  if (match === null) return undefined;
  const host = match[1] ?? match[2] ?? '';
  if (match[3] === undefined) return { host };
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host, port };
}

/** Reads the part of a URI between its host and its headers: `;a;b=c`. */
function uriParams(value: string): Params | undefined {
  const params = new Map<string, string | undefined>();
  for (const each of value.split(';')) {
    const equals = each.indexOf('=');
    const name = (equals < 0 ? each : each.slice(0, equals)).toLowerCase();
    if (name === '' || params.has(name)) return undefined;
    params.set(name, equals < 0 ? undefined : each.slice(equals + 1));
  }
  return params;
}

function parseUserInfo(info: string): { readonly user: string; readonly password?: string } | undefined {
  const colon = info.indexOf(':');
  const user = unescaped(colon < 0 ? info : info.slice(0, colon));
  if (user === undefined || user === '') return undefined;
  if (colon < 0) return { user };
  const password = unescaped(info.slice(colon + 1));
  return password === undefined ? undefined : { user, password };
}

function parseSipUri(scheme: string, rest: string): Uri | undefined {
  // A user may hold `;` and `?` but no `@`, and nothing after the host may hold `@` unescaped: the last one divides.
  const at = rest.lastIndexOf('@');
  const info = at < 0 ? undefined : parseUserInfo(rest.slice(0, at));
  if (at >= 0 && (info === undefined || rest.indexOf('@') !== at)) return undefined;
  let tail = rest.slice(at + 1);
  const question = tail.indexOf('?');
  const headers = question < 0 ? undefined : tail.slice(question + 1);
  if (question >= 0) tail = tail.slice(0, question);
  const semicolon = tail.indexOf(';');
  const where = parseHostPort(semicolon < 0 ? tail : tail.slice(0, semicolon));
  const params = semicolon < 0 ? noParams : uriParams(tail.slice(semicolon + 1));
  if (where === undefined || params === undefined) return undefined;
  return { scheme, ...info, ...where, params, ...(headers === undefined ? {} : { headers }) };
}

/** Reads a URI; undefined when it is none. Spaces, controls, quotes and angle brackets are in no URI. */
export function parseUri(value: string): Uri | undefined {
  const colon = value.indexOf(':');
  if (colon < 1 || /[\0-\x20\x7f<>"]/.test(value)) return undefined;
  const scheme = value.slice(0, colon).toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined;
  const rest = value.slice(colon + 1);
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, rest);
  return rest === '' ? undefined : { scheme, host: '', params: noParams, opaque: rest };
}

/** Writes parameters, each with its semicolon. */
export function printParams(params: Params): string {
  let printed = '';
  for (const [name, value] of params) printed += value === undefined ? `;${name}` : `;${name}=${value}`;
  return printed;
}

/** Writes a URI; user and password are escaped where they must be. */
export function printUri(uri: Uri): string {
  if (uri.opaque !== undefined) return `${uri.scheme}:${uri.opaque}`;
  const password = uri.password === undefined ? '' : `:${escaped(uri.password, notInPassword)}`;
  const info = uri.user === undefined ? '' : `${escaped(uri.user, notInUser)}${password}@`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${info}${printHostPort(uri.host, uri.port)}${printParams(uri.params)}${headers}`;
}

const endOfQuoted = (value: string, from: number): number => {
  for (let at = from + 1; at < value.length; at++) {
    const each = value[at];
    if (each === '\\') at++;
    else if (each === '"') return at < value.length ? at : -1;
  }
  return -1;
};

/** Splits at a separator outside of quotes and angle brackets; undefined when a quote or bracket stays open. */
export function splitOutside(value: string, separator: ',' | ';'): readonly string[] | undefined {
  if (!value.includes('"') && !value.includes('<')) return value.split(separator);
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length; at++) {
    const each = value[at];
    if (each === '"' || each === '<') {
      at = each === '"' ? endOfQuoted(value, at) : value.indexOf('>', at);
      if (at < 0) return undefined;
    } else if (each === separator) {
      parts.push(value.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(value.slice(start));
  return parts;
}

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** Reads header parameters from `;a=b;c` (or nothing); undefined when they are malformed. Empty parameters are skipped. */
export function parseParams(value: string): Params | undefined {
  const rest = value.trim();
  if (rest === '') return noParams;
  const parts = rest[0] === ';' ? splitOutside(rest.slice(1), ';') : undefined;
  if (parts === undefined) return undefined;
  const params = new Map<string, string | undefined>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '' && equals < 0) continue;
    if (!token.test(name) || params.has(name)) return undefined;
    params.set(name, equals < 0 ? undefined : part.slice(equals + 1).trim());
  }
  return params;
}

/** Removes the quotes of a quoted string and its backslashes; anything else stays as it is. */
export const unquote = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replace(/\\([\s\S])/g, '$1') : value;

/** Writes a quoted string. */
export const quote = (value: string): string => `"${value.replace(/[\\"]/g, '\\$&')}"`;

/** Where the display name ends, which is where `<` stands; -1 for an addr-spec, undefined when a quote stays open. */
function bracketOf(value: string): number | undefined {
  if (value[0] !== '"') return value.indexOf('<');
  const end = endOfQuoted(value, 0);
  if (end < 0) return undefined;
  const open = value.indexOf('<', end);
  return open < 0 || value.slice(end + 1, open).trim() !== '' ? undefined : open;
}

/** Reads an addr-spec: parameters belong to the header, and `,` and `?` may not occur (RFC 3261 §20). */
function parseAddrSpec(value: string): NameAddr | undefined {
  const semicolon = value.indexOf(';');
  const bare = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  const uri = /[,?]/.test(bare) ? undefined : parseUri(bare);
  const params = parseParams(semicolon < 0 ? '' : value.slice(semicolon));
  return uri === undefined || params === undefined ? undefined : { uri, params };
}

/** Reads a From, To, Contact, Route or the like; undefined when it is malformed. */
export function parseNameAddr(header: string): NameAddr | undefined {
  const value = header.trim();
  const open = bracketOf(value);
  if (open === undefined) return undefined;
  if (open < 0) return parseAddrSpec(value);
  const close = value.indexOf('>', open);
  if (close < 0) return undefined;
  const uri = parseUri(value.slice(open + 1, close));
  const params = parseParams(value.slice(close + 1));
  if (uri === undefined || params === undefined) return undefined;
  // Names that are neither quoted nor tokens are let pass: real phones send them (RFC 4475 §3.1.2.15).
  const name = text(unquote(value.slice(0, open).trim()));
  return name === '' ? { uri, params } : { name, uri, params };
}

/** Writes a name-addr, always with brackets, the name quoted. */
export function printNameAddr({ name, uri, params }: NameAddr): string {
  const shown = name === undefined || name === '' ? '' : `${quote(byteString(name.replace(/[\r\n]+/g, ' ')))} `;
  return `${shown}<${printUri(uri)}>${printParams(params)}`;
}
