import type { StatementSync } from 'node:sqlite';
import type { AccessKey, Account, AccountId, AccountStore, Device, DeviceId, User, UserId } from '../accounts/index.ts';
import type { Failure, JsonObject } from '../base/index.ts';
import { constraintOf, type Database, type Row } from './database.ts';
import { noAccount, noUser, realmTaken, usernameTaken } from './refusals.ts';
import { bytes, flag, jsonObject, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';

const SQL = {
  accounts: 'SELECT * FROM accounts ORDER BY created_at, id',
  account: 'SELECT * FROM accounts WHERE id = ?',
  byRealm: 'SELECT * FROM accounts WHERE realm = ?',
  byApiKey: 'SELECT * FROM accounts WHERE api_key_hash = ?',
  users: 'SELECT * FROM users WHERE account = ? ORDER BY id',
  user: 'SELECT * FROM users WHERE account = ? AND id = ?',
  devices: 'SELECT * FROM devices WHERE account = ? ORDER BY id',
  device: 'SELECT * FROM devices WHERE account = ? AND username = ?',
  accessKey: 'SELECT * FROM access_keys WHERE hash = ?',
  saveAccount: `INSERT INTO accounts (id, name, realm, parent, api_key_sealed, api_key_hash, created_at, media) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, realm = excluded.realm, parent = excluded.parent,
      api_key_sealed = excluded.api_key_sealed, api_key_hash = excluded.api_key_hash, created_at = excluded.created_at, media = excluded.media`,
  saveUser: `INSERT INTO users (id, account, username, privilege, enabled, md5, sha1) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, username = excluded.username, privilege = excluded.privilege,
      enabled = excluded.enabled, md5 = excluded.md5, sha1 = excluded.sha1`,
  saveDevice: `INSERT INTO devices (id, account, owner, name, username, password_sealed, enabled, media) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, owner = excluded.owner, name = excluded.name,
      username = excluded.username, password_sealed = excluded.password_sealed, enabled = excluded.enabled,
      media = excluded.media`,
  saveAccessKey: 'INSERT OR REPLACE INTO access_keys (hash, account, user, created_at) VALUES (?, ?, ?, ?)',
  secret: 'SELECT value_sealed FROM secrets WHERE name = ?',
  saveSecret: 'INSERT OR REPLACE INTO secrets (name, value_sealed) VALUES (?, ?)',
} as const;

type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

const apiKeyOf = (row: string) => ({ table: 'accounts', column: 'api_key', row });
const passwordOf = (row: string) => ({ table: 'devices', column: 'password', row });
const secretOf = (row: string) => ({ table: 'secrets', column: 'value', row });

const mediaText = (media: JsonObject | undefined): string | null => (media === undefined ? null : JSON.stringify(media));

function mediaOf(row: Row): { readonly media?: JsonObject } {
  const media = optional(row, 'media', jsonObject);
  return media === undefined ? {} : { media };
}

const userOf = (row: Row): User => ({
  id: text(row, 'id') as UserId,
  account: text(row, 'account') as AccountId,
  username: text(row, 'username'),
  privilege: text(row, 'privilege') === 'admin' ? 'admin' : 'user',
  enabled: flag(row, 'enabled'),
  md5: text(row, 'md5'),
  sha1: text(row, 'sha1'),
});

const accessKeyOf = (row: Row): AccessKey => ({
  hash: text(row, 'hash'),
  account: text(row, 'account') as AccountId,
  user: text(row, 'user') as UserId,
  createdAt: number(row, 'created_at'),
});

/** Names what the schema's constraints refuse: `taken` for the unique column that ends so, `missing` for a foreign key. */
function naming<T>(work: () => T, refusals: { taken?: readonly [column: string, failure: Failure]; missing: Failure }): T {
  try {
    return work();
  } catch (error) {
    const constraint = constraintOf(error);
    if (constraint?.startsWith('FOREIGN KEY')) throw refusals.missing;
    if (constraint?.startsWith('UNIQUE') && refusals.taken !== undefined && constraint.endsWith(refusals.taken[0])) throw refusals.taken[1];
    throw error;
  }
}

/** Accounts, users, devices, keys and server secrets in SQLite. */
export class SqliteAccounts implements AccountStore {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #sql: Statements;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
    this.#sql = Object.fromEntries(Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)])) as unknown as Statements;
  }

  async accounts(): Promise<readonly Account[]> {
    return this.#database.use(() => this.#sql.accounts.all()).map((row) => this.#accountOf(row));
  }

  async account(id: AccountId): Promise<Account | undefined> {
    return this.#oneAccount(this.#sql.account, id);
  }

  async accountByRealm(realm: string): Promise<Account | undefined> {
    return this.#oneAccount(this.#sql.byRealm, realm);
  }

  async accountByApiKey(apiKey: string): Promise<Account | undefined> {
    return this.#oneAccount(this.#sql.byApiKey, this.#seal.searchable(apiKey));
  }

  async users(account: AccountId): Promise<readonly User[]> {
    return this.#database.use(() => this.#sql.users.all(account)).map(userOf);
  }

  async user(account: AccountId, id: UserId): Promise<User | undefined> {
    const row = this.#database.use(() => this.#sql.user.get(account, id));
    return row && userOf(row);
  }

  async devices(account: AccountId): Promise<readonly Device[]> {
    return this.#database.use(() => this.#sql.devices.all(account)).map((row) => this.#deviceOf(row));
  }

  async device(account: AccountId, username: string): Promise<Device | undefined> {
    const row = this.#database.use(() => this.#sql.device.get(account, username));
    return row && this.#deviceOf(row);
  }

  async accessKey(hash: string): Promise<AccessKey | undefined> {
    const row = this.#database.use(() => this.#sql.accessKey.get(hash));
    return row && accessKeyOf(row);
  }

  async saveAccount(account: Account): Promise<void> {
    await this.#database.write(() => this.#keepAccount(account));
  }

  async saveUser(user: User): Promise<void> {
    await this.#database.write(() => this.#keepUser(user));
  }

  async saveDevice({ id, account, owner, name, username, password, enabled, media }: Device): Promise<void> {
    // A device has two foreign keys and SQLite does not say which one failed.
    if ((await this.account(account)) === undefined) throw noAccount();
    const sealed = this.#seal.seal(password, passwordOf(id));
    await this.#database.write(() =>
      naming(() => this.#sql.saveDevice.run(id, account, owner ?? null, name, username, sealed, enabled ? 1 : 0, mediaText(media)), {
        taken: ['devices.username', usernameTaken()],
        missing: noUser(),
      }),
    );
  }

  async saveAccessKey(key: AccessKey): Promise<void> {
    await this.#database.write(() => this.#keepAccessKey(key));
  }

  async saveFirst(account: Account, user: User, key: AccessKey): Promise<boolean> {
    return this.#database.write(() => {
      if (this.#sql.accounts.get() !== undefined) return false;
      this.#keepAccount(account);
      this.#keepUser(user);
      this.#keepAccessKey(key);
      return true;
    });
  }

  async secret(name: string): Promise<string | undefined> {
    const row = this.#database.use(() => this.#sql.secret.get(name));
    return row && this.#seal.open(bytes(row, 'value_sealed'), secretOf(name));
  }

  async saveSecret(name: string, value: string): Promise<void> {
    await this.#database.write(() => this.#sql.saveSecret.run(name, this.#seal.seal(value, secretOf(name))));
  }

  #keepAccount({ id, name, realm, parent, apiKey, createdAt, media }: Account): void {
    const [sealed, hash] = [this.#seal.seal(apiKey, apiKeyOf(id)), this.#seal.searchable(apiKey)];
    naming(() => this.#sql.saveAccount.run(id, name, realm, parent ?? null, sealed, hash, createdAt, mediaText(media)), {
      taken: ['accounts.realm', realmTaken()],
      missing: noAccount(),
    });
  }

  #keepUser({ id, account, username, privilege, enabled, md5, sha1 }: User): void {
    naming(() => this.#sql.saveUser.run(id, account, username, privilege, enabled ? 1 : 0, md5, sha1), {
      taken: ['users.username', usernameTaken()],
      missing: noAccount(),
    });
  }

  #keepAccessKey({ hash, account, user, createdAt }: AccessKey): void {
    naming(() => this.#sql.saveAccessKey.run(hash, account, user, createdAt), { missing: noUser() });
  }

  #oneAccount(statement: StatementSync, key: string): Account | undefined {
    const row = this.#database.use(() => statement.get(key));
    return row && this.#accountOf(row);
  }

  #accountOf(row: Row): Account {
    const id = text(row, 'id');
    return {
      id: id as AccountId,
      name: text(row, 'name'),
      realm: text(row, 'realm'),
      parent: optional(row, 'parent', text) as AccountId | undefined,
      apiKey: this.#seal.open(bytes(row, 'api_key_sealed'), apiKeyOf(id)),
      createdAt: number(row, 'created_at'),
      ...mediaOf(row),
    };
  }

  #deviceOf(row: Row): Device {
    const id = text(row, 'id');
    return {
      id: id as DeviceId,
      account: text(row, 'account') as AccountId,
      owner: optional(row, 'owner', text) as UserId | undefined,
      name: text(row, 'name'),
      username: text(row, 'username'),
      password: this.#seal.open(bytes(row, 'password_sealed'), passwordOf(id)),
      enabled: flag(row, 'enabled'),
      ...mediaOf(row),
    };
  }
}
