import type {
  AccountDocument,
  AccountId,
  AccountStore,
  DocumentKind,
  DocumentName,
  DocumentQuery,
  DocumentStore,
} from '../accounts/index.ts';
import { documentKeyTaken, noAccount, revisionChanged } from './refusals.ts';

interface Kept {
  readonly document: AccountDocument;
  readonly keys: readonly string[];
}

const nameOf = ({ account, kind, id }: DocumentName): string => [account, kind, id].join('\n');

const byName = (a: Kept, b: Kept): number => (nameOf(a.document) < nameOf(b.document) ? -1 : 1);

/** Documents of accounts in memory. */
export class MemoryDocuments implements DocumentStore {
  readonly #all = new Map<string, Kept>();
  readonly #accounts: Pick<AccountStore, 'account'>;
  readonly #guard: () => void;

  /** `guard` throws once the store is closed. */
  constructor(accounts: Pick<AccountStore, 'account'>, guard: () => void) {
    this.#accounts = accounts;
    this.#guard = guard;
  }

  async find(name: DocumentName): Promise<AccountDocument | undefined> {
    this.#guard();
    return structuredClone(this.#all.get(nameOf(name))?.document);
  }

  async holder(of: Pick<DocumentName, 'account' | 'kind'>, key: string): Promise<AccountDocument | undefined> {
    return (await this.holders(of.kind, key)).find(({ account }) => account === of.account);
  }

  async holders(kind: DocumentKind, key: string): Promise<readonly AccountDocument[]> {
    return this.#those(({ document, keys }) => document.kind === kind && keys.includes(key));
  }

  async list({ account, kind, after, order = 'up', limit }: DocumentQuery): Promise<readonly AccountDocument[]> {
    const own = this.#those(({ document }) => document.account === account && document.kind === kind);
    const inOrder = order === 'up' ? own : own.reverse();
    return inOrder.filter(({ id }) => after === undefined || (order === 'up' ? id > after : id < after)).slice(0, limit);
  }

  async all(kind: DocumentKind): Promise<readonly AccountDocument[]> {
    return this.#those(({ document }) => document.kind === kind);
  }

  async save(document: AccountDocument, keys: readonly string[]): Promise<void> {
    this.#guard();
    const { account, kind, id, revision } = document;
    if ((await this.#accounts.account(account)) === undefined) throw noAccount();
    const before = this.#all.get(nameOf(document))?.document.revision ?? 0;
    if (before !== revision - 1) throw revisionChanged(before);
    const isRival = (each: AccountDocument): boolean =>
      each.kind === kind && (each.account === account ? each.id !== id : kind === 'number');
    const theirs = new Set([...this.#all.values()].filter((each) => isRival(each.document)).flatMap((each) => each.keys));
    const taken = [...new Set(keys)].filter((each) => theirs.has(each));
    if (taken.length > 0) throw documentKeyTaken(taken);
    this.#all.set(nameOf(document), structuredClone({ document, keys }));
  }

  /** What is only marked can never be seen again, so that it need not be kept here. */
  async remove(name: DocumentName): Promise<void> {
    this.#guard();
    this.#all.delete(nameOf(name));
  }

  /** Nothing of a deleted account is left. */
  forget(account: AccountId): void {
    for (const [name, { document }] of this.#all) if (document.account === account) this.#all.delete(name);
  }

  #those(isMeant: (each: Kept) => boolean): AccountDocument[] {
    this.#guard();
    return structuredClone([...this.#all.values()].filter(isMeant).sort(byName)).map(({ document }) => document);
  }
}
