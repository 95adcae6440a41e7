import { callId, contacts, cseq, from, header, parseVia, to, vias } from './headers.ts';
import { type Malformed, noBody, type SipMessage, type SipRequest } from './message.ts';
import { canonicalName, singleHeaders } from './names.ts';
import { parseUri, splitOutside } from './uri.ts';

/** The biggest message that is read, in bytes. */
export const maxMessageBytes = 65_536;
/** The most header lines that are read. */
export const maxHeaders = 256;

interface Problem {
  readonly reason: string;
  readonly offset: number;
  readonly status?: 505;
}

/** The start line as far as it can be read. */
interface Start {
  readonly method?: string;
  readonly uri: string;
  readonly status?: number;
  readonly reason: string;
  readonly problem?: Problem;
}

type Pairs = [name: string, value: string][];

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const requestLine = /^([A-Za-z0-9\-.!%*_+`'~]+) (.*) SIP\/(\d+\.\d+)([ \t]*)$/is;
const statusLine = /^SIP\/(\d+\.\d+) (\d{3})(?: (.*))?$/is;

function readStart(line: string): Start {
  const response = statusLine.exec(line);
  if (response !== null) {
    const status = Number(response[2]);
    const start = { uri: '', status, reason: response[3] ?? '' };
    if (response[1] !== '2.0') return { ...start, problem: { reason: 'unknown sip version', offset: 4, status: 505 } };
    if (status < 100 || status > 699) return { ...start, problem: { reason: 'status code out of range', offset: 8 } };
    return start;
  }
  const request = requestLine.exec(line);
  if (request === null) return { uri: '', reason: '', problem: { reason: 'start line is neither a request nor a status line', offset: 0 } };
  const [, method = '', uri = '', version, trailing] = request;
  const start = { method, uri, reason: '' };
  const offset = method.length + 1;
  if (version !== '2.0') return { ...start, problem: { reason: 'unknown sip version', offset: offset + uri.length, status: 505 } };
  if (trailing !== '') return { ...start, problem: { reason: 'space after the sip version', offset: line.length } };
  const parsed = parseUri(uri);
  if (parsed === undefined) return { ...start, problem: { reason: 'request-uri is malformed', offset } };
  if (parsed.headers !== undefined) return { ...start, problem: { reason: 'request-uri with headers', offset } };
  return start;
}

/** Adds a folded line to the value before it, RFC 3261 §7.3.1. */
function unfold(last: Pairs[number], line: string): void {
  const more = line.trim();
  // Nothing here may flatten the string: thousands of folds would cost their square.
  if (more !== '') last[1] = last[1] === '' ? more : `${last[1]} ${more}`;
}

/** Reads header lines and keeps reading behind the first bad one. */
function readHeaders(head: string, from: number): { readonly pairs: Pairs; readonly problem?: Problem } {
  const pairs: Pairs = [];
  let problem: Problem | undefined;
  let end = from;
  for (let at = from; at < head.length; at = end + 2) {
    end = head.indexOf('\r\n', at);
    if (end < 0) end = head.length;
    const line = head.slice(at, end);
    const last = pairs.at(-1);
    if (last !== undefined && /^[ \t]/.test(line)) {
      unfold(last, line);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trimEnd();
    if (!token.test(name)) problem ??= { reason: 'header line without a name', offset: at };
    else if (pairs.length < maxHeaders) pairs.push([canonicalName(name), line.slice(colon + 1).trim()]);
    else return { pairs, problem: { reason: 'too many headers', offset: at } };
  }
  return problem === undefined ? { pairs } : { pairs, problem };
}

const duplicates = (pairs: Pairs): string | undefined => {
  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (seen.has(name) && singleHeaders.has(name)) return name;
    seen.add(name);
  }
  return undefined;
};

/** What is wrong with headers that every message needs, RFC 3261 §8.1.1 and §20. */
function wrongHeaders(start: Start, pairs: Pairs): string | undefined {
  const message = { headers: pairs };
  const twice = duplicates(pairs);
  if (twice !== undefined) return `more than one ${twice.toLowerCase()}`;
  if (vias(message) === undefined) return 'no via, or a malformed one';
  if (from(message) === undefined) return 'no from, or a malformed one';
  if (to(message) === undefined) return 'no to, or a malformed one';
  if ((callId(message) ?? '') === '') return 'no call-id';
  const sequence = cseq(message);
  if (sequence === undefined) return 'no cseq, or a malformed one';
  if (start.method !== undefined && sequence.method !== start.method) return 'cseq names another method';
  if (header(message, 'Contact') !== undefined && contacts(message) === undefined) return 'malformed contact';
  const hops = header(message, 'Max-Forwards');
  if (hops !== undefined && !/^\d{1,10}$/.test(hops)) return 'malformed max-forwards';
  return undefined;
}

/** How many bytes of body there are; a datagram without Content-Length is all body (RFC 3261 §18.3). */
function bodyLength(pairs: Pairs, available: number): number | string {
  const value = header({ headers: pairs }, 'Content-Length');
  if (value === undefined) return available;
  if (!/^\d{1,10}$/.test(value)) return 'malformed content-length';
  return Number(value) > available ? 'content-length is longer than the message' : Number(value);
}

/** A request that says where its answer goes, though not much else may be right with it. */
function answerable(start: Start, pairs: Pairs): SipRequest | undefined {
  if (start.method === undefined || start.method === 'ACK') return undefined;
  const firstLine = header({ headers: pairs }, 'Via') ?? '';
  const top = (splitOutside(firstLine, ',') ?? [firstLine])[0]?.trim() ?? '';
  if (parseVia(top) === undefined) return undefined;
  return { type: 'request', method: start.method, uri: start.uri, headers: pairs, body: noBody };
}

const malformed = (problem: Problem, request?: SipRequest): Malformed => ({
  type: 'malformed',
  reason: problem.reason,
  offset: problem.offset,
  status: problem.status ?? 400,
  ...(request === undefined ? {} : { answerable: request }),
});

/** A CR or LF that is not part of CRLF could make another parser see other headers than we do. */
const loneBreak = /\r(?!\n)|(?<!\r)\n/;

/** Reads one datagram, or one message that StreamSplitter cut out. Never throws. */
export function parseMessage(bytes: Uint8Array): SipMessage | Malformed {
  if (bytes.length > maxMessageBytes) return malformed({ reason: 'message too long', offset: maxMessageBytes });
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let begin = 0;
  while (buffer[begin] === 13 && buffer[begin + 1] === 10) begin += 2;
  const headEnd = buffer.indexOf('\r\n\r\n', begin, 'latin1');
  if (headEnd < 0) return malformed({ reason: begin === bytes.length ? 'empty' : 'headers do not end', offset: bytes.length });
  const head = buffer.toString('latin1', begin, headEnd);
  const broken = head.search(loneBreak);
  if (broken >= 0) return malformed({ reason: 'lone carriage return or line feed', offset: begin + broken });

  const lineEnd = head.indexOf('\r\n');
  const start = readStart(lineEnd < 0 ? head : head.slice(0, lineEnd));
  const { pairs, problem } = lineEnd < 0 ? { pairs: [] } : readHeaders(head, lineEnd + 2);
  const found = start.problem ?? problem;
  if (found !== undefined) return malformed({ ...found, offset: begin + found.offset }, answerable(start, pairs));
  const wrong = wrongHeaders(start, pairs);
  if (wrong !== undefined) return malformed({ reason: wrong, offset: begin + lineEnd + 2 }, answerable(start, pairs));
  const length = bodyLength(pairs, bytes.length - headEnd - 4);
  if (typeof length === 'string') return malformed({ reason: length, offset: headEnd + 4 }, answerable(start, pairs));

  // A copy, so that the caller may reuse its receive buffer.
  const body = length === 0 ? noBody : new Uint8Array(bytes.subarray(headEnd + 4, headEnd + 4 + length));
  const { method, uri, status = 0, reason } = start;
  if (method === undefined) return { type: 'response', status, reason, headers: pairs, body };
  return { type: 'request', method, uri, headers: pairs, body };
}
