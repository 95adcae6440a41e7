export type { LineAccount } from './line-account.ts';
export { LineAccounts, type LineAccountWish } from './line-accounts.ts';
export { LineChats, type LineHeard } from './line-chats.ts';
export { type LineDoors, type LineOptions, openLineChats } from './open-line-chats.ts';
