export type { Account, AccountId, Device, DeviceId, User, UserId } from './account.ts';
export type { Accounts, FirstAccount, Login } from './accounts.ts';
export type { AccountStore } from './ports.ts';
