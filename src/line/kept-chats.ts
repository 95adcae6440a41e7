import { createHash } from 'node:crypto';
import type { AccountDocument, AccountId, DocumentId, DocumentName, Documents } from '../accounts/index.ts';
import { Failure, isObject, type JsonObject, type Log } from '../base/index.ts';
import type { ConferenceId, Role } from '../conference/index.ts';
import type { LineSource } from './line-api.ts';

/** A chat that follows a conference, as it outlives a restart. */
export interface KeptChat {
  readonly account: AccountId;
  /** The channel that it writes to. */
  readonly channel: string;
  readonly source: LineSource;
  readonly conference: ConferenceId;
  readonly role: Role;
  readonly name: string;
  /** BCP 47; absent: LINE does not tell. */
  readonly language?: string;
}

const KIND = 'line-chat';

/** A chat of a channel. */
export const keyOf = (channel: string, { type, id }: LineSource): string => `${channel}/${type}/${id}`;

const nameOf = (account: AccountId, key: string): DocumentName => ({
  account,
  kind: KIND,
  id: createHash('sha256').update(key).digest('hex').slice(0, 32) as DocumentId,
});

/** Remembers which chats follow what. Documents are sealed at rest. What cannot be kept is logged: the chat works until the server stops. */
export class KeptChats {
  readonly #documents: Documents;
  readonly #log: Log;
  /** One after the other, in the order in which it was asked for. */
  #last: Promise<void> = Promise.resolve();

  constructor(documents: Documents, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  keep(chat: KeptChat): Promise<void> {
    this.#last = this.#last.then(() => this.#keep(chat));
    return this.#last;
  }

  forget(account: AccountId, key: string): Promise<void> {
    this.#last = this.#last.then(() => this.#forget(account, key));
    return this.#last;
  }

  async #keep(chat: KeptChat): Promise<void> {
    const { account, channel, source } = chat;
    const name = nameOf(account, keyOf(channel, source));
    const document = JSON.parse(JSON.stringify({ ...chat, source })) as JsonObject;
    try {
      await this.#documents.create({ ...name, document });
    } catch (error) {
      if (error instanceof Failure && error.code === 'document_exists') await this.#documents.change(name, () => ({ document, keys: [] }));
      else this.#log.error('which conference a LINE chat follows was not kept', { account, error });
    }
  }

  async #forget(account: AccountId, key: string): Promise<void> {
    try {
      await this.#documents.remove(nameOf(account, key), false);
    } catch (error) {
      if (!(error instanceof Failure)) this.#log.error('that a LINE chat has left was not kept', { account, error });
    }
  }

  async all(): Promise<readonly KeptChat[]> {
    return (await this.#documents.all(KIND)).flatMap((each) => chatOf(each) ?? []);
  }
}

function chatOf({ account, document }: AccountDocument): KeptChat | undefined {
  const { channel, source, conference, role, name, language } = document;
  if (source === undefined || !isObject(source) || typeof channel !== 'string' || typeof conference !== 'string') return undefined;
  return {
    account,
    channel,
    source: source as unknown as LineSource,
    conference: conference as ConferenceId,
    role: role === 'moderator' ? 'moderator' : 'member',
    name: typeof name === 'string' ? name : 'LINE',
    ...(typeof language === 'string' ? { language } : {}),
  };
}
