import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { byteString, quote, splitOutside, unquote } from './uri.ts';

/** What we challenge with; the first one that a phone knows is taken (RFC 8760 §2.4). */
export type DigestAlgorithm = 'SHA-256' | 'MD5';

const hashes: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
  ['SHA-512-256', 'sha512-256'],
]);

/** How long a nonce is good, ms. */
export const nonceLifetime = 300_000;

/** A challenge to be sent. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  /** Default SHA-256, then MD5. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** True when the credentials were right but the nonce too old: the phone tries again without asking its user. */
  readonly stale?: boolean;
}

/** WWW-Authenticate values, one per algorithm, best first, RFC 7616 §3.3. */
export const challenge = ({ realm, nonce, algorithms = ['SHA-256', 'MD5'], stale = false }: Challenge): readonly string[] =>
  algorithms.map(
    (algorithm) =>
      `Digest realm=${quote(byteString(realm))}, nonce=${quote(nonce)}, algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
  );

const sign = (secret: string | Uint8Array, signed: string): string =>
  createHmac('sha256', secret).update(signed).digest('hex').slice(0, 32);

const equal = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')];
  return left.length === right.length && timingSafeEqual(left, right);
};

/** A nonce that needs no memory: its time, a salt, and their HMAC. `salt` keeps phones apart that are challenged in the same ms. */
export function makeNonce(secret: string | Uint8Array, nowEpoch: number, salt = '0'): string {
  const signed = `${Math.floor(nowEpoch).toString(16)}-${salt}`;
  return `${signed}-${sign(secret, signed)}`;
}

/** Whether a nonce is ours and young; the caller remembers nonce counts. */
export function checkNonce(secret: string | Uint8Array, nonce: string, nowEpoch: number): 'good' | 'stale' | 'forged' {
  const match = /^([0-9a-f]{1,13}-[^-]*)-([0-9a-f]{32})$/.exec(nonce);
  if (match === null || !equal(match[2]!, sign(secret, match[1]!))) return 'forged';
  const age = nowEpoch - Number.parseInt(match[1]!, 16);
  return age >= -1_000 && age <= nonceLifetime ? 'good' : 'stale';
}

/** The parameters of a Digest challenge or of Digest credentials by lower-case name, unquoted; undefined when it is no Digest. */
export function parseDigest(value: string): ReadonlyMap<string, string> | undefined {
  const match = /^Digest[ \t]+(.*)$/is.exec(value);
  const parts = match === null ? undefined : splitOutside(match[1]!, ',');
  if (parts === undefined) return undefined;
  const params = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(0, equals)).trim().toLowerCase();
    if (name === '' || params.has(name)) return undefined;
    params.set(name, unquote(part.slice(equals + 1).trim()));
  }
  return params;
}

/** All that goes into a response, as byte strings. */
interface Ingredients {
  readonly algorithm: string;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Absent: the form of RFC 2069. */
  readonly protection?: { readonly qop: string; readonly nc: string; readonly cnonce: string };
}

/** The response, RFC 7616 §3.4.1; undefined for an unknown algorithm. */
function responseOf(given: Ingredients): string | undefined {
  const session = /-sess$/i.test(given.algorithm);
  const name = hashes.get(given.algorithm.replace(/-sess$/i, '').toUpperCase());
  if (name === undefined || (session && given.protection === undefined)) return undefined;
  const hash = (bytes: string): string => createHash(name).update(bytes, 'latin1').digest('hex');
  const user = hash(`${given.username}:${given.realm}:${byteString(given.password)}`);
  const secret = session ? hash(`${user}:${given.nonce}:${given.protection?.cnonce}`) : user;
  const { qop, nc, cnonce } = given.protection ?? {};
  const middle = qop === undefined ? '' : `${nc}:${cnonce}:${qop}:`;
  return hash(`${secret}:${given.nonce}:${middle}${hash(`${given.method}:${given.uri}`)}`);
}

/** What `verify` compares. */
export interface Verification {
  /** The Authorization or Proxy-Authorization value. */
  readonly authorization: string;
  readonly method: string;
  /** In clear, readable text. */
  readonly password: string;
  /** Where given, the credentials must name this realm. */
  readonly realm?: string;
  /** Where given, the credentials must name this URI. */
  readonly uri?: string;
  /** Default SHA-256 and MD5. */
  readonly algorithms?: readonly DigestAlgorithm[];
}

/** The protection that credentials name; false when it is not one that we offered. */
function protectionOf(params: ReadonlyMap<string, string>): Ingredients['protection'] | false {
  const qop = params.get('qop');
  // Phones older than RFC 2617 know no qop; RFC 7616 §3.4 lets a server take them.
  if (qop === undefined) return undefined;
  const [nc, cnonce] = [params.get('nc'), params.get('cnonce')];
  return qop.toLowerCase() === 'auth' && nc !== undefined && cnonce !== undefined && /^[0-9a-f]{8}$/i.test(nc) && { qop, nc, cnonce };
}

/** True when the credentials prove the password. Check the nonce with `checkNonce` too. */
export function verify(given: Verification): boolean {
  const { method, password, algorithms = ['SHA-256', 'MD5'] } = given;
  const params = parseDigest(given.authorization);
  const [username, realm, nonce, uri, claimed] = ['username', 'realm', 'nonce', 'uri', 'response'].map((name) => params?.get(name));
  if (
    params === undefined ||
    username === undefined ||
    realm === undefined ||
    nonce === undefined ||
    uri === undefined ||
    claimed === undefined
  )
    return false;
  if (given.realm !== undefined && byteString(given.realm) !== realm) return false;
  if (given.uri !== undefined && given.uri !== uri) return false;
  const algorithm = params.get('algorithm') ?? 'MD5';
  const protection = protectionOf(params);
  if (protection === false || !algorithms.some((each) => each === algorithm.toUpperCase())) return false;
  const due = responseOf({ algorithm, username, realm, password, method, uri, nonce, ...(protection === undefined ? {} : { protection }) });
  return due !== undefined && equal(due, claimed.toLowerCase());
}

/** What a client answers a challenge with. */
export interface ChallengeAnswer {
  /** The values of WWW-Authenticate or Proxy-Authenticate, in their order. */
  readonly challenges: readonly string[];
  readonly method: string;
  /** The Request-URI. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** Fresh random text. */
  readonly cnonce: string;
  /** How often this nonce has been used, this time included. Default 1. */
  readonly count?: number;
}

function credentials(params: ReadonlyMap<string, string>, answer: ChallengeAnswer): string | undefined {
  const { method, uri, password, cnonce, count = 1 } = answer;
  const [realm, nonce, opaque, algorithm = 'MD5'] = ['realm', 'nonce', 'opaque', 'algorithm'].map((name) => params.get(name));
  const offered = params
    .get('qop')
    ?.split(',')
    .map((each) => each.trim().toLowerCase());
  if (realm === undefined || nonce === undefined || (offered !== undefined && !offered.includes('auth'))) return undefined;
  const username = byteString(answer.username);
  const nc = count.toString(16).padStart(8, '0');
  const protection = offered === undefined ? {} : { protection: { qop: 'auth', nc, cnonce } };
  const response = responseOf({ algorithm, username, realm, password, method, uri, nonce, ...protection });
  if (response === undefined) return undefined;
  const quoted = Object.entries({ username, realm, nonce, uri, response }).map(([name, value]) => `${name}=${quote(value)}`);
  const tail = offered === undefined ? [] : ['qop=auth', `nc=${nc}`, `cnonce=${quote(cnonce)}`];
  return `Digest ${[...quoted, `algorithm=${algorithm}`, ...tail, ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`])].join(', ')}`;
}

/** The Authorization value for the first challenge that we can answer; undefined when there is none. */
export function answerChallenge(answer: ChallengeAnswer): string | undefined {
  for (const value of answer.challenges) {
    const params = parseDigest(value);
    const answered = params === undefined ? undefined : credentials(params, answer);
    if (answered !== undefined) return answered;
  }
  return undefined;
}
