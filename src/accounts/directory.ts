import { type Chance, type Clock, Failure, type JsonObject, newId, randomHex } from '../base/index.ts';
import type { Account, AccountId, Sheet, User, UserId } from './account.ts';
import { credentialsOf, randomPassword, saltOf, slowHash } from './password.ts';
import type { AccountStore } from './ports.ts';

/** A user with his password in clear, as it is shown once. */
export type UserWithPassword = User & { readonly password: string };

/** An account that is to be made. What is left out is random, or as a new one has it. */
export interface AccountWish {
  readonly name: string;
  readonly realm?: string;
  readonly parent?: AccountId;
  readonly media?: JsonObject;
  /** What its KAZOO document says besides. */
  readonly document?: JsonObject;
}

/** A user who is to be made. What is left out is random, or as a new user has it. */
export interface UserWish {
  readonly account: AccountId;
  /** Null: he cannot log in. */
  readonly username: string | null;
  readonly password?: string;
  readonly privilege?: User['privilege'];
  readonly enabled?: boolean;
  readonly document?: JsonObject;
}

/** What a user is to become. */
export interface UserChange {
  /** Null: he cannot log in any more. */
  readonly username: string | null;
  /** A new one; needed with a new username, as both are hashed together. */
  readonly password?: string;
  readonly privilege: User['privilege'];
  readonly enabled: boolean;
  readonly document: JsonObject;
}

/** What administrators of accounts see and change. Changes of one thing run one after the other. */
export interface Directory {
  /** Those right below, oldest first. */
  children(of: AccountId): Promise<readonly Account[]>;
  /** Those anywhere below, oldest first. */
  descendants(of: AccountId): Promise<readonly Account[]>;
  /** Refuses with conflict/realm_taken, not-found/account_not_found (the parent). */
  createAccount(wish: AccountWish): Promise<Account>;
  /** Refuses with not-found/account_not_found. */
  newApiKey(id: AccountId): Promise<Account>;
  /** What it was. Refuses with not-found/account_not_found, conflict/account_has_children. */
  removeAccount(id: AccountId): Promise<Account>;
  users(account: AccountId): Promise<readonly User[]>;
  user(account: AccountId, id: UserId): Promise<User | undefined>;
  /** Refuses with conflict/username_taken, not-found/account_not_found. */
  createUser(wish: UserWish): Promise<UserWithPassword>;
  /** Refuses with not-found/user_not_found, conflict/username_taken, invalid/password_missing. */
  changeUser(account: AccountId, id: UserId, change: (now: User) => UserChange): Promise<User>;
  /** What he was; his access keys go with him. Refuses with not-found/user_not_found. */
  removeUser(account: AccountId, id: UserId): Promise<User>;
}

/** What reads and then writes does so one after the other, so that no change is lost. */
export class Turns {
  #turn: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** The first sheet of what is made now. */
export const firstSheet = (clock: Clock, document: JsonObject = {}): Sheet => ({ document, revision: 1, modifiedAt: clock.epoch() });

/** The sheet after a change: `wanted` says what it holds. */
export const nextSheet = (clock: Clock, before: Sheet | undefined, wanted: JsonObject | undefined): Sheet => ({
  document: wanted ?? before?.document ?? {},
  revision: (before?.revision ?? 1) + 1,
  modifiedAt: clock.epoch(),
});

/** The name of somebody who has none. */
const nameless = (id: string): string => `~${id}`;

/** The name somebody logs in with; undefined: he cannot. */
export const usernameOf = ({ username }: Pick<User, 'username'>): string | undefined => (username.startsWith('~') ? undefined : username);

const noAccount = (): Failure => new Failure('not-found', 'account_not_found', 'there is no such account');
const noUser = (): Failure => new Failure('not-found', 'user_not_found', 'there is no such user');

/** What the directory needs; `turns` it shares with the book. */
export interface DirectoryOptions {
  readonly store: AccountStore;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly turns: Turns;
}

/** The directory over an `AccountStore`. */
export class AccountDirectory implements Directory {
  readonly #store: AccountStore;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #turns: Turns;

  constructor({ store, clock, chance, turns }: DirectoryOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#chance = chance;
    this.#turns = turns;
  }

  async children(of: AccountId): Promise<readonly Account[]> {
    return (await this.#store.accounts()).filter(({ parent }) => parent === of);
  }

  async descendants(of: AccountId): Promise<readonly Account[]> {
    const all = await this.#store.accounts();
    const below = new Set<AccountId>();
    const wanted = (each: Account): boolean => each.parent !== undefined && (each.parent === of || below.has(each.parent));
    // An import may give a child an older date than its parent has: looked at until nothing is found any more.
    for (let before = -1; before !== below.size; ) {
      before = below.size;
      for (const each of all) if (each.id !== of && wanted(each)) below.add(each.id);
    }
    return all.filter(({ id }) => below.has(id));
  }

  async createAccount(wish: AccountWish): Promise<Account> {
    const account = this.newAccount(wish);
    await this.#store.saveAccount(account);
    return account;
  }

  newApiKey(id: AccountId): Promise<Account> {
    return this.#turns.run(async () => {
      const now = await this.#account(id);
      const next = { ...now, apiKey: randomHex(this.#chance, 32), sheet: nextSheet(this.#clock, now.sheet, undefined) };
      await this.#store.saveAccount(next);
      return next;
    });
  }

  removeAccount(id: AccountId): Promise<Account> {
    return this.#turns.run(async () => {
      const account = await this.#account(id);
      if ((await this.children(id)).length > 0) {
        throw new Failure('conflict', 'account_has_children', 'the account has sub-accounts');
      }
      await this.#store.removeAccount(id, this.#clock.epoch());
      return account;
    });
  }

  users(account: AccountId): Promise<readonly User[]> {
    return this.#store.users(account);
  }

  user(account: AccountId, id: UserId): Promise<User | undefined> {
    return this.#store.user(account, id);
  }

  createUser(wish: UserWish): Promise<UserWithPassword> {
    return this.#turns.run(async () => {
      const { password, ...user } = await this.newUser(wish);
      await this.#store.saveUser(user);
      return { ...user, password };
    });
  }

  changeUser(account: AccountId, id: UserId, change: (now: User) => UserChange): Promise<User> {
    return this.#turns.run(async () => {
      const now = await this.#store.user(account, id);
      if (now === undefined) throw noUser();
      const { username, password, privilege, enabled, document } = change(now);
      const name = username?.toLowerCase() ?? nameless(id);
      const hashes = await this.#hashes(now, name, password);
      const next = { ...now, username: name, privilege, enabled, ...hashes, sheet: nextSheet(this.#clock, now.sheet, document) };
      await this.#store.saveUser(next);
      return next;
    });
  }

  removeUser(account: AccountId, id: UserId): Promise<User> {
    return this.#turns.run(async () => {
      const user = await this.#store.user(account, id);
      if (user === undefined) throw noUser();
      await this.#store.removeUser(account, id);
      return user;
    });
  }

  /** What a new account is, not kept yet. */
  newAccount({ name, realm, parent, media, document }: AccountWish): Account {
    return {
      id: newId(this.#chance, this.#clock.epoch()) as AccountId,
      name,
      realm: (realm ?? `${randomHex(this.#chance, 4)}.parley.local`).toLowerCase(),
      parent,
      apiKey: randomHex(this.#chance, 32),
      createdAt: this.#clock.epoch(),
      ...(media === undefined ? {} : { media }),
      sheet: firstSheet(this.#clock, document),
    };
  }

  /** What a new user is, not kept yet. */
  async newUser(wish: UserWish): Promise<UserWithPassword> {
    const id = newId(this.#chance, this.#clock.epoch()) as UserId;
    const username = wish.username?.toLowerCase();
    const password = wish.password ?? randomPassword(this.#chance);
    return {
      id,
      account: wish.account,
      username: username ?? nameless(id),
      privilege: wish.privilege ?? 'user',
      enabled: wish.enabled ?? true,
      ...(username === undefined ? { md5: '', sha1: '' } : await this.#hashed(wish.account, username, password)),
      createdAt: this.#clock.epoch(),
      sheet: firstSheet(this.#clock, wish.document),
      password,
    };
  }

  /** What changes of the hashes: nothing, unless name or password do. */
  async #hashes(now: User, name: string, password: string | undefined): Promise<{ readonly md5?: string; readonly sha1?: string }> {
    if (name === nameless(now.id)) return { md5: '', sha1: '' };
    if (password !== undefined) return this.#hashed(now.account, name, password);
    if (name !== now.username) throw new Failure('invalid', 'password_missing', 'a new username needs the password');
    return {};
  }

  async #hashed(account: AccountId, username: string, password: string): Promise<{ readonly md5: string; readonly sha1: string }> {
    const { md5, sha1 } = credentialsOf(username, password);
    const salt = await this.#saltFor(account);
    return { md5: await slowHash(md5, salt), sha1: await slowHash(sha1, salt) };
  }

  /**
   * One salt per account. A login names no user, so a salt each would cost one slow hash per user; and as the user's
   * name is part of what is hashed, equal passwords differ without it.
   */
  async #saltFor(account: AccountId): Promise<string> {
    const salts = (await this.#store.users(account)).flatMap(({ md5 }) => saltOf(md5) ?? []);
    return salts[0] ?? randomHex(this.#chance, 16);
  }

  async #account(id: AccountId): Promise<Account> {
    const account = await this.#store.account(id);
    if (account === undefined) throw noAccount();
    return account;
  }
}
