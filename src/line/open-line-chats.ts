import type { Documents } from '../accounts/index.ts';
import type { Closable } from '../base/index.ts';
import type { Fact } from '../conference/index.ts';
import { KeptChats } from './kept-chats.ts';
import { LineAccounts } from './line-accounts.ts';
import { LineApi, type LineAsk } from './line-api.ts';
import { LineChats, type LineChatsOptions } from './line-chats.ts';

/** What the door needs. */
export interface LineOptions extends Omit<LineChatsOptions, 'accounts' | 'api' | 'kept'> {
  readonly documents: Documents;
  readonly ask: LineAsk;
  /** Of the LINE Messaging API, without a slash at the end. */
  readonly apiUrl: string;
  /** Tells every stored fact from now on, in order. */
  readonly follow: (take: (fact: Fact) => void) => Promise<{ close(): void }>;
}

/** Channels of LINE and their chats. */
export interface LineDoors extends Closable {
  readonly accounts: LineAccounts;
  readonly chats: LineChats;
}

/** Opens it. */
export async function openLineChats(options: LineOptions): Promise<LineDoors> {
  const { documents, clock, chance, ask, apiUrl, follow } = options;
  const api = new LineApi(ask, apiUrl);
  const accounts = new LineAccounts({ documents, clock, chance, api });
  const chats = new LineChats({ ...options, accounts, api, kept: new KeptChats(documents, options.log) });
  const following = await follow((fact) => chats.take(fact));
  await chats.resume();
  return {
    accounts,
    chats,
    async close() {
      following.close();
      chats.close();
    },
  };
}
