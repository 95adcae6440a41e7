import type { AccessKey, Account, AccountId, AccountStore, Device, DeviceId, Sheet, User, UserId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import { Opened } from './opened.ts';
import { noAccount, noUser, realmTaken, usernameTaken } from './refusals.ts';
import { bytes, flag, jsonObject, number, optional, text } from './rows.ts';
import type { Seal } from './sealing.ts';
import { type Engine, type Row, row, rows, run, type Work } from './work.ts';

const SQL = {
  accounts: 'SELECT * FROM accounts WHERE deleted_at IS NULL ORDER BY created_at, id',
  account: 'SELECT * FROM accounts WHERE id = ?1 AND deleted_at IS NULL',
  any: 'SELECT id FROM accounts LIMIT 1',
  byRealm: 'SELECT * FROM accounts WHERE realm = ?1 AND deleted_at IS NULL',
  byApiKey: 'SELECT * FROM accounts WHERE api_key_hash = ?1 AND deleted_at IS NULL',
  users: 'SELECT * FROM users WHERE account = ?1 ORDER BY id',
  user: 'SELECT * FROM users WHERE account = ?1 AND id = ?2',
  anyUser: 'SELECT id FROM users WHERE id = ?1',
  userNamed: 'SELECT id FROM users WHERE account = ?1 AND username = ?2',
  devices: 'SELECT * FROM devices WHERE account = ?1 ORDER BY id',
  device: 'SELECT * FROM devices WHERE account = ?1 AND username = ?2',
  accessKey: 'SELECT * FROM access_keys WHERE hash = ?1',
  saveAccount: `INSERT INTO accounts (id, name, realm, parent, api_key_sealed, api_key_hash, created_at, media, limits, retention,
      document_sealed, revision, modified_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, realm = excluded.realm, parent = excluded.parent,
      api_key_sealed = excluded.api_key_sealed, api_key_hash = excluded.api_key_hash, created_at = excluded.created_at, media = excluded.media,
      limits = excluded.limits, retention = excluded.retention, document_sealed = excluded.document_sealed, revision = excluded.revision,
      modified_at = excluded.modified_at`,
  saveUser: `INSERT INTO users (id, account, username, privilege, enabled, md5, sha1, created_at, document_sealed, revision, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, username = excluded.username, privilege = excluded.privilege,
      enabled = excluded.enabled, md5 = excluded.md5, sha1 = excluded.sha1, created_at = excluded.created_at,
      document_sealed = excluded.document_sealed, revision = excluded.revision, modified_at = excluded.modified_at`,
  saveDevice: `INSERT INTO devices (id, account, owner, name, username, password_sealed, enabled, media, created_at,
      document_sealed, revision, modified_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, owner = excluded.owner, name = excluded.name,
      username = excluded.username, password_sealed = excluded.password_sealed, enabled = excluded.enabled,
      media = excluded.media, created_at = excluded.created_at, document_sealed = excluded.document_sealed, revision = excluded.revision,
      modified_at = excluded.modified_at`,
  // The realm is free for others.
  removeAccount: "UPDATE accounts SET deleted_at = ?2, realm = id || '.deleted' WHERE id = ?1 AND deleted_at IS NULL",
  removeDocuments: 'UPDATE documents SET deleted_at = ?2 WHERE account = ?1 AND deleted_at IS NULL',
  removeKeys: 'DELETE FROM document_keys WHERE account = ?1',
  disown: 'UPDATE devices SET owner = NULL WHERE account = ?1 AND owner = ?2',
  forgetKeys: 'DELETE FROM access_keys WHERE account = ?1 AND "user" = ?2',
  removeUser: 'DELETE FROM users WHERE account = ?1 AND id = ?2',
  removeDevice: 'DELETE FROM devices WHERE account = ?1 AND id = ?2',
  accessKeys: 'SELECT * FROM access_keys WHERE account = ?1 ORDER BY created_at DESC, hash DESC',
  removeAccessKey: 'DELETE FROM access_keys WHERE account = ?1 AND hash = ?2',
  saveAccessKey: `INSERT INTO access_keys (hash, account, "user", created_at, name, detail, prefix, expires_at, modified_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (hash) DO UPDATE SET account = excluded.account, "user" = excluded."user", created_at = excluded.created_at,
      name = excluded.name, detail = excluded.detail, prefix = excluded.prefix, expires_at = excluded.expires_at,
      modified_at = excluded.modified_at`,
  secret: 'SELECT value_sealed FROM secrets WHERE name = ?1',
  saveSecret: `INSERT INTO secrets (name, value_sealed) VALUES (?1, ?2)
    ON CONFLICT (name) DO UPDATE SET value_sealed = excluded.value_sealed`,
} as const;

const apiKeyOf = (row: string) => ({ table: 'accounts', column: 'api_key', row });
const sheetCell = (table: string, row: string) => ({ table, column: 'document', row });
const passwordOf = (row: string) => ({ table: 'devices', column: 'password', row });
/** Where a server secret is sealed. */
export const secretOf = (row: string) => ({ table: 'secrets', column: 'value', row });

const objectText = (object: object | undefined): string | null => (object === undefined ? null : JSON.stringify(object));

/** The JSON in those of the columns that hold some, each under its name. */
const objectsOf = <Name extends string>(row: Row, ...columns: readonly Name[]): { readonly [Each in Name]?: JsonObject } =>
  Object.fromEntries(columns.flatMap((column) => [[column, optional(row, column, jsonObject)]]).filter(([, value]) => value !== undefined));

/** When it was made, where that is known. */
function birth(row: Row): { readonly createdAt?: number } {
  const createdAt = optional(row, 'created_at', number);
  return createdAt === undefined ? {} : { createdAt };
}

/** Those of the columns that hold something, each under its name. */
const filled = <Name extends string, Value>(row: Row, names: Readonly<Record<Name, string>>, read: (row: Row, column: string) => Value) =>
  Object.fromEntries(
    (Object.entries(names) as [Name, string][]).flatMap(([name, column]) => {
      const value = optional(row, column, read);
      return value === undefined ? [] : [[name, value]];
    }),
  ) as { readonly [Each in Name]?: Value };

const accessKeyOf = (row: Row): AccessKey => ({
  hash: text(row, 'hash'),
  account: text(row, 'account') as AccountId,
  user: text(row, 'user') as UserId,
  createdAt: number(row, 'created_at'),
  ...filled(row, { name: 'name', detail: 'detail', prefix: 'prefix' }, text),
  ...filled(row, { expiresAt: 'expires_at', modifiedAt: 'modified_at' }, number),
});

/** Tells whether the row belongs to somebody else than `id`. */
const isOther = (found: Row | undefined, id: string): boolean => found !== undefined && text(found, 'id') !== id;

/** Accounts, users, devices, keys and server secrets in tables. Constraints of the schema stand behind the rules that are checked here. */
export class TableAccounts implements AccountStore {
  readonly #engine: Engine;
  readonly #seal: Seal;
  readonly #apiKeys = new Opened<{ readonly text: string }>();
  readonly #sheets = new Opened<JsonObject>();
  /** A row that was not read anew says what it said; every request asks for an account. */
  readonly #accounts = new WeakMap<Row, Account>();

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.#seal = seal;
  }

  async accounts(): Promise<readonly Account[]> {
    return (await this.#engine.read(() => rows(SQL.accounts))).map((each) => this.#accountOf(each));
  }

  async account(id: AccountId): Promise<Account | undefined> {
    return this.#oneAccount(SQL.account, id);
  }

  async accountByRealm(realm: string): Promise<Account | undefined> {
    return this.#oneAccount(SQL.byRealm, realm);
  }

  async accountByApiKey(apiKey: string): Promise<Account | undefined> {
    return this.#oneAccount(SQL.byApiKey, this.#seal.searchable(apiKey));
  }

  async users(account: AccountId): Promise<readonly User[]> {
    return (await this.#engine.read(() => rows(SQL.users, account))).map((each) => this.#userOf(each));
  }

  async user(account: AccountId, id: UserId): Promise<User | undefined> {
    const found = await this.#engine.read(() => row(SQL.user, account, id));
    return found && this.#userOf(found);
  }

  async devices(account: AccountId): Promise<readonly Device[]> {
    return (await this.#engine.read(() => rows(SQL.devices, account))).map((each) => this.#deviceOf(each));
  }

  async device(account: AccountId, username: string): Promise<Device | undefined> {
    const found = await this.#engine.read(() => row(SQL.device, account, username));
    return found && this.#deviceOf(found);
  }

  async accessKey(hash: string): Promise<AccessKey | undefined> {
    const found = await this.#engine.read(() => row(SQL.accessKey, hash));
    return found && accessKeyOf(found);
  }

  async accessKeys(account: AccountId): Promise<readonly AccessKey[]> {
    return (await this.#engine.read(() => rows(SQL.accessKeys, account))).map(accessKeyOf);
  }

  async removeAccessKey(account: AccountId, hash: string): Promise<void> {
    await this.#engine.write(() => run(SQL.removeAccessKey, account, hash));
  }

  async saveAccount(account: Account): Promise<void> {
    await this.#engine.write(() => this.#keepAccount(account));
  }

  async saveUser(user: User): Promise<void> {
    await this.#engine.write(() => this.#keepUser(user));
  }

  async saveDevice(device: Device): Promise<void> {
    await this.#engine.write(() => this.#keepDevice(device));
  }

  async removeAccount(id: AccountId, deletedAt: number): Promise<void> {
    await this.#engine.write(function* () {
      yield* run(SQL.removeAccount, id, deletedAt);
      yield* run(SQL.removeKeys, id);
      yield* run(SQL.removeDocuments, id, deletedAt);
    });
  }

  async removeUser(account: AccountId, id: UserId): Promise<void> {
    await this.#engine.write(function* () {
      yield* run(SQL.disown, account, id);
      yield* run(SQL.forgetKeys, account, id);
      yield* run(SQL.removeUser, account, id);
    });
  }

  async removeDevice(account: AccountId, id: DeviceId): Promise<void> {
    await this.#engine.write(() => run(SQL.removeDevice, account, id));
  }

  async saveAccessKey(key: AccessKey): Promise<void> {
    await this.#engine.write(() => keepAccessKey(key));
  }

  async saveFirst(account: Account, user: User, key: AccessKey): Promise<boolean> {
    return this.#engine.write(() => this.#keepFirst(account, user, key));
  }

  async secret(name: string): Promise<string | undefined> {
    const found = await this.#engine.read(() => row(SQL.secret, name));
    return found && this.#seal.open(bytes(found, 'value_sealed'), secretOf(name));
  }

  async saveSecret(name: string, value: string): Promise<void> {
    const sealed = this.#seal.seal(value, secretOf(name));
    await this.#engine.write(() => run(SQL.saveSecret, name, sealed));
  }

  *#keepFirst(account: Account, user: User, key: AccessKey): Work<boolean> {
    if ((yield* row(SQL.any)) !== undefined) return false;
    yield* this.#keepAccount(account);
    yield* this.#keepUser(user);
    yield* keepAccessKey(key);
    return true;
  }

  *#keepAccount({ id, name, realm, parent, apiKey, createdAt, media, limits, retention, sheet }: Account): Work<void> {
    if (parent !== undefined) yield* checkAccount(parent);
    if (isOther(yield* row(SQL.byRealm, realm), id)) throw realmTaken();
    const [sealed, hash] = [this.#seal.seal(apiKey, apiKeyOf(id)), this.#seal.searchable(apiKey)];
    const objects = [objectText(media), objectText(limits), objectText(retention)];
    yield* run(
      SQL.saveAccount,
      id,
      name,
      realm,
      parent ?? null,
      sealed,
      hash,
      createdAt,
      ...objects,
      ...this.#sheetColumns('accounts', id, sheet),
    );
  }

  *#keepDevice({ id, account, owner, name, username, password, enabled, media, createdAt, sheet }: Device): Work<void> {
    yield* checkAccount(account);
    if (owner !== undefined && (yield* row(SQL.anyUser, owner)) === undefined) throw noUser();
    if (isOther(yield* row(SQL.device, account, username), id)) throw usernameTaken();
    const sealed = this.#seal.seal(password, passwordOf(id));
    const who = [id, account, owner ?? null, name, username] as const;
    const born = createdAt ?? null;
    yield* run(SQL.saveDevice, ...who, sealed, enabled ? 1 : 0, objectText(media), born, ...this.#sheetColumns('devices', id, sheet));
  }

  *#keepUser({ id, account, username, privilege, enabled, md5, sha1, createdAt, sheet }: User): Work<void> {
    yield* checkAccount(account);
    if (isOther(yield* row(SQL.userNamed, account, username), id)) throw usernameTaken();
    const who = [id, account, username, privilege, enabled ? 1 : 0, md5, sha1] as const;
    yield* run(SQL.saveUser, ...who, createdAt ?? null, ...this.#sheetColumns('users', id, sheet));
  }

  /** `document_sealed`, `revision` and `modified_at`. */
  #sheetColumns(table: string, id: string, sheet: Sheet | undefined): readonly [Uint8Array | null, number, number | null] {
    if (sheet === undefined) return [null, 1, null];
    return [this.#seal.seal(JSON.stringify(sheet.document), sheetCell(table, id)), sheet.revision, sheet.modifiedAt];
  }

  #sheetOf(table: string, row: Row): { readonly sheet?: Sheet } {
    const [sealed, modifiedAt] = [optional(row, 'document_sealed', bytes), optional(row, 'modified_at', number)];
    if (sealed === undefined || modifiedAt === undefined) return {};
    const id = text(row, 'id');
    const open = (): JsonObject => JSON.parse(this.#seal.open(sealed, sheetCell(table, id))) as JsonObject;
    const document = this.#sheets.read(`${table}/${id}`, sealed, open);
    return { sheet: { document, revision: number(row, 'revision'), modifiedAt } };
  }

  async #oneAccount(sql: string, key: string): Promise<Account | undefined> {
    const found = await this.#engine.read(() => row(sql, key));
    if (found === undefined) return undefined;
    const account = this.#accounts.get(found) ?? this.#accountOf(found);
    this.#accounts.set(found, account);
    return account;
  }

  #accountOf(row: Row): Account {
    const id = text(row, 'id');
    const sealed = bytes(row, 'api_key_sealed');
    return {
      id: id as AccountId,
      name: text(row, 'name'),
      realm: text(row, 'realm'),
      parent: optional(row, 'parent', text) as AccountId | undefined,
      apiKey: this.#apiKeys.read(id, sealed, () => ({ text: this.#seal.open(sealed, apiKeyOf(id)) })).text,
      createdAt: number(row, 'created_at'),
      ...objectsOf(row, 'media', 'limits', 'retention'),
      ...this.#sheetOf('accounts', row),
    };
  }

  #userOf(row: Row): User {
    return {
      id: text(row, 'id') as UserId,
      account: text(row, 'account') as AccountId,
      username: text(row, 'username'),
      privilege: text(row, 'privilege') === 'admin' ? 'admin' : 'user',
      enabled: flag(row, 'enabled'),
      md5: text(row, 'md5'),
      sha1: text(row, 'sha1'),
      ...birth(row),
      ...this.#sheetOf('users', row),
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
      ...objectsOf(row, 'media'),
      ...birth(row),
      ...this.#sheetOf('devices', row),
    };
  }
}

function* checkAccount(id: AccountId): Work<void> {
  if ((yield* row(SQL.account, id)) === undefined) throw noAccount();
}

function* keepAccessKey({ hash, account, user, createdAt, ...said }: AccessKey): Work<void> {
  if ((yield* row(SQL.user, account, user)) === undefined) throw noUser();
  const { name = null, detail = null, prefix = null, expiresAt = null, modifiedAt = null } = said;
  yield* run(SQL.saveAccessKey, hash, account, user, createdAt, name, detail, prefix, expiresAt, modifiedAt);
}
