import type { JsonObject } from '../base/index.ts';
import type { AccessKey, Account, AccountId, Device, DeviceId, User, UserId } from './account.ts';
import type { Directory } from './directory.ts';

/** What `first-account.json` holds; printed once. */
export interface FirstAccount {
  readonly account_id: string;
  readonly account_name: string;
  readonly realm: string;
  readonly api_key: string;
  readonly user_id: string;
  readonly username: string;
  readonly password: string;
  /** Same power as the user; `?accesskey=` of VoIPBIN and `/api`. */
  readonly access_key: string;
}

/** How somebody names his account when logging in (kazoo-facts §4.1), in order of precedence. */
export interface Login {
  /** Lower-case hex MD5 or SHA-1 of `username:password`. */
  readonly credentials: string;
  readonly method: 'md5' | 'sha';
  readonly realm?: string | undefined;
  readonly accountName?: string | undefined;
}

/** A device that is to be made. What is left out is random, or as a new device has it. */
export interface DeviceWish {
  readonly account: AccountId;
  readonly username?: string;
  readonly password?: string;
  readonly name?: string;
  readonly owner?: UserId;
  readonly enabled?: boolean;
  readonly media?: JsonObject;
  /** What its KAZOO document says besides. */
  readonly document?: JsonObject;
}

/** An access key that is to be made. */
export interface AccessKeyWish {
  readonly account: AccountId;
  readonly user: UserId;
  readonly name?: string;
  readonly detail?: string;
  /** Epoch ms; absent: it is good for ever. */
  readonly expiresAt?: number;
  /** Default: a fresh one. */
  readonly token?: string;
}

/** A new access key, and what it is, which is told once. */
export interface MadeAccessKey {
  readonly key: AccessKey;
  readonly token: string;
}

/** Who is who: the one place that recognises people, keys and telephones. */
export interface Accounts {
  /** Sub-accounts and users, for those who administer them. */
  readonly directory: Directory;
  account(id: AccountId): Promise<Account | undefined>;
  byRealm(realm: string): Promise<Account | undefined>;
  /** The account of guests at a bare address: the oldest. */
  first(): Promise<Account | undefined>;
  /** Undefined for any mismatch, and for disabled users; takes the same time for both. */
  logIn(login: Login): Promise<{ readonly account: Account; readonly user: User } | undefined>;
  byApiKey(apiKey: string): Promise<Account | undefined>;
  byAccessKey(accessKey: string): Promise<{ readonly account: Account; readonly user: User } | undefined>;
  /** Newest first. */
  accessKeys(account: AccountId): Promise<readonly AccessKey[]>;
  /** With the user's power; only its hash is kept. Refuses with not-found/user_not_found. */
  createAccessKey(wish: AccessKeyWish): Promise<MadeAccessKey>;
  /** Name, detail and end may change. Refuses with not-found/access_key_not_found. */
  changeAccessKey(account: AccountId, hash: string, change: (now: AccessKey) => AccessKey): Promise<AccessKey>;
  /** What it was. Refuses with not-found/access_key_not_found. */
  removeAccessKey(account: AccountId, hash: string): Promise<AccessKey>;
  /** Whether the account is there and not disabled and, if one is named, has this user and he may come in. */
  isEnabled(account: AccountId, user: UserId | undefined): Promise<boolean>;
  /** An enabled device by its SIP user. */
  device(account: AccountId, username: string): Promise<Device | undefined>;
  /** Whether he may change what belongs to his account and those below it; nobody in particular is whoever shows the account's own key. */
  isAdmin(account: AccountId, user: UserId | undefined): Promise<boolean>;
  devices(account: AccountId): Promise<readonly Device[]>;
  /** One change after the other; id, parent and key stay. Refuses with not-found/account_not_found, conflict/realm_taken. */
  changeAccount(id: AccountId, change: (now: Account) => Account): Promise<Account>;
  /** Refuses with conflict/username_taken, not-found/user_not_found. */
  createDevice(wish: DeviceWish): Promise<Device>;
  /** One change after the other; id and account stay. Refuses with not-found/device_not_found, conflict/username_taken. */
  changeDevice(account: AccountId, id: DeviceId, change: (now: Device) => Device): Promise<Device>;
  /** Refuses with not-found/device_not_found. */
  removeDevice(account: AccountId, id: DeviceId): Promise<void>;
  /** A password that nobody can guess. */
  newPassword(): string;
  /** May somebody of account `who` act on account `on`: itself or a descendant. */
  mayActOn(who: AccountId, on: AccountId): Promise<boolean>;
  /**
   * Makes the first account and user with random secrets; undefined when any account exists.
   * `tell` gets the secrets before they are kept, so that no crash can leave an account whose password nobody ever saw.
   */
  createFirst(tell?: (first: FirstAccount) => void): Promise<FirstAccount | undefined>;
}
