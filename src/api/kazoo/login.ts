import { type Account, type Accounts, type Documents, expiredAt, isDisabled } from '../../accounts/index.ts';
import type { Clock, JsonObject } from '../../base/index.ts';
import { check, type SchemaName } from '../document/check.ts';
import type { Person, Tokens } from '../tokens.ts';
import type { Answer, Asked } from './answer.ts';
import { presentedToken } from './identify.ts';
import { numberIdOf } from './number-id.ts';
import { broken, invalid, Refusal, refusals } from './refuse.ts';
import { objectData } from './request.ts';

/** What the routes about tokens need. */
export interface Desk {
  readonly asked: Asked;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly documents: Documents | undefined;
  readonly clock: Pick<Clock, 'epoch'>;
  /** Recognises who asks; throws 401. */
  readonly identify: () => Promise<Person>;
}

/** A route about tokens. */
export type Authenticate = (desk: Desk) => Promise<Answer>;

const checked = (name: SchemaName, data: JsonObject): JsonObject => {
  const result = check(name, data);
  if (!result.ok) throw invalid(result.faults);
  return result.document;
};

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** What a login answers (kazoo-facts §4.1). Whether an account resells or is the master is not a notion here: plainly no. */
const welcome = (account: Account, person: Person): JsonObject => ({
  account_id: account.id,
  account_name: account.name,
  ...(person.user === undefined ? {} : { owner_id: person.user }),
  language: 'en-us',
  is_reseller: false,
  is_master_account: account.parent === undefined,
  reseller_id: account.parent ?? account.id,
  apps: [],
});

async function granted({ tokens, clock }: Desk, account: Account, person: Person): Promise<Answer> {
  const expired = expiredAt(account, clock.epoch());
  if (expired !== undefined) throw broken('account', 'expired', { message: 'account expired', cause: expired });
  if (isDisabled(account)) throw broken('account', 'disabled', { message: 'account disabled' });
  return { status: 201, data: welcome(account, person), revision: 'automatic', token: await tokens.issue(person) };
}

/** Nobody's realm: whoever names a number that no account has is not looked for elsewhere. */
const NOWHERE = '.';

/** The realm of the account that has this telephone number, which beats every other way to name one (kazoo-facts §4.1). */
async function realmOfNumber({ documents, accounts }: Desk, number: string | undefined): Promise<string | undefined> {
  if (number === undefined) return undefined;
  const [found] = (await documents?.holders('number', numberIdOf(number) ?? '')) ?? [];
  return (found && (await accounts.account(found.account))?.realm) ?? NOWHERE;
}

/** `PUT /v2/user_auth`. */
export const userAuth: Authenticate = async (desk) => {
  const data = objectData(desk.asked);
  const login = checked('user_auth', data);
  const realm = (await realmOfNumber(desk, text(login['phone_number']))) ?? text(login['account_realm']) ?? text(login['realm']);
  const found = await desk.accounts.logIn({
    credentials: String(login['credentials']),
    method: login['method'] === 'sha' ? 'sha' : 'md5',
    realm,
    accountName: text(login['account_name']),
  });
  if (found === undefined) throw refusals.invalidCredentials();
  return granted(desk, found.account, { account: found.account.id, user: found.user.id, method: 'cb_user_auth' });
};

/** `PUT /v2/api_auth`. */
export const apiAuth: Authenticate = async (desk) => {
  const key = String(checked('api_auth', objectData(desk.asked))['api_key']);
  const account = await desk.accounts.byApiKey(key);
  if (account === undefined) throw new Refusal(404, 'bad identifier', [key]);
  return granted(desk, account, { account: account.id, user: undefined, method: 'cb_api_auth' });
};

/** `GET /v2/token_auth`: who am I. */
export const tokenAuth: Authenticate = async (desk) => {
  const person = await desk.identify();
  const account = await desk.accounts.account(person.account);
  if (account === undefined) throw refusals.invalidCredentials();
  return { status: 200, data: { ...welcome(account, person), method: person.method }, revision: 'automatic' };
};

/** `DELETE /v2/token_auth`: the token that is shown is good no longer. */
export const tokenGone: Authenticate = async (desk) => {
  const person = await desk.identify();
  const token = presentedToken(desk.asked);
  if (token !== undefined) await desk.tokens.revoke(token);
  return { status: 200, data: { account_id: person.account, method: person.method }, revision: 'automatic' };
};

/** `GET /v2/user_auth/{token}`: what the login answered, for a token that is good still. */
export const loginAgain: Authenticate = async (desk) => {
  const token = desk.asked.path[1] ?? '';
  const verdict = await desk.tokens.read(token);
  if (verdict.is !== 'good') throw refusals.badId('token');
  const account = await desk.accounts.account(verdict.person.account);
  if (account === undefined) throw refusals.badId('token');
  return { status: 200, data: welcome(account, verdict.person), revision: 'automatic', token };
};

/** `/v2/user_auth/recovery`: forgotten passwords are set anew by an admin; there is nothing here. */
export const noRecovery: Authenticate = async () => {
  throw refusals.noSuchRoute();
};
