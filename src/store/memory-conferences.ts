import type { AccountId } from '../accounts/index.ts';
import { allNumbers, type Conference, type ConferenceId, type Fact, type Store } from '../conference/index.ts';
import { checkFence, checkSequence, noConference, numbersTaken } from './refusals.ts';

interface Row {
  readonly conference: Conference;
  readonly fence: number;
  readonly sequence: number;
  readonly facts: readonly Fact[];
}

const keyOf = (account: AccountId, id: ConferenceId): string => `${account}/${id}`;
const descending = (a: Conference, b: Conference): number => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Conferences and facts in memory. `guard` throws once the store is closed. */
export class MemoryConferences implements Store {
  readonly #rows = new Map<string, Row>();
  /** Facts of removed conferences, until a new one takes the id. */
  readonly #left = new Map<string, readonly Fact[]>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async load(account: AccountId, id: ConferenceId): Promise<Conference | undefined> {
    this.#guard();
    return structuredClone(this.#rows.get(keyOf(account, id))?.conference);
  }

  async list(account: AccountId): Promise<readonly Conference[]> {
    this.#guard();
    return structuredClone(this.#undeleted(account).sort(descending));
  }

  async running(): Promise<readonly Conference[]> {
    this.#guard();
    return structuredClone(this.#conferences().filter(({ room }) => room !== undefined));
  }

  async findByNumber(account: AccountId, number: string): Promise<ConferenceId | undefined> {
    this.#guard();
    return this.#undeleted(account).find(({ document }) => allNumbers(document).includes(number))?.id;
  }

  async save(conference: Conference, facts: readonly Fact[], fence: number): Promise<void> {
    this.#guard();
    const key = keyOf(conference.account, conference.id);
    const kept = this.#rows.get(key);
    checkFence(kept, fence);
    checkSequence(kept, facts, conference.sequence);
    this.#checkNumbers(conference);
    this.#left.delete(key);
    const all = [...(kept?.facts ?? []), ...structuredClone(facts)];
    this.#rows.set(key, { conference: structuredClone(conference), fence, sequence: conference.sequence, facts: all });
  }

  async remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void> {
    this.#guard();
    const key = keyOf(account, id);
    const kept = this.#rows.get(key);
    if (kept === undefined) throw noConference();
    checkFence(kept, fence);
    checkSequence(kept, facts, kept.sequence + facts.length);
    this.#rows.delete(key);
    this.#left.set(key, [...kept.facts, ...structuredClone(facts)]);
  }

  async facts(account: AccountId, id: ConferenceId, after: number): Promise<readonly Fact[]> {
    this.#guard();
    const key = keyOf(account, id);
    const all = this.#rows.get(key)?.facts ?? this.#left.get(key) ?? [];
    return structuredClone(all.filter(({ sequence }) => sequence > after));
  }

  #conferences(): Conference[] {
    return [...this.#rows.values()].map(({ conference }) => conference);
  }

  #undeleted(account: AccountId): Conference[] {
    return this.#conferences().filter((each) => each.account === account && each.deletedAt === undefined);
  }

  #checkNumbers({ account, id, document, deletedAt }: Conference): void {
    if (deletedAt !== undefined) return;
    const others = this.#undeleted(account).filter((each) => each.id !== id);
    const theirs = new Set(others.flatMap((each) => allNumbers(each.document)));
    const taken = allNumbers(document).filter((number) => theirs.has(number));
    if (taken.length > 0) throw numbersTaken(taken);
  }
}
