import type { AccessKey, Account, AccountId, Device, DeviceId, User, UserId } from './account.ts';

/** Keeps accounts, users, devices and the server's own secrets. */
export interface AccountStore {
  /** Oldest first. The first one is the default account of guests (`rulings.md` "Whose call is it"). */
  accounts(): Promise<readonly Account[]>;
  account(id: AccountId): Promise<Account | undefined>;
  accountByRealm(realm: string): Promise<Account | undefined>;
  accountByApiKey(apiKey: string): Promise<Account | undefined>;
  users(account: AccountId): Promise<readonly User[]>;
  user(account: AccountId, id: UserId): Promise<User | undefined>;
  devices(account: AccountId): Promise<readonly Device[]>;
  device(account: AccountId, username: string): Promise<Device | undefined>;
  accessKey(hash: string): Promise<AccessKey | undefined>;
  /** Adds or replaces. A realm is unique: conflict/realm_taken. */
  saveAccount(account: Account): Promise<void>;
  /** Adds or replaces. Refuses with conflict/username_taken, not-found/account_not_found. */
  saveUser(user: User): Promise<void>;
  /** Adds or replaces. Refuses with conflict/username_taken, not-found/account_not_found. */
  saveDevice(device: Device): Promise<void>;
  /** It is kept, but never given again; its realm and its documents' keys are free. Nothing happens where there is none. */
  removeAccount(id: AccountId, deletedAt: number): Promise<void>;
  /** With his access keys; his devices have no owner then. Nothing happens where there is none. */
  removeUser(account: AccountId, id: UserId): Promise<void>;
  /** Nothing happens where there is none. */
  removeDevice(account: AccountId, id: DeviceId): Promise<void>;
  /** Newest first. */
  accessKeys(account: AccountId): Promise<readonly AccessKey[]>;
  /** Adds or replaces. Refuses with not-found/user_not_found. */
  saveAccessKey(key: AccessKey): Promise<void>;
  /** Nothing happens where there is none. */
  removeAccessKey(account: AccountId, hash: string): Promise<void>;
  /** Keeps all three in one transaction, unless any account exists; says whether it did. */
  saveFirst(account: Account, user: User, key: AccessKey): Promise<boolean>;
  /** A server secret by name (token key and the like), sealed at rest. */
  secret(name: string): Promise<string | undefined>;
  saveSecret(name: string, value: string): Promise<void>;
}
