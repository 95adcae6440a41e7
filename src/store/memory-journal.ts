import type { AccountId } from '../accounts/index.ts';
import type { AccountFact, Entry, Fact, Journal, JournalOf } from '../conference/index.ts';

/** An entry as it lies in memory. What it tells may be erased later. */
export interface KeptEntry {
  readonly position: number;
  /** Which conference of this id; undefined for facts of no conference. */
  readonly incarnation: number | undefined;
  fact: Fact | AccountFact;
}

/** A fact of a conference, kept. */
export type KeptFact = KeptEntry & { fact: Fact };

/** Whether it belongs to what somebody follows. */
const isOf = ({ account, conference }: JournalOf, fact: Fact | AccountFact): boolean =>
  (account === undefined || fact.account === account) &&
  (conference === undefined || ('conference' in fact && fact.conference === conference));

/** The journal in memory. `guard` throws once the store is closed. */
export class MemoryJournal implements Journal {
  /** In order of position. */
  #entries: KeptEntry[] = [];
  #last = 0;
  readonly #forgotten = new Map<AccountId, number>();
  readonly #cursors = new Map<string, number>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async read(after: number, limit: number, of: JournalOf = {}): Promise<readonly Entry[]> {
    this.#guard();
    const found: Entry[] = [];
    for (let index = this.#indexAfter(after); index < this.#entries.length && found.length < limit; index += 1) {
      const { position, fact } = this.#entries[index] as KeptEntry;
      if (isOf(of, fact)) found.push({ position, fact });
    }
    return structuredClone(found);
  }

  async last(): Promise<number> {
    this.#guard();
    return this.#last;
  }

  async forgottenTo(account?: AccountId): Promise<number> {
    this.#guard();
    return account === undefined ? Math.max(0, ...this.#forgotten.values()) : (this.#forgotten.get(account) ?? 0);
  }

  async cursor(name: string): Promise<number | undefined> {
    this.#guard();
    return this.#cursors.get(name);
  }

  async moveCursor(name: string, position: number): Promise<void> {
    this.#guard();
    this.#cursors.set(name, position);
  }

  async removeCursor(name: string): Promise<void> {
    this.#guard();
    this.#cursors.delete(name);
  }

  /** Puts facts at the end. */
  append<T extends Fact | AccountFact>(facts: readonly T[], incarnation: number | undefined): (KeptEntry & { fact: T })[] {
    const added = facts.map((fact) => ({ position: ++this.#last, incarnation, fact: structuredClone(fact) }));
    this.#entries.push(...added);
    return added;
  }

  /** Of one account, or of all, in order. */
  all(account?: AccountId): readonly KeptEntry[] {
    return this.#entries.filter(({ fact }) => account === undefined || fact.account === account);
  }

  at(position: number): KeptEntry | undefined {
    const entry = this.#entries[this.#indexAfter(position - 1)];
    return entry?.position === position ? entry : undefined;
  }

  /** Up to where every cursor has come. */
  passed(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#cursors.values());
  }

  forget(gone: ReadonlySet<KeptEntry>): void {
    for (const { position, fact } of gone) {
      this.#forgotten.set(fact.account, Math.max(position, this.#forgotten.get(fact.account) ?? 0));
    }
    this.#entries = this.#entries.filter((each) => !gone.has(each));
  }

  /** The place of the first entry after a position. */
  #indexAfter(position: number): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle] as KeptEntry).position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
