export type { AccessKey, Account, AccountId, AccountLimits, AccountRetention, Device, DeviceId, Sheet, User, UserId } from './account.ts';
export { AccountBook, type AccountOptions, expiredAt, isDisabled, openAccounts } from './account-book.ts';
export type { Accounts, DeviceWish, FirstAccount, Login } from './accounts.ts';
export type { DialPolicy } from './dial-policy.ts';
export { type AccountWish, type Directory, type UserChange, type UserWish, type UserWithPassword, usernameOf } from './directory.ts';
export {
  type AccountDocument,
  type DocumentChange,
  type DocumentId,
  type DocumentKind,
  type DocumentName,
  type DocumentOptions,
  type DocumentQuery,
  type DocumentStore,
  type Documents,
  type DocumentWish,
  openDocuments,
} from './documents.ts';
export { monthOf } from './month.ts';
export type { AccountStore } from './ports.ts';
export type { Registration, Registrations } from './registration.ts';
export type { NumberRule, Trunk, TrunkId } from './trunk.ts';
export { trunkOf } from './trunk-document.ts';
