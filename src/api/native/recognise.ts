import type { FastifyRequest } from 'fastify';
import type { AccountId, Accounts, UserId } from '../../accounts/index.ts';
import { undashed } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import { byBasic } from '../basic.ts';
import type { Rate } from '../rate.ts';
import type { Tokens } from '../tokens.ts';
import { Problem } from './problem.ts';

/** What recognising somebody needs. */
export interface Recognition {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly rate: Rate;
}

/** A request, as far as it says who asks. */
export interface Shown {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly address: string;
}

/** Who asks, for what lives longer than a request. */
export interface Pass {
  readonly actor: Actor;
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

async function known({ headers, query }: Shown, recognition: Recognition): Promise<Known | undefined> {
  const authorization = single(headers['authorization']);
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
  const shown = bearer ?? single(headers['x-auth-token']) ?? single(query['accesskey']) ?? single(query['token']);
  if (shown !== undefined) return byText(shown, recognition);
  const found = await byBasic(authorization, recognition.accounts);
  return found && { account: found.account.id, user: found.user.id };
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
  return {
    actor: { account, kind: 'api' },
    expiresAt: own.expiresAt,
    isAdmin: () => accounts.isAdmin(own.account, own.user),
    isGood: async () =>
      (own.user === undefined || (await accounts.isEnabled(own.account, own.user))) && accounts.mayActOn(own.account, account),
  };
}

/** Who makes a request. A token in the query is for those alone who cannot set headers: see `admit`. */
export async function recognise({ headers, query, ip }: FastifyRequest, recognition: Recognition): Promise<Pass> {
  const { token: _, ...rest } = query as Record<string, unknown>;
  return admit({ headers, query: rest, address: ip }, recognition);
}
