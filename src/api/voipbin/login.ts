import { createHash } from 'node:crypto';
import type { Accounts, User } from '../../accounts/index.ts';
import { dashed, type JsonObject } from '../../base/index.ts';
import type { Tokens } from '../tokens.ts';
import { Refused, refusals } from './refused.ts';
import { bodyOf, type Row, type Scene, textIn } from './scene.ts';
import { NEVER, NIL, stamp } from './stamp.ts';

/** What login needs. */
export interface LoginNeeds {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
}

/** How long a token is good, seconds (voipbin-facts §8). */
export const SEVEN_DAYS = 7 * 86_400;

/** VoIPBIN's bits of what somebody may (voipbin-facts §1.7): all of a customer, or what an agent may. */
const ADMIN = 32;
const AGENT = 16;

/** KAZOO's word for a login, by which it is kept: the clear text is nowhere (rulings "password hashes"). */
const credentialsOf = (username: string, password: string): string =>
  createHash('md5').update(`${username.toLowerCase()}:${password}`).digest('hex');

/** Who this is: a user of the first account, or `user@realm` of any. */
async function found({ accounts }: LoginNeeds, username: string, password: string) {
  const at = username.lastIndexOf('@');
  const account = at < 1 ? undefined : await accounts.byRealm(username.slice(at + 1));
  if (account !== undefined) {
    const credentials = credentialsOf(username.slice(0, at), password);
    return accounts.logIn({ credentials, method: 'md5', realm: account.realm });
  }
  const first = await accounts.first();
  return first && accounts.logIn({ credentials: credentialsOf(username, password), method: 'md5', realm: first.realm });
}

/** `POST /auth/login`: what it answers, and the token for the cookie. A wrong password is 400 (voipbin-facts §8). */
export async function logIn(needs: LoginNeeds, text: string): Promise<{ readonly body: JsonObject; readonly token: string }> {
  const body = bodyOf({ text } as Scene);
  const [username, password] = [textIn(body, 'username'), textIn(body, 'password')];
  if (username === '' || password === '') throw refusals.badArgument('The fields username and password are required.');
  const person = await found(needs, username, password);
  if (person === undefined) throw new Refused('INVALID_ARGUMENT', 'INVALID_CREDENTIALS', 'The provided credentials are not valid.');
  const token = await needs.tokens.issue({ account: person.account.id, user: person.user.id, method: 'cb_user_auth' }, SEVEN_DAYS);
  return { body: { username, token }, token };
}

/** A user as an agent, as far as VoIPBIN's clients look (voipbin-facts §2.8). */
const agentBody = ({ id, account, username, privilege, enabled, createdAt }: User): JsonObject => ({
  id: dashed(id),
  customer_id: dashed(account),
  username,
  name: username,
  detail: '',
  ring_method: 'ringall',
  status: enabled ? 'available' : 'offline',
  permission: privilege === 'admin' ? ADMIN : AGENT,
  tag_ids: [],
  addresses: [],
  direct_hash: '',
  tm_create: stamp(createdAt),
  tm_update: NEVER,
  tm_delete: NEVER,
});

/** Whoever shows the account's own key is nobody in particular and may do everything. */
const keeper = (account: string): JsonObject => ({
  id: NIL,
  customer_id: dashed(account),
  username: '',
  name: '',
  detail: '',
  ring_method: '',
  status: 'available',
  permission: ADMIN,
  tag_ids: [],
  addresses: [],
  direct_hash: '',
  tm_create: NEVER,
  tm_update: NEVER,
  tm_delete: NEVER,
});

/** `GET /v1.0/me`. Access keys too: `vn login` asks with one (voipbin-facts §9.1). */
export const meRows = (accounts: Pick<Accounts, 'directory'>): readonly Row[] => [
  {
    method: 'GET',
    path: '/me',
    run: async ({ person }) => {
      if (person.user === undefined) return keeper(person.account);
      const user = await accounts.directory.user(person.account, person.user);
      if (user === undefined) throw refusals.badCredentials();
      return agentBody(user);
    },
  },
];
