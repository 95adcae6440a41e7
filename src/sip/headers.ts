import type { Headers } from './message.ts';
import { canonicalName, listHeaders } from './names.ts';
import { type NameAddr, type Params, parseHostPort, parseNameAddr, parseParams, splitOutside } from './uri.ts';

/** Anything with headers. */
export interface Headed {
  readonly headers: Headers;
}

/** One Via value, RFC 3261 §20.42. */
export interface Via {
  /** Upper case: `UDP`, `TCP`, `TLS`, `WS`, `WSS`. */
  readonly protocol: string;
  /** Sent-by; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
}

/** The first value line of a header. */
export function header(message: Headed, name: string): string | undefined {
  const wanted = canonicalName(name);
  for (const [each, value] of message.headers) if (each === wanted) return value;
  return undefined;
}

/** All values of a header; lists are split at commas outside of quotes and angle brackets, empty elements are dropped. */
export function headerAll(message: Headed, name: string): readonly string[] {
  const wanted = canonicalName(name);
  const values: string[] = [];
  for (const [each, value] of message.headers) {
    if (each !== wanted) continue;
    const parts = listHeaders.has(wanted) && value.includes(',') ? (splitOutside(value, ',') ?? [value]) : [value];
    for (const part of parts) {
      const trimmed = part.trim();
      if (trimmed !== '') values.push(trimmed);
    }
  }
  return values;
}

const viaStart =
  /^SIP[ \t]*\/[ \t]*\d+\.\d+[ \t]*\/[ \t]*([A-Za-z0-9\-.!%*_+`'~]+)[ \t]+([^ \t;]+)((?:[ \t]*:[ \t]*\d{1,5})?)[ \t]*(;.*)?$/is;

/** Reads one Via value; undefined when it is malformed. */
export function parseVia(value: string): Via | undefined {
  const match = viaStart.exec(value);
  if (match === null) return undefined;
  const sentBy = parseHostPort(`${match[2]}${match[3]?.replace(/[ \t]/g, '')}`);
  const params = parseParams(match[4] ?? '');
  return sentBy === undefined || params === undefined ? undefined : { protocol: match[1]!.toUpperCase(), ...sentBy, params };
}

/** The topmost Via. */
export function via(message: Headed): Via | undefined {
  const top = headerAll(message, 'Via')[0];
  return top === undefined ? undefined : parseVia(top);
}

/** Every Via, topmost first; undefined when there is none or one is malformed. */
export function vias(message: Headed): readonly Via[] | undefined {
  const values = headerAll(message, 'Via').map(parseVia);
  return values.length > 0 && values.every((each) => each !== undefined) ? values : undefined;
}

/** CSeq; its number is below 2^31 (RFC 3261 §8.1.1.5). */
export function cseq(message: Headed): { readonly number: number; readonly method: string } | undefined {
  const match = /^(\d{1,15})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/.exec(header(message, 'CSeq') ?? '');
  if (match === null) return undefined;
  const number = Number(match[1]);
  return number < 2 ** 31 ? { number, method: match[2]! } : undefined;
}

const nameAddr = (message: Headed, name: string): NameAddr | undefined => {
  const value = header(message, name);
  return value === undefined ? undefined : parseNameAddr(value);
};

/** From. */
export const from = (message: Headed): NameAddr | undefined => nameAddr(message, 'From');

/** To. */
export const to = (message: Headed): NameAddr | undefined => nameAddr(message, 'To');

/** Every Contact, or `*`; undefined when there is none or one is malformed. */
export function contacts(message: Headed): readonly NameAddr[] | '*' | undefined {
  const values = headerAll(message, 'Contact');
  if (values.length === 1 && values[0] === '*') return '*';
  const parsed = values.map(parseNameAddr);
  return parsed.length > 0 && parsed.every((each) => each !== undefined) ? parsed : undefined;
}

/** Call-ID. */
export const callId = (message: Headed): string | undefined => header(message, 'Call-ID');

/** A header with a whole number that fits 32 bits, such as Expires or Max-Forwards. */
export function headerNumber(message: Headed, name: string): number | undefined {
  const value = header(message, name);
  if (value === undefined || !/^\d{1,10}$/.test(value)) return undefined;
  const number = Number(value);
  return number < 2 ** 32 ? number : undefined;
}

/** True when a list header names the option, ignoring case: Supported, Require, Allow. */
export const lists = (message: Headed, name: string, option: string): boolean =>
  headerAll(message, name).some((each) => each.toLowerCase() === option.toLowerCase());

/** These headers with exactly one of that name, where the first one stood, else at the end. */
export function withHeader(headers: Headers, name: string, value: string): Headers {
  const wanted = canonicalName(name);
  const at = headers.findIndex(([each]) => each === wanted);
  if (at < 0) return [...headers, [wanted, value]];
  return [...headers.slice(0, at), [wanted, value], ...headers.slice(at + 1).filter(([each]) => each !== wanted)];
}
