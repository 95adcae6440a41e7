import { type Brand, type Chance, type Clock, Failure, type JsonObject, newId } from '../base/index.ts';
import type { AccountId } from './account.ts';

/** What a document is about. Conferences, media, accounts, users and devices are kept as what they are, and are none of these. */
export type DocumentKind =
  | 'callflow'
  | 'trunk'
  | 'number'
  | 'flow'
  | 'lockout'
  | 'invitation'
  | 'config'
  | 'deleted-call'
  | 'call-trace'
  | 'conversation-account'
  | 'line-chat';

/** 32 hex digits where Parley chose it; otherwise what names the thing, as a telephone number does. */
export type DocumentId = Brand<'DocumentId'>;

/** Which document. */
export interface DocumentName {
  readonly account: AccountId;
  readonly kind: DocumentKind;
  readonly id: DocumentId;
}

/** A document of an account in the words of whoever wrote it; keys that nobody knows are kept. */
export interface AccountDocument extends DocumentName {
  readonly document: JsonObject;
  /** Counts from 1. */
  readonly revision: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** A page of documents, in the order of their ids. */
export interface DocumentQuery {
  readonly account: AccountId;
  readonly kind: DocumentKind;
  /** Only those behind this id. */
  readonly after?: DocumentId;
  /** Default: up. */
  readonly order?: 'up' | 'down';
  /** At most so many. Default: all. */
  readonly limit?: number;
}

/**
 * Keeps documents of accounts. A document has index keys, such as the numbers of a callflow: each belongs to one document of its kind in its account, and it is
 * found by them; those of the kind `number` belong to one document of the whole server. What was deleted softly is kept, but neither found nor listed, and has
 * no index keys.
 */
export interface DocumentStore {
  find(name: DocumentName): Promise<AccountDocument | undefined>;
  /** The document of the account that has this index key. */
  holder(of: Pick<DocumentName, 'account' | 'kind'>, key: string): Promise<AccountDocument | undefined>;
  /** The documents of all accounts that have this index key, in the order of account. */
  holders(kind: DocumentKind, key: string): Promise<readonly AccountDocument[]>;
  list(query: DocumentQuery): Promise<readonly AccountDocument[]>;
  /** Those of all accounts, in the order of account and id. */
  all(kind: DocumentKind): Promise<readonly AccountDocument[]>;
  /**
   * Adds what is not there, or replaces what has the revision before this one; the index keys become these.
   * Refuses with conflict/revision_changed, conflict/document_key_taken, not-found/account_not_found.
   */
  save(document: AccountDocument, keys: readonly string[]): Promise<void>;
  /** Nothing happens where there is none. `deletedAt` (epoch ms): it is only marked. */
  remove(name: DocumentName, deletedAt?: number): Promise<void>;
}

/** What a new document is to be. */
export interface DocumentWish {
  readonly account: AccountId;
  readonly kind: DocumentKind;
  /** Default: a new id. */
  readonly id?: DocumentId;
  readonly document: JsonObject;
  /** Default: none. */
  readonly keys?: readonly string[];
}

/** What a document is to become. */
export interface DocumentChange {
  readonly document: JsonObject;
  readonly keys: readonly string[];
}

/** Documents of accounts, with their times and revisions. */
export interface Documents extends Pick<DocumentStore, 'find' | 'holder' | 'holders' | 'list' | 'all'> {
  /** Refuses with not-found/document_not_found. */
  get(name: DocumentName): Promise<AccountDocument>;
  /** Refuses with conflict/document_exists, conflict/document_key_taken, not-found/account_not_found. */
  create(wish: DocumentWish): Promise<AccountDocument>;
  /** A change of what is there now, made anew when somebody else was quicker. Refuses with not-found/document_not_found, conflict/document_key_taken. */
  change(name: DocumentName, change: (now: AccountDocument) => DocumentChange): Promise<AccountDocument>;
  /** What it was. `keep`: it is only marked as deleted. Refuses with not-found/document_not_found. */
  remove(name: DocumentName, keep?: boolean): Promise<AccountDocument>;
}

/** What documents need from outside. */
export interface DocumentOptions {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly chance: Chance;
}

/** How often a change is made anew when somebody else stored in between. */
const ATTEMPTS = 8;

const missing = ({ kind, id }: DocumentName): Failure =>
  new Failure('not-found', 'document_not_found', `there is no such ${kind}`, { details: { id } });

const isOutdated = (error: unknown): boolean => error instanceof Failure && error.code === 'revision_changed';

/** Opens the documents over a store. */
export function openDocuments({ store, clock, chance }: DocumentOptions): Documents {
  const get = async (name: DocumentName): Promise<AccountDocument> => {
    const found = await store.find(name);
    if (found === undefined) throw missing(name);
    return found;
  };
  return {
    find: (name) => store.find(name),
    holder: (of, key) => store.holder(of, key),
    holders: (kind, key) => store.holders(kind, key),
    list: (query) => store.list(query),
    all: (kind) => store.all(kind),
    get,
    async create({ account, kind, id, document, keys = [] }) {
      const now = clock.epoch();
      const made = { account, kind, id: id ?? (newId(chance, now) as DocumentId), document, revision: 1, createdAt: now, modifiedAt: now };
      try {
        await store.save(made, keys);
      } catch (error) {
        if (!isOutdated(error)) throw error;
        throw new Failure('conflict', 'document_exists', `there is a ${kind} of this id`, { details: { id: made.id } });
      }
      return made;
    },
    async change(name, change) {
      for (let attempt = 1; ; attempt += 1) {
        const now = await get(name);
        const { document, keys } = change(now);
        const next = { ...now, document, revision: now.revision + 1, modifiedAt: clock.epoch() };
        try {
          await store.save(next, keys);
          return next;
        } catch (error) {
          if (!isOutdated(error) || attempt === ATTEMPTS) throw error;
        }
      }
    },
    async remove(name, keep = true) {
      const found = await get(name);
      await store.remove(name, keep ? clock.epoch() : undefined);
      return found;
    },
  };
}
