import type { Account, AccountId, Device, User, UserId } from './account.ts';

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

/** Who is who: the one place that recognises people, keys and telephones. */
export interface Accounts {
  account(id: AccountId): Promise<Account | undefined>;
  byRealm(realm: string): Promise<Account | undefined>;
  /** The account of guests at a bare address: the oldest. */
  first(): Promise<Account | undefined>;
  /** Undefined for any mismatch, and for disabled users; takes the same time for both. */
  logIn(login: Login): Promise<{ readonly account: Account; readonly user: User } | undefined>;
  byApiKey(apiKey: string): Promise<Account | undefined>;
  byAccessKey(accessKey: string): Promise<{ readonly account: Account; readonly user: User } | undefined>;
  /** Whether the account has this user and he may come in. */
  isEnabled(account: AccountId, user: UserId): Promise<boolean>;
  /** An enabled device by its SIP user. */
  device(account: AccountId, username: string): Promise<Device | undefined>;
  /** May somebody of account `who` act on account `on`: itself or a descendant. */
  mayActOn(who: AccountId, on: AccountId): Promise<boolean>;
  /**
   * Makes the first account and user with random secrets; undefined when any account exists.
   * `tell` gets the secrets before they are kept, so that no crash can leave an account whose password nobody ever saw.
   */
  createFirst(tell?: (first: FirstAccount) => void): Promise<FirstAccount | undefined>;
}
