import type { FastifyRequest } from 'fastify';
import type { AccountId, Accounts, UserId } from '../../accounts/index.ts';
import { undashed } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import { byBasic } from '../basic.ts';
import type { SocketPeer, SocketRequest } from '../options.ts';
import type { Rate } from '../rate.ts';
import type { Tokens } from '../tokens.ts';
import { Problem } from './problem.ts';
import { isOwnPage, type Place, sessionIn } from './session-cookie.ts';

/** What recognising somebody needs. */
export interface Recognition {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly rate: Rate;
  /** The base of links, whose host pages of ours may come from. */
  readonly publicUrl?: string;
}

/** A request, as far as it says who asks. */
export interface Shown {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly address: string;
  /** Absent: its cookie does not count. */
  readonly place?: Place;
}

/** Who asks, for what lives longer than a request. */
export interface Pass {
  readonly actor: Actor;
  /** Whose power it is; `user` undefined: the account's own key was shown. */
  readonly own: { readonly account: AccountId; readonly user: UserId | undefined };
  /** He was recognised by the cookie of a session. */
  readonly bySession: boolean;
  /** Epoch ms; undefined: what he showed does not expire. */
  readonly expiresAt: number | undefined;
  /** Whether he is an admin of his own account, who may see and change what belongs to it and to those below. */
  readonly isAdmin: () => Promise<boolean>;
  /** Whether he may still come in; costs little. */
  readonly isGood: () => Promise<boolean>;
}

interface Known {
  readonly account: AccountId;
  readonly user?: UserId | undefined;
  readonly expiresAt?: number;
}

const single = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

async function byText(shown: string, { accounts, tokens }: Recognition): Promise<Known | undefined> {
  const verdict = await tokens.read(shown);
  if (verdict.is === 'good') return { ...verdict.person, expiresAt: verdict.expiresAt };
  if (verdict.is === 'expired') throw new Problem(401, 'token_expired', 'the token has expired');
  const holder = await accounts.byAccessKey(shown);
  if (holder !== undefined) return { account: holder.account.id, user: holder.user.id };
  const account = await accounts.byApiKey(shown);
  return account && { account: account.id };
}

/** The token of a session, out of a cookie that only pages of ours may use. */
function cookieOf(shown: Shown): string | undefined {
  const { headers, place } = shown;
  if (place === undefined) return undefined;
  const token = sessionIn(headers['cookie'], place.isSecure);
  if (token !== undefined && !isOwnPage(shown, place)) {
    throw new Problem(403, 'cross_site', 'a session is for the pages of this server only; show a token or a key instead');
  }
  return token;
}

async function known(all: Shown, recognition: Recognition): Promise<(Known & { readonly bySession?: true }) | undefined> {
  const { headers, query } = all;
  const authorization = single(headers['authorization']);
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const shown = bearer ?? single(headers['x-auth-token']) ?? single(query['accesskey']) ?? single(query['token']);
  if (shown !== undefined) return byText(shown, recognition);
  const session = authorization === undefined ? cookieOf(all) : undefined;
  if (session !== undefined) return bySession(session, recognition);
  const found = await byBasic(authorization, recognition.accounts);
  return found && { account: found.account.id, user: found.user.id };
}

/** A cookie is good for nothing but what a login put into it. */
async function bySession(token: string, { tokens }: Recognition): Promise<Known & { readonly bySession: true }> {
  const verdict = await tokens.readSession(token);
  if (verdict.is !== 'good') throw new Problem(401, 'session_over', 'the session is over; log in again');
  return { ...verdict.person, expiresAt: verdict.expiresAt, bySession: true };
}

/** Who asks, and until when: by a token, an access key, an API key, or Basic. Failed attempts are counted per address. */
export async function admit(shown: Shown, recognition: Recognition): Promise<Pass> {
  const { accounts, rate } = recognition;
  const bucket = `${shown.address} /api`;
  if (rate.look(bucket).remaining < 1) throw new Problem(429, 'too_many_requests', 'too many failed attempts');
  const own = await known(shown, recognition);
  if (own === undefined) {
    rate.charge(bucket);
    throw new Problem(401, 'not_recognised', 'show a token, an access key or an API key as Authorization: Bearer');
  }
  const named = single(shown.query['account']);
  const account = named === undefined ? own.account : (undashed(named) as AccountId);
  if (!(await accounts.mayActOn(own.account, account))) throw new Problem(403, 'forbidden', 'this account is not yours');
  const isAdmin = await accounts.isAdmin(own.account, own.user);
  return {
    actor: { account, kind: 'api', ...(isAdmin || own.user === undefined ? {} : { user: own.user }) },
    own: { account: own.account, user: own.user },
    bySession: own.bySession === true,
    expiresAt: own.expiresAt,
    isAdmin: () => accounts.isAdmin(own.account, own.user),
    isGood: async () =>
      (own.user === undefined || (await accounts.isEnabled(own.account, own.user))) && accounts.mayActOn(own.account, account),
  };
}

const hostsOf = (host: string | undefined, { publicUrl }: Recognition): readonly string[] => [
  ...(host === undefined ? [] : [host]),
  ...(publicUrl === undefined ? [] : [new URL(publicUrl).host]),
];

/** Where a request comes from, for its cookie. */
export const placeOf = ({ method, host, protocol }: FastifyRequest, recognition: Recognition): Place => ({
  method,
  isSocket: false,
  isSecure: protocol === 'https',
  hosts: hostsOf(host, recognition),
});

/** What a request to upgrade shows; browsers can set no header there, so the query and the cookie count. */
export const shownBySocket = (
  { headers }: Pick<SocketRequest, 'headers'>,
  { address, secure }: SocketPeer,
  { query, recognition }: { readonly query: Shown['query']; readonly recognition: Recognition },
): Shown => ({
  headers,
  query,
  address,
  place: { method: 'GET', isSocket: true, isSecure: secure, hosts: hostsOf(headers.host, recognition) },
});

/** Who makes a request. A token in the query is for those alone who cannot set headers: see `admit`. */
export async function recognise(request: FastifyRequest, recognition: Recognition): Promise<Pass> {
  const { headers, query, ip } = request;
  const { token: _, ...rest } = query as Record<string, unknown>;
  return admit({ headers, query: rest, address: ip, place: placeOf(request, recognition) }, recognition);
}
