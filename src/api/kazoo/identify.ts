import type { Accounts } from '../../accounts/index.ts';
import { isObject } from '../../base/index.ts';
import { byBasic } from '../basic.ts';
import type { Person, Tokens, Verdict } from '../tokens.ts';
import type { Asked } from './answer.ts';
import { refusals } from './refuse.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The credentials that a request shows as `Authorization` (RFC 9110 §11.6.2), in KAZOO's places. */
export const authorization = ({ headers, query, envelope, data }: Asked): string | undefined =>
  headers['authorization'] ??
  query.get('authorization') ??
  text(envelope['authorization']) ??
  text(isObject(data) ? data['authorization'] : undefined);

/** The token that a request shows, in KAZOO's order of search (kazoo-facts §4.3). */
export function presentedToken(asked: Asked): string | undefined {
  const { headers, query, envelope, data } = asked;
  const named = text(headers['x-auth-token']) ?? text(isObject(data) ? data['auth_token'] : undefined) ?? query.get('auth_token');
  return named ?? text(envelope['auth_token']) ?? /^Bearer\s+(\S+)$/i.exec(authorization(asked) ?? '')?.[1];
}

async function basically(asked: Asked, accounts: Accounts): Promise<Person | undefined> {
  const found = await byBasic(authorization(asked), accounts);
  return found && { account: found.account.id, user: found.user.id, method: 'cb_basic_auth' };
}

/** Who asks; throws 401. `verdict` is what the shown token turned out to be, if there was one. */
export async function identify(asked: Asked, verdict: Verdict | undefined, accounts: Accounts): Promise<Person> {
  if (verdict?.is === 'expired') throw refusals.expired();
  const person = verdict?.is === 'good' ? verdict.person : verdict === undefined ? await basically(asked, accounts) : undefined;
  const claimed = asked.headers['x-auth-account-id'];
  if (person === undefined || (claimed !== undefined && claimed !== person.account)) throw refusals.invalidCredentials();
  return person;
}

/** Reads the token that a request shows, if it shows one. */
export async function readToken(asked: Asked, tokens: Tokens): Promise<{ token: string; verdict: Verdict } | undefined> {
  const token = presentedToken(asked);
  return token === undefined ? undefined : { token, verdict: await tokens.read(token) };
}
