import type { Account, AccountId, Accounts, Documents } from '../../accounts/index.ts';
import { type Chance, type Clock, Failure, isObject, type JsonObject, type Log } from '../../base/index.ts';
import type { CallHistory, Dialling, Execute, MediaLibrary, PhoneCalls, Recordings } from '../../conference/index.ts';
import { attachment, tableOf, wantsCsv } from '../csv.ts';
import type { ApiOptions, Sockets } from '../options.ts';
import type { Rate } from '../rate.ts';
import type { Tokens, Verdict } from '../tokens.ts';
import { inFull, Written } from '../written.ts';
import type { Answer, Asked, Decode } from './answer.ts';
import { cors, failure, type Pieces, success, type Trace, writtenSuccess } from './envelope.ts';
import { identify, readToken } from './identify.ts';
import type { Authenticate } from './login.ts';
import { Refusal, refusals, refuse } from './refuse.ts';
import { queryOf, type Raw, readRequest } from './request.ts';
import { isKnownResource, match, openRows, rowsOfLength } from './table.ts';

/** What the dialect needs. */
export interface KazooOptions {
  readonly execute: Execute;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly rate: Rate;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly node: string;
  readonly version: string;
  /** Absent: there are no CDRs. */
  readonly history?: CallHistory;
  /** Absent: there are no callflows and no numbers. */
  readonly documents?: Documents;
  /** Absent: there is nothing to be played. */
  readonly media?: MediaLibrary;
  /** Absent: nobody can be called. */
  readonly dialling?: Dialling;
  /** Absent: only calls in conferences are known. */
  readonly phones?: PhoneCalls;
  /** Absent: nothing waits for a sound. */
  readonly follow?: ApiOptions['follow'];
  /** Absent: there are no recordings. */
  readonly recordings?: Recordings;
  /** Who follows over websockets. Default: nobody. */
  readonly sockets?: Sockets;
}

/** What goes back on the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: no body at all. */
  readonly body: JsonObject | undefined;
  /** Instead of a body. */
  readonly pieces?: Pieces;
  /** Instead of a body. */
  readonly text?: AsyncIterable<string | Uint8Array>;
  readonly isPretty: boolean;
  /** The function that a browser's script is to call with the body (kazoo-facts §2.6). */
  readonly callback?: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

type Target =
  | { readonly is: 'open'; readonly run: Authenticate }
  | { readonly is: 'account'; readonly decode: Decode; readonly params: Readonly<Record<string, string>> }
  | { readonly is: 'unknown' };

/** What a row says to a method. What exists but may not be done so is 405, whoever asks. */
function methodOf<Run>(methods: Readonly<Record<string, Run>>, method: string): Run {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (run === undefined) throw refusals.invalidMethod();
  return run;
}

/** Which route is meant. */
function targetOf({ method, path }: Asked): Target {
  for (const row of openRows) {
    if (match(row.path, path) !== undefined) return { is: 'open', run: methodOf(row.methods, method) };
  }
  for (const row of rowsOfLength.get(path.length) ?? []) {
    const params = match(row.path, path);
    if (params !== undefined) return { is: 'account', decode: methodOf(row.methods, method), params };
  }
  if (isKnownResource(path)) throw refusals.noSuchRoute();
  return { is: 'unknown' };
}

/** The account in the URL, looked up before anybody is recognised (kazoo-facts §2.5). */
async function accountIn(path: readonly string[], accounts: Accounts): Promise<Account | undefined> {
  if (path[0] !== 'accounts' || path.length < 2) return undefined;
  const id = path[1] ?? '';
  if (id === '') throw new Refusal(404, 'bad identifier', { message: 'missing account_id' });
  if (id.length !== 32) throw new Refusal(404, 'bad identifier', { message: `invalid account_id '${id}'` });
  const account = await accounts.account(id as AccountId);
  if (account === undefined) throw refusals.badId(id);
  return account;
}

/** Charges the address for everything but a request with a good `X-Auth-Token` (kazoo-facts §2.7). */
function charge(options: KazooOptions, asked: Asked, from: { address: string; verdict: Verdict | undefined; trace: Trace }): void {
  const account = asked.path[0] === 'accounts' && /^[0-9a-f]{32}$/.test(asked.path[1] ?? '') ? asked.path[1] : '';
  const key = `${from.address} ${account}`;
  const isFree = from.verdict?.is === 'good' && asked.headers['x-auth-token'] !== undefined;
  from.trace.charge = isFree ? options.rate.look(key) : options.rate.charge(key);
  if (!from.trace.charge.allowed) throw refusals.tooMany();
}

/** The checks in KAZOO's order, then the route. */
async function run(options: KazooOptions, raw: Raw & { address: string }, trace: Trace): Promise<Answer> {
  const { accounts, tokens, execute, node, history, clock, media, recordings, documents, dialling, sockets = () => [] } = options;
  const asked = readRequest(raw);
  const shown = await readToken(asked, tokens);
  trace.token = shown?.token;
  charge(options, asked, { address: raw.address, verdict: shown?.verdict, trace });
  const target = targetOf(asked);
  const recognise = async () => {
    const person = await identify(asked, shown?.verdict, accounts);
    trace.isAuthenticated = true;
    return person;
  };
  if (target.is === 'open') return target.run({ asked, accounts, documents, tokens, clock, identify: recognise });
  const account = await accountIn(asked.path, accounts);
  const person = await recognise();
  const isForeign = account !== undefined && account.id !== person.account;
  if (isForeign && !(await accounts.mayActOn(person.account, account.id))) throw refusals.forbidden();
  if (target.is === 'unknown' || account === undefined) throw refusals.noSuchRoute();
  if (asked.isUnreadable && asked.method !== 'GET' && asked.method !== 'DELETE') throw new Refusal(415, 'unsupported_media_type', {});
  try {
    const isAdmin = () => accounts.isAdmin(person.account, person.user);
    const records = history && { history, clock };
    return await target.decode({
      asked,
      params: target.params,
      account,
      person,
      accounts,
      documents,
      isAdmin,
      records,
      media,
      recordings,
      dialling,
      phones: options.phones,
      follow: options.follow,
      log: options.log,
      clock,
      node,
      sockets,
    })(execute, {
      account: account.id,
      kind: 'api',
      ...((await isAdmin()) || person.user === undefined ? {} : { user: person.user }),
    });
  } catch (error) {
    throw error instanceof Failure ? refuse(error, target.params['conference'] ?? '') : error;
  }
}

/** What went wrong, as a refusal. What nobody expected is logged once, with nothing of the request but its id. */
function refusalOf(error: unknown, log: Log, trace: Trace): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof Failure) return refuse(error, '');
  log.error('a request failed unexpectedly', { request_id: trace.requestId, error });
  return refusals.unspecified();
}

const isFromElsewhere = ({ headers }: Raw): boolean =>
  ['origin', 'access-control-request-method', 'access-control-request-headers'].some((name) => headers[name] !== undefined);

const wantsPretty = ({ headers, url }: Raw): boolean => headers['x-pretty-print'] === 'true' || /[?&]pretty_print=true(&|$)/.test(url);

/** What an answer is on the wire: its text, nothing where the client has it already, a table where he wants one, else the envelope. */
function replyOf(
  answer: Answer,
  raw: Raw,
  { headers, isPretty, trace }: Pick<Reply, 'headers' | 'isPretty'> & { readonly trace: Trace },
): Reply {
  const { status, text, data } = answer;
  if (text !== undefined) return { status, headers, body: undefined, isPretty, text };
  const tag = answer.headers?.['etag'];
  if (raw.method === 'GET' && answer.isLive !== true && tag !== undefined && raw.headers['if-none-match'] === tag) {
    return { status: 304, headers, body: undefined, isPretty };
  }
  const query = queryOf(raw.url);
  const list = raw.method === 'GET' && asksForCsv(query.get('accept') ?? '', raw.headers['accept']) ? inFull(data) : undefined;
  if (Array.isArray(list)) {
    const name = query.get('file_name') ?? raw.headers['x-file-name'];
    const heads = {
      ...headers,
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': attachment(name, 'list.csv'),
    };
    return { status, headers: heads, body: undefined, isPretty, text: tableOf(list.filter(isObject)) };
  }
  const callback = raw.method === 'GET' ? /^[A-Za-z_$][\w$.]{0,127}$/.exec(query.get('jsonp') ?? '')?.[0] : undefined;
  if (data instanceof Written && !isPretty && callback === undefined) {
    return { status, headers, body: undefined, pieces: writtenSuccess(answer, data, trace), isPretty };
  }
  return { status, headers, body: success(answer, trace), isPretty, ...(callback === undefined ? {} : { callback }) };
}

const asksForCsv = (query: string, header: string | undefined): boolean => /^(text\/)?csv$/.test(query) || wantsCsv(header);

/** Serves one request of the dialect; `id` is for one that brings none. Never throws. */
export async function serve(options: KazooOptions, raw: Raw & { address: string; id: string }): Promise<Reply> {
  const requestId = raw.headers['x-request-id'] || raw.id;
  const trace: Trace = {
    requestId,
    node: options.node,
    version: options.version,
    at: options.clock.epoch(),
    charge: { allowed: true, consumed: 0, remaining: 100 },
    token: undefined,
    isAuthenticated: false,
  };
  const crossing = isFromElsewhere(raw) ? cors(METHODS) : {};
  const headers = { 'x-request-id': requestId, ...(raw.method === 'GET' ? { expires: 'Fri, 01 Jan 1999 00:00:00 GMT' } : {}) };
  const isPretty = wantsPretty(raw);
  if (raw.method === 'OPTIONS' && raw.headers['origin'] !== undefined) {
    return { status: 200, headers: { ...headers, allow: METHODS.join(', '), ...crossing }, body: undefined, isPretty };
  }
  try {
    const answer = await run(options, raw, trace);
    if (answer.token !== undefined) [trace.token, trace.isAuthenticated] = [answer.token, true];
    return replyOf(answer, raw, { headers: { ...headers, ...answer.headers, ...crossing }, isPretty, trace });
  } catch (error) {
    const refusal = refusalOf(error, options.log, trace);
    // A media type that is not read gets no body, as cowboy answers it.
    const body = refusal.status === 415 ? undefined : failure(refusal, trace);
    return { status: refusal.status, headers: { ...headers, ...cors(METHODS) }, body, isPretty };
  }
}
