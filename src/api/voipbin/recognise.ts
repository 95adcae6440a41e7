import type { Account, AccountId, Accounts, User, UserId } from '../../accounts/index.ts';
import type { Actor } from '../../conference/index.ts';
import type { Rate } from '../rate.ts';
import type { Tokens } from '../tokens.ts';
import { refusals } from './refused.ts';

/** What recognising needs. */
export interface Recognition {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  /** Failed attempts, by address. */
  readonly rate: Rate;
}

/** What a request shows. */
export interface Shown {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: URLSearchParams;
  readonly address: string;
}

/** Who asks. */
export interface Person {
  readonly account: AccountId;
  /** Absent: the account's own key was shown. */
  readonly user: UserId | undefined;
  readonly actor: Actor;
  /** Epoch ms; undefined: what he showed does not expire. */
  readonly expiresAt: number | undefined;
}

const single = (value: string | readonly string[] | undefined): string => (typeof value === 'string' ? value : '');

/** The value of a cookie (RFC 6265 §4.2.1); empty where there is none. */
function cookie(header: string, name: string): string {
  for (const part of header.split(';')) {
    const [key, ...rest] = part.split('=');
    if (key?.trim() === name) return rest.join('=').trim();
  }
  return '';
}

/** The five places in VoIPBIN's order; the first found wins (voipbin-facts §8). */
function shownIn({ headers, query }: Shown): string {
  // Browsers send cookies along wherever a request comes from; what comes from another site is nobody's.
  const site = single(headers['sec-fetch-site']);
  const cookies = site === '' || site === 'same-origin' || site === 'none' ? single(headers['cookie']) : '';
  const bearer = /^Bearer\s+(\S+)$/i.exec(single(headers['authorization']))?.[1] ?? '';
  return cookie(cookies, 'token') || (query.get('token') ?? '') || bearer || cookie(cookies, 'accesskey') || (query.get('accesskey') ?? '');
}

async function personOf(shown: string, { accounts, tokens }: Recognition): Promise<Omit<Person, 'actor'> | undefined> {
  const verdict = await tokens.read(shown);
  if (verdict.is === 'good') return { account: verdict.person.account, user: verdict.person.user, expiresAt: verdict.expiresAt };
  if (verdict.is === 'expired') return undefined;
  const holder: { readonly account: Account; readonly user: User } | undefined = await accounts.byAccessKey(shown);
  if (holder !== undefined) return { account: holder.account.id, user: holder.user.id, expiresAt: undefined };
  const account = await accounts.byApiKey(shown);
  return account && { account: account.id, user: undefined, expiresAt: undefined };
}

/** Who asks: by a token of any dialect, an access key or an account's API key, in any of the places. Failed attempts are counted per address. */
export async function recognise(shown: Shown, recognition: Recognition): Promise<Person> {
  const { rate } = recognition;
  const bucket = `${shown.address} /v1.0`;
  if (rate.look(bucket).remaining < 1) throw refusals.tooMany('ip', 1);
  const text = shownIn(shown);
  if (text === '') throw refusals.unauthenticated();
  const person = await personOf(text, recognition);
  if (person === undefined) {
    rate.charge(bucket);
    throw refusals.badCredentials();
  }
  const { account, user } = person;
  const isAdmin = await recognition.accounts.isAdmin(account, user);
  return { ...person, actor: { account, kind: 'api', ...(isAdmin || user === undefined ? {} : { user }) } };
}
