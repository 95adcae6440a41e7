import { type Chance, type Clock, Failure, newId, randomHex } from '../base/index.ts';
import type { AccessKey, Account, AccountId, Device, DeviceId, User, UserId } from './account.ts';
import type { AccessKeyWish, Accounts, DeviceWish, FirstAccount, Login, MadeAccessKey } from './accounts.ts';
import { AccountDirectory, type Directory, firstSheet, nextSheet, Turns, type UserWish, type UserWithPassword } from './directory.ts';
import { randomPassword, saltOf, sameText, sha256, slowHash } from './password.ts';
import type { AccountStore } from './ports.ts';

/** What the book needs from outside. */
export interface AccountOptions {
  readonly store: AccountStore;
  readonly clock: Clock;
  readonly chance: Chance;
}

type Recognised = { readonly account: Account; readonly user: User };

/** Salts nobody's hash, so that an unknown account costs as much time as a known one. */
const NOBODY = '00'.repeat(16);

/** Whether its document says that nobody may come in. */
export const isDisabled = ({ sheet }: Account): boolean => sheet?.document['enabled'] === false;

/** Seconds from the year 0 to the epoch: KAZOO counts from there. */
const GREGORIAN = 62_167_219_200;

/** When nobody may come in any more (`expires` of its document, gregorian seconds), where that is over at `now` (epoch ms); undefined: it is not. */
export function expiredAt({ sheet }: Account, now: number): number | undefined {
  const expires = sheet?.document['expires'];
  return typeof expires === 'number' && (expires - GREGORIAN) * 1000 <= now ? expires : undefined;
}

/** Characters of an access key that are kept, so that people know it again (voipbin-facts §2.8). */
const SHOWN = 11;

const normalised = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Recognises people, keys and telephones out of an `AccountStore`, and makes new ones. */
export class AccountBook implements Accounts {
  readonly #store: AccountStore;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #turns = new Turns();
  readonly #directory: AccountDirectory;

  constructor({ store, clock, chance }: AccountOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#chance = chance;
    this.#directory = new AccountDirectory({ store, clock, chance, turns: this.#turns });
  }

  get directory(): Directory {
    return this.#directory;
  }

  async account(id: AccountId): Promise<Account | undefined> {
    return await this.#store.account(id);
  }

  async byRealm(realm: string): Promise<Account | undefined> {
    return await this.#store.accountByRealm(realm.toLowerCase());
  }

  async first(): Promise<Account | undefined> {
    return (await this.#store.accounts())[0];
  }

  async logIn(login: Login): Promise<Recognised | undefined> {
    const accounts = await this.#meant(login);
    if (accounts.length === 0) await slowHash(login.credentials, NOBODY);
    let found: Recognised | undefined;
    for (const account of accounts) {
      const user = await this.#userWith(login, account);
      found ??= user && { account, user };
    }
    return found;
  }

  async byApiKey(apiKey: string): Promise<Account | undefined> {
    return await this.#store.accountByApiKey(apiKey);
  }

  async byAccessKey(accessKey: string): Promise<Recognised | undefined> {
    const key = await this.#store.accessKey(sha256(accessKey));
    if (key === undefined || (key.expiresAt !== undefined && key.expiresAt <= this.#clock.epoch())) return undefined;
    const [account, user] = [await this.#store.account(key.account), await this.#store.user(key.account, key.user)];
    return account !== undefined && user?.enabled === true ? { account, user } : undefined;
  }

  async isEnabled(account: AccountId, user: UserId | undefined): Promise<boolean> {
    const found = await this.#store.account(account);
    if (found === undefined || isDisabled(found) || expiredAt(found, this.#clock.epoch()) !== undefined) return false;
    return user === undefined || (await this.#store.user(account, user))?.enabled === true;
  }

  async device(account: AccountId, username: string): Promise<Device | undefined> {
    const device = await this.#store.device(account, username);
    return device?.enabled === true ? device : undefined;
  }

  async mayActOn(who: AccountId, on: AccountId): Promise<boolean> {
    // The set ends the climb should somebody ever have made his own descendant his parent.
    const climbed = new Set<AccountId>();
    for (let id: AccountId | undefined = on; id !== undefined && !climbed.has(id); ) {
      const account: Account | undefined = await this.#store.account(id);
      if (account === undefined) return false;
      if (id === who) return true;
      climbed.add(id);
      id = account.parent;
    }
    return false;
  }

  async createFirst(tell: (first: FirstAccount) => void = () => {}): Promise<FirstAccount | undefined> {
    if ((await this.#store.accounts()).length > 0) return undefined;
    const account = this.#directory.newAccount({ name: 'Parley' });
    const { password, ...user } = await this.#directory.newUser({ account: account.id, username: 'admin', privilege: 'admin' });
    const accessKey = randomHex(this.#chance, 32);
    const first = {
      account_id: account.id,
      account_name: account.name,
      realm: account.realm,
      api_key: account.apiKey,
      user_id: user.id,
      username: user.username,
      password,
      access_key: accessKey,
    };
    tell(first);
    return (await this.#store.saveFirst(account, user, this.#keyOf(user, accessKey))) ? first : undefined;
  }

  /** Makes an account with a random API key; the realm is random unless given. */
  createAccount(wish: { name: string; realm?: string; parent?: AccountId }): Promise<Account> {
    return this.#directory.createAccount(wish);
  }

  /** Makes an enabled user; the password is random unless given. */
  createUser(wish: UserWish & { readonly username: string }): Promise<UserWithPassword> {
    return this.#directory.createUser(wish);
  }

  async isAdmin(account: AccountId, user: UserId | undefined): Promise<boolean> {
    return user === undefined || (await this.#store.user(account, user))?.privilege === 'admin';
  }

  async devices(account: AccountId): Promise<readonly Device[]> {
    return this.#store.devices(account);
  }

  changeAccount(id: AccountId, change: (now: Account) => Account): Promise<Account> {
    return this.#turns.run(async () => {
      const now = await this.#store.account(id);
      if (now === undefined) throw new Failure('not-found', 'account_not_found', 'there is no such account');
      const { parent, apiKey, createdAt } = now;
      const wanted = change(now);
      const sheet = nextSheet(this.#clock, now.sheet, wanted.sheet?.document);
      const next = { ...wanted, id, parent, apiKey, realm: wanted.realm.toLowerCase(), createdAt, sheet };
      await this.#store.saveAccount(next);
      return next;
    });
  }

  async createDevice({ account, username, password, name, owner, enabled = true, media, document }: DeviceWish): Promise<Device> {
    const called = username ?? `device_${randomHex(this.#chance, 4)}`;
    const device: Device = {
      id: this.#newId<DeviceId>(),
      account,
      owner,
      name: name ?? called,
      username: called,
      password: password ?? this.newPassword(),
      enabled,
      ...(media === undefined ? {} : { media }),
      createdAt: this.#clock.epoch(),
      sheet: firstSheet(this.#clock, document),
    };
    await this.#store.saveDevice(device);
    return device;
  }

  changeDevice(account: AccountId, id: DeviceId, change: (now: Device) => Device): Promise<Device> {
    return this.#turns.run(async () => {
      const now = await this.#deviceOf(account, id);
      const wanted = change(now);
      const next = { ...wanted, id, account, sheet: nextSheet(this.#clock, now.sheet, wanted.sheet?.document) };
      await this.#store.saveDevice(next);
      return next;
    });
  }

  removeDevice(account: AccountId, id: DeviceId): Promise<void> {
    return this.#turns.run(async () => {
      await this.#deviceOf(account, id);
      await this.#store.removeDevice(account, id);
    });
  }

  newPassword(): string {
    return randomPassword(this.#chance);
  }

  async createAccessKey({ account, user, token = `vb_${randomHex(this.#chance, 16)}`, ...said }: AccessKeyWish): Promise<MadeAccessKey> {
    const key: AccessKey = {
      ...said,
      hash: sha256(token),
      account,
      user,
      prefix: token.slice(0, SHOWN),
      createdAt: this.#clock.epoch(),
    };
    await this.#store.saveAccessKey(key);
    return { key, token };
  }

  accessKeys(account: AccountId): Promise<readonly AccessKey[]> {
    return this.#store.accessKeys(account);
  }

  changeAccessKey(account: AccountId, hash: string, change: (now: AccessKey) => AccessKey): Promise<AccessKey> {
    return this.#turns.run(async () => {
      const now = await this.#accessKey(account, hash);
      const next = { ...change(now), hash, account, user: now.user, createdAt: now.createdAt, modifiedAt: this.#clock.epoch() };
      await this.#store.saveAccessKey(next);
      return next;
    });
  }

  async removeAccessKey(account: AccountId, hash: string): Promise<AccessKey> {
    const key = await this.#accessKey(account, hash);
    await this.#store.removeAccessKey(account, hash);
    return key;
  }

  async #accessKey(account: AccountId, hash: string): Promise<AccessKey> {
    const key = await this.#store.accessKey(hash);
    if (key?.account !== account) throw new Failure('not-found', 'access_key_not_found', 'there is no such access key');
    return key;
  }

  async #deviceOf(account: AccountId, id: DeviceId): Promise<Device> {
    const device = (await this.#store.devices(account)).find((each) => each.id === id);
    if (device === undefined) throw new Failure('not-found', 'device_not_found', 'there is no such device');
    return device;
  }

  /** The accounts a login may mean: the realm decides when there is one, else all whose name reads the same. */
  async #meant({ realm, accountName }: Login): Promise<readonly Account[]> {
    if (realm !== undefined) {
      const account = await this.byRealm(realm);
      return account === undefined ? [] : [account];
    }
    const name = normalised(accountName ?? '');
    if (name === '') return [];
    return (await this.#store.accounts()).filter((each) => normalised(each.name) === name);
  }

  /** Looks at every user, also after a match: the time must not tell who was found, or that he is disabled. */
  async #userWith({ credentials, method }: Login, account: Account): Promise<User | undefined> {
    const users = await this.#store.users(account.id);
    const stored = (user: User): string => (method === 'md5' ? user.md5 : user.sha1);
    const salts = new Set(users.flatMap((user) => saltOf(stored(user)) ?? []));
    if (salts.size === 0) salts.add(NOBODY);
    let found: User | undefined;
    for (const salt of salts) {
      const hash = await slowHash(credentials, salt);
      for (const user of users) if (sameText(stored(user), hash) && user.enabled) found ??= user;
    }
    return found;
  }

  #keyOf(user: Pick<User, 'account' | 'id'>, accessKey: string) {
    return { hash: sha256(accessKey), account: user.account, user: user.id, createdAt: this.#clock.epoch() };
  }

  #newId<Id extends string>(): Id {
    return newId(this.#chance, this.#clock.epoch()) as Id;
  }
}

/** Opens the book over a store. */
export const openAccounts = (options: AccountOptions): AccountBook => new AccountBook(options);
