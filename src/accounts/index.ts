export type { AccessKey, Account, AccountId, AccountLimits, AccountRetention, Device, DeviceId, User, UserId } from './account.ts';
export { AccountBook, type AccountOptions, openAccounts } from './account-book.ts';
export type { Accounts, DeviceWish, FirstAccount, Login } from './accounts.ts';
export { monthOf } from './month.ts';
export type { AccountStore } from './ports.ts';
export type { Registration, Registrations } from './registration.ts';
