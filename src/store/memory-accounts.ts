import type { AccessKey, Account, AccountId, AccountStore, Device, DeviceId, User, UserId } from '../accounts/index.ts';
import { noAccount, noUser, realmTaken, usernameTaken } from './refusals.ts';

/** Accounts, users, devices, keys and server secrets in memory. `guard` throws once the store is closed. */
export class MemoryAccounts implements AccountStore {
  readonly #accounts = new Map<AccountId, Account>();
  readonly #users = new Map<string, User>();
  readonly #devices = new Map<string, Device>();
  readonly #keys = new Map<string, AccessKey>();
  /** There were any, ever. */
  #isFounded = false;
  readonly #secrets = new Map<string, string>();
  readonly #guard: () => void;

  readonly #onRemoved: (account: AccountId) => void;

  constructor(guard: () => void, onRemoved: (account: AccountId) => void = () => {}) {
    this.#guard = guard;
    this.#onRemoved = onRemoved;
  }

  async accounts(): Promise<readonly Account[]> {
    this.#guard();
    const inOrder = [...this.#accounts.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
    return structuredClone(inOrder);
  }

  async account(id: AccountId): Promise<Account | undefined> {
    this.#guard();
    return structuredClone(this.#accounts.get(id));
  }

  async accountByRealm(realm: string): Promise<Account | undefined> {
    return (await this.accounts()).find((each) => each.realm === realm);
  }

  async accountByApiKey(apiKey: string): Promise<Account | undefined> {
    return (await this.accounts()).find((each) => each.apiKey === apiKey);
  }

  async users(account: AccountId): Promise<readonly User[]> {
    this.#guard();
    return structuredClone([...this.#users.values()].filter((each) => each.account === account).sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  async user(account: AccountId, id: UserId): Promise<User | undefined> {
    return (await this.users(account)).find((each) => each.id === id);
  }

  async devices(account: AccountId): Promise<readonly Device[]> {
    this.#guard();
    return structuredClone([...this.#devices.values()].filter((each) => each.account === account).sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  async device(account: AccountId, username: string): Promise<Device | undefined> {
    return (await this.devices(account)).find((each) => each.username === username);
  }

  async accessKey(hash: string): Promise<AccessKey | undefined> {
    this.#guard();
    return structuredClone(this.#keys.get(hash));
  }

  async saveAccount(account: Account): Promise<void> {
    this.#guard();
    this.#keepAccount(account);
  }

  async saveUser(user: User): Promise<void> {
    this.#guard();
    this.#keepUser(user);
  }

  async saveDevice(device: Device): Promise<void> {
    this.#guard();
    if (!this.#accounts.has(device.account)) throw noAccount();
    if (device.owner !== undefined && !this.#users.has(device.owner)) throw noUser();
    const twin = [...this.#devices.values()].find((each) => each.account === device.account && each.username === device.username);
    if (twin !== undefined && twin.id !== device.id) throw usernameTaken();
    this.#devices.set(device.id, structuredClone(device));
  }

  async removeAccount(id: AccountId): Promise<void> {
    this.#guard();
    if (this.#accounts.delete(id)) this.#onRemoved(id);
  }

  async removeUser(account: AccountId, id: UserId): Promise<void> {
    this.#guard();
    if (this.#users.get(id)?.account !== account) return;
    for (const [key, { owner, ...device }] of this.#devices) if (owner === id) this.#devices.set(key, { ...device, owner: undefined });
    for (const [hash, { user }] of this.#keys) if (user === id) this.#keys.delete(hash);
    this.#users.delete(id);
  }

  async removeDevice(account: AccountId, id: DeviceId): Promise<void> {
    this.#guard();
    if (this.#devices.get(id)?.account === account) this.#devices.delete(id);
  }

  async accessKeys(account: AccountId): Promise<readonly AccessKey[]> {
    this.#guard();
    const own = [...this.#keys.values()].filter((each) => each.account === account);
    return structuredClone(own.sort((a, b) => b.createdAt - a.createdAt || (a.hash < b.hash ? 1 : -1)));
  }

  async removeAccessKey(account: AccountId, hash: string): Promise<void> {
    this.#guard();
    if (this.#keys.get(hash)?.account === account) this.#keys.delete(hash);
  }

  async saveAccessKey(key: AccessKey): Promise<void> {
    this.#guard();
    if (this.#users.get(key.user)?.account !== key.account) throw noUser();
    this.#keys.set(key.hash, structuredClone(key));
  }

  async saveFirst(account: Account, user: User, key: AccessKey): Promise<boolean> {
    this.#guard();
    if (this.#isFounded) return false;
    this.#keepAccount(account);
    this.#keepUser(user);
    this.#keys.set(key.hash, structuredClone(key));
    return true;
  }

  async secret(name: string): Promise<string | undefined> {
    this.#guard();
    return this.#secrets.get(name);
  }

  async saveSecret(name: string, value: string): Promise<void> {
    this.#guard();
    this.#secrets.set(name, value);
  }

  #keepAccount(account: Account): void {
    if (account.parent !== undefined && !this.#accounts.has(account.parent)) throw noAccount();
    const twin = [...this.#accounts.values()].find((each) => each.realm === account.realm);
    if (twin !== undefined && twin.id !== account.id) throw realmTaken();
    this.#isFounded = true;
    this.#accounts.set(account.id, structuredClone(account));
  }

  #keepUser(user: User): void {
    if (!this.#accounts.has(user.account)) throw noAccount();
    const twin = [...this.#users.values()].find((each) => each.account === user.account && each.username === user.username);
    if (twin !== undefined && twin.id !== user.id) throw usernameTaken();
    this.#users.set(user.id, structuredClone(user));
  }
}
