import type { Account, Accounts } from '../../accounts/index.ts';
import type { JsonObject } from '../../base/index.ts';
import { check, type SchemaName } from '../document/check.ts';
import type { Person, Tokens } from '../tokens.ts';
import type { Answer, Asked } from './answer.ts';
import { invalid, Refusal, refusals } from './refuse.ts';
import { objectData } from './request.ts';

/** What the routes about tokens need. */
export interface Desk {
  readonly asked: Asked;
  readonly accounts: Accounts;
  readonly tokens: Tokens;
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

async function granted({ tokens }: Desk, account: Account, person: Person): Promise<Answer> {
  return { status: 201, data: welcome(account, person), revision: 'automatic', token: await tokens.issue(person) };
}

/** `PUT /v2/user_auth`. */
export const userAuth: Authenticate = async (desk) => {
  const data = objectData(desk.asked);
  const login = checked('user_auth', data);
  const realm = text(login['account_realm']) ?? text(login['realm']);
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
