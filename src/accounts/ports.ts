import type { Account, AccountId, Device, User, UserId } from './account.ts';

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
  saveAccount(account: Account): Promise<void>;
  saveUser(user: User): Promise<void>;
  saveDevice(device: Device): Promise<void>;
  /** A server secret by name (token key and the like), sealed at rest. */
  secret(name: string): Promise<string | undefined>;
  saveSecret(name: string, value: string): Promise<void>;
}
