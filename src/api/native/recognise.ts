import type { FastifyRequest } from 'fastify';
import type { AccountId, Accounts } from '../../accounts/index.ts';
import { undashed } from '../../base/index.ts';
import type { Actor } from '../../conference/index.ts';
import type { Rate } from '../rate.ts';
import type { Tokens } from '../tokens.ts';
import { Problem } from './problem.ts';

/** What recognising somebody needs. */
export interface Recognition {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly rate: Rate;
}

const single = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

async function accountOf(shown: string, { accounts, tokens }: Recognition): Promise<AccountId | undefined> {
  const verdict = await tokens.read(shown);
  if (verdict.is === 'good') return verdict.person.account;
  if (verdict.is === 'expired') throw new Problem(401, 'token_expired', 'the token has expired');
  return (await accounts.byAccessKey(shown))?.account.id;
}

/** In whose name a request comes: a token or an access key. Failed attempts are counted per address. */
export async function recognise(request: FastifyRequest, recognition: Recognition): Promise<Actor> {
  const { accounts, rate } = recognition;
  const query = request.query as Record<string, unknown>;
  const bucket = `${request.ip} /api`;
  if (rate.look(bucket).remaining < 1) throw new Problem(429, 'too_many_requests', 'too many failed attempts');
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const shown = bearer ?? single(request.headers['x-auth-token']) ?? single(query['accesskey']);
  const own = shown === undefined ? undefined : await accountOf(shown, recognition);
  if (own === undefined) {
    rate.charge(bucket);
    throw new Problem(401, 'not_recognised', 'show a token or an access key as Authorization: Bearer');
  }
  const named = single(query['account']);
  const account = named === undefined ? own : (undashed(named) as AccountId);
  if (!(await accounts.mayActOn(own, account))) throw new Problem(403, 'forbidden', 'this account is not yours');
  return { account, kind: 'api' };
}
