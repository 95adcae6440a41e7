import type { AccountId } from '../accounts/index.ts';
import type { MediaDocument, MediaDocuments, MediaId } from '../conference/index.ts';

const keyOf = (account: AccountId, id: MediaId): string => `${account}/${id}`;

/** Media documents in memory. `guard` throws once the store is closed. */
export class MemoryMediaDocuments implements MediaDocuments {
  readonly #all = new Map<string, MediaDocument>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async find(account: AccountId, id: MediaId): Promise<MediaDocument | undefined> {
    this.#guard();
    return structuredClone(this.#all.get(keyOf(account, id)));
  }

  async list(account: AccountId): Promise<readonly MediaDocument[]> {
    this.#guard();
    const own = [...this.#all.values()].filter((each) => each.account === account);
    return structuredClone(own.sort((a, b) => (a.id < b.id ? -1 : 1)));
  }

  async save(document: MediaDocument): Promise<void> {
    this.#guard();
    this.#all.set(keyOf(document.account, document.id), structuredClone(document));
  }

  async remove(account: AccountId, id: MediaId): Promise<void> {
    this.#guard();
    this.#all.delete(keyOf(account, id));
  }
}
