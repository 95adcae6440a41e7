import { createHash, randomBytes } from 'node:crypto';

/**
 * SIP messages as the kit's phone writes and reads them. Deliberately not built on `src/sip`: it is the second opinion.
 */
export interface SipText {
  /** The first line as it stands. */
  readonly start: string;
  /** Empty in responses. */
  readonly method: string;
  /** Empty in responses. */
  readonly uri: string;
  /** 0 in requests. */
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const LONG: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  m: 'contact',
  i: 'call-id',
  c: 'content-type',
  l: 'content-length',
  k: 'supported',
  s: 'subject',
  e: 'content-encoding',
  x: 'session-expires',
};

/** Reads one datagram; undefined when it is no SIP message. */
export function parseSip(bytes: Buffer): SipText | undefined {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [start = '', ...lines] = text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return [LONG[name] ?? name, line.slice(colon + 1).trim()];
  });
  const response = /^SIP\/2\.0 (\d{3})/.exec(start);
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(start);
  if (response === null && request === null) return undefined;
  return {
    start,
    method: request?.[1] ?? '',
    uri: request?.[2] ?? '',
    status: Number(response?.[1] ?? 0),
    headers,
    body: text.slice(end + 4),
  };
}

/** The first header of that name (lower case), or ''. */
export const header = (message: SipText, name: string): string => message.headers.find(([each]) => each === name)?.[1] ?? '';

/** Every header of that name, in order, comma lists taken apart (only safe for Via, Route, Record-Route, Contact, Allow …). */
export const headers = (message: SipText, name: string): readonly string[] =>
  message.headers.filter(([each]) => each === name).flatMap(([, value]) => value.split(/,(?![^<]*>)/).map((each) => each.trim()));

/** A parameter of a header value, such as tag or branch, or ''. */
export const parameter = (value: string, name: string): string =>
  new RegExp(`;\\s*${name}\\s*=\\s*("[^"]*"|[^;,\\s>]+)`, 'i').exec(value.replace(/<[^>]*>/, ''))?.[1]?.replace(/"/g, '') ?? '';

/** The URI inside <…>, or the bare URI without header parameters. */
export const uriOf = (value: string): string => /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0]!.trim();

/** The method in CSeq. */
export const cseqMethod = (message: SipText): string => header(message, 'cseq').split(/\s+/)[1] ?? '';

/** The number in CSeq. */
export const cseqNumber = (message: SipText): number => Number(header(message, 'cseq').split(/\s+/)[0] ?? 0);

/** Writes a message; Content-Length is added here. */
export function printSip(start: string, lines: readonly (readonly [string, string])[], body = ''): Buffer {
  const head = [start, ...lines.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${Buffer.byteLength(body)}`];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** A response to `request`: copies what RFC 3261 §8.2.6.2 wants copied. */
export function answerTo(
  request: SipText,
  status: string,
  { toTag, lines = [], body = '' }: { toTag: string; lines?: readonly (readonly [string, string])[]; body?: string },
): Buffer {
  const copied = request.headers.filter(([name]) => ['via', 'from', 'to', 'call-id', 'cseq', 'record-route'].includes(name));
  const written = copied.map(([name, value]): [string, string] => [
    name,
    name === 'to' && parameter(value, 'tag') === '' ? `${value};tag=${toTag}` : value,
  ]);
  return printSip(`SIP/2.0 ${status}`, [...written, ...lines], body);
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The Authorization value that answers a challenge (RFC 8760: MD5 or SHA-256, qop auth or none). */
export function digestAnswer(challenge: string, who: { user: string; password: string; method: string; uri: string }): string {
  const get = (name: string): string => new RegExp(`\\b${name}=("([^"]*)"|([^,\\s]+))`, 'i').exec(challenge)?.slice(2).find(Boolean) ?? '';
  const algorithm = get('algorithm') || 'MD5';
  const hash = /^sha-256/i.test(algorithm) ? sha256 : md5;
  const [realm, nonce, opaque] = [get('realm'), get('nonce'), get('opaque')];
  const qop = get('qop')
    .split(',')
    .map((each) => each.trim())
    .find((each) => each === 'auth');
  const ha1 = hash(`${who.user}:${realm}:${who.password}`);
  const ha2 = hash(`${who.method}:${who.uri}`);
  const cnonce = randomBytes(8).toString('hex');
  const response = qop === undefined ? hash(`${ha1}:${nonce}:${ha2}`) : hash(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`);
  const parts = [
    `username="${who.user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${who.uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(opaque === '' ? [] : [`opaque="${opaque}"`]),
    ...(qop === undefined ? [] : ['qop=auth', 'nc=00000001', `cnonce="${cnonce}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
