import type { AccountFact, Entry, Fact, Journal, JournalOf } from '../../src/conference/index.ts';

/** A journal in memory that a test fills, slows down and breaks. */
export class MemoryJournal implements Journal {
  readonly entries: Entry[] = [];
  readonly cursors = new Map<string, number>();
  /** Reads so far. */
  reads = 0;
  /** What happens before each look: a wait, or a throw. */
  before: (what: 'read' | 'cursor') => Promise<void> | void = () => {};
  /** What happens between the look at what there is and the answer. */
  answering: () => Promise<void> | void = () => {};
  #forgotten = 0;
  #last = 0;

  /** Stores facts durably; `gap` positions stay free before each. */
  store(facts: readonly (Fact | AccountFact)[], gap = 0): readonly Entry[] {
    const added = facts.map((fact) => {
      this.#last += 1 + gap;
      return { position: this.#last, fact };
    });
    this.entries.push(...added);
    return added;
  }

  /** As retention does. */
  forget(position: number): void {
    this.#forgotten = position;
    this.entries.splice(0, this.entries.filter((each) => each.position <= position).length);
  }

  async read(after: number, limit: number, of: JournalOf = {}): Promise<readonly Entry[]> {
    this.reads += 1;
    await this.before('read');
    const begin = this.#indexAfter(after);
    const found: Entry[] = [];
    for (let i = begin; i < this.entries.length && found.length < limit; i++) {
      const entry = this.entries[i];
      if (entry !== undefined && fits(entry, of)) found.push(entry);
    }
    await this.answering();
    return found;
  }

  async last(): Promise<number> {
    await this.before('read');
    const last = this.#last;
    await this.answering();
    return last;
  }

  async forgottenTo(): Promise<number> {
    await this.before('read');
    return this.#forgotten;
  }

  async cursor(name: string): Promise<number | undefined> {
    await this.before('cursor');
    return this.cursors.get(name);
  }

  async moveCursor(name: string, position: number): Promise<void> {
    await this.before('cursor');
    this.cursors.set(name, position);
  }

  async removeCursor(name: string): Promise<void> {
    this.cursors.delete(name);
  }

  #indexAfter(position: number): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const fits = ({ fact }: Entry, of: JournalOf): boolean =>
  (of.account === undefined || fact.account === of.account) &&
  (of.conference === undefined || ('conference' in fact && fact.conference === of.conference));
