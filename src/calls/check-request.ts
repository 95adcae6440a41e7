import { type Headers, header, headerAll, parseUri, type SipRequest } from '../sip/index.ts';

/** What we do with requests, in the order of RFC 3261 §8.2. */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER, SUBSCRIBE, REFER';
/** The one event package that can be subscribed to (RFC 4575 §3.1). */
export const EVENT = 'conference';
export const SUPPORTED = 'timer, replaces';
const EXTENSIONS: ReadonlySet<string> = new Set(SUPPORTED.split(', '));
export const ACCEPT = 'application/sdp';

const SERVED: ReadonlySet<string> = new Set(ALLOW.split(', '));
/** Methods of RFCs that we know by name and do not serve. */
const KNOWN: ReadonlySet<string> = new Set(['NOTIFY', 'MESSAGE', 'PRACK', 'PUBLISH']);

/** Why a request is refused before anybody looks at what it wants. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
}

const refusal = (status: number, ...headers: [string, string][]): Refusal => ({ status, headers });

/** The checks that every request passes: method, scheme, extensions, body. Hops are for proxies (RFC 4475 §3.3.11). Undefined: nothing to object to. */
export function checkRequest(request: SipRequest): Refusal | undefined {
  const { method } = request;
  if (!SERVED.has(method)) return refusal(KNOWN.has(method) ? 405 : 501, ['Allow', ALLOW]);
  const scheme = parseUri(request.uri)?.scheme;
  if (scheme !== 'sip' && scheme !== 'sips') return refusal(416);
  if (method === 'CANCEL') return undefined;
  const unsupported = headerAll(request, 'Require').filter((each) => !EXTENSIONS.has(each.toLowerCase()));
  if (unsupported.length > 0) return refusal(420, ['Unsupported', unsupported.join(', ')]);
  return checkAccept(request) ?? checkBody(request);
}

/** Answers to INVITE and UPDATE are descriptions of the session; whoever reads none cannot be answered (RFC 3261 §21.4.7). Without Accept he reads them. */
function checkAccept(request: SipRequest): Refusal | undefined {
  if ((request.method !== 'INVITE' && request.method !== 'UPDATE') || header(request, 'Accept') === undefined) return undefined;
  return headerAll(request, 'Accept').some(takesSdp) ? undefined : refusal(406, ['Accept', ACCEPT]);
}

/** One media range, such as `application/sdp;q=0.5` or `*` + `/*` (RFC 3261 §20.1). */
function takesSdp(range: string): boolean {
  const [type = '', ...params] = range.split(';').map((each) => each.trim().toLowerCase());
  const never = params.some((each) => /^q\s*=\s*0(\.0{0,3})?$/.test(each));
  return !never && [ACCEPT, 'application/*', '*/*'].includes(type.replace(/\s/g, ''));
}

function checkBody(request: SipRequest): Refusal | undefined {
  if (request.body.length === 0) return undefined;
  const encoding = header(request, 'Content-Encoding')?.toLowerCase();
  if (encoding !== undefined && encoding !== 'identity') return refusal(415, ['Accept-Encoding', 'identity']);
  if (request.method !== 'INVITE' && request.method !== 'UPDATE') return undefined;
  return contentType(request) === ACCEPT ? undefined : refusal(415, ['Accept', ACCEPT]);
}

/** The media type without its parameters, lower case. */
export const contentType = (request: SipRequest): string => (header(request, 'Content-Type') ?? '').split(';')[0]!.trim().toLowerCase();
