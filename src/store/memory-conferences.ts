import type { AccountId } from '../accounts/index.ts';
import {
  allNumbers,
  type Conference,
  type ConferenceCut,
  type ConferenceId,
  type Diary,
  deadline,
  domainOf,
  type Fact,
  type Happening,
  type Store,
} from '../conference/index.ts';
import type { MemoryChronicle } from './memory-chronicle.ts';
import type { KeptEntry, KeptFact, MemoryJournal } from './memory-journal.ts';
import type { MemoryTranscripts } from './memory-transcripts.ts';
import { checkFence, checkSequence, noConference, numbersTaken } from './refusals.ts';

interface Row {
  readonly conference: Conference;
  readonly fence: number;
  readonly sequence: number;
  readonly incarnation: number;
}

/** The facts of the latest conference of an id, also after its removal. */
interface Past {
  readonly incarnation: number;
  facts: KeptFact[];
}

const keyOf = (account: AccountId, id: ConferenceId): string => `${account}/${id}`;
const descending = (a: Conference, b: Conference): number => (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

interface ConferenceNeeds {
  readonly journal: MemoryJournal;
  readonly transcripts: MemoryTranscripts;
  readonly chronicle: MemoryChronicle;
  readonly guard: () => void;
}

/** Conferences and facts in memory. `guard` throws once the store is closed. */
export class MemoryConferences implements Store, Diary {
  readonly #rows = new Map<string, Row>();
  readonly #past = new Map<string, Past>();
  readonly #journal: MemoryJournal;
  readonly #transcripts: MemoryTranscripts;
  readonly #chronicle: MemoryChronicle;
  readonly #guard: () => void;

  constructor({ journal, transcripts, chronicle, guard }: ConferenceNeeds) {
    this.#journal = journal;
    this.#transcripts = transcripts;
    this.#chronicle = chronicle;
    this.#guard = guard;
  }

  async load(account: AccountId, id: ConferenceId): Promise<Conference | undefined> {
    this.#guard();
    return structuredClone(this.#rows.get(keyOf(account, id))?.conference);
  }

  async list(account: AccountId, { from, order = 'down', limit, madeBefore }: ConferenceCut = {}): Promise<readonly Conference[]> {
    this.#guard();
    if (madeBefore !== undefined) {
      const made = this.#undeleted(account).filter(({ createdAt }) => createdAt < madeBefore);
      return structuredClone(made.sort((a, b) => b.createdAt - a.createdAt || descending(a, b)).slice(0, limit));
    }
    const isUp = order === 'up';
    const meant = this.#undeleted(account).filter(({ id }) => from === undefined || id === from || id > from === isUp);
    const sorted = meant.sort((a, b) => (isUp ? descending(b, a) : descending(a, b)));
    return structuredClone(sorted.slice(0, limit));
  }

  async running(): Promise<readonly Conference[]> {
    this.#guard();
    return structuredClone(this.#conferences().filter(({ room }) => room !== undefined));
  }

  async timed(): ReturnType<Store['timed']> {
    this.#guard();
    return this.#conferences().flatMap((each) => {
      const at = each.deletedAt === undefined ? deadline(each) : undefined;
      return at === undefined ? [] : [{ account: each.account, id: each.id, at }];
    });
  }

  async accountsOf(id: ConferenceId): Promise<readonly AccountId[]> {
    this.#guard();
    const found = this.#conferences().filter((each) => each.id === id && each.deletedAt === undefined);
    return found.map(({ account }) => account).sort();
  }

  async byDomain(domain: string): ReturnType<Store['byDomain']> {
    this.#guard();
    const found = this.#conferences().filter((each) => each.deletedAt === undefined && domainOf(each.document) === domain);
    const order = ({ createdAt, account, id }: Conference): string => `${String(createdAt).padStart(16, '0')} ${account} ${id}`;
    return found.sort((a, b) => (order(a) < order(b) ? -1 : 1)).map(({ account, id }) => ({ account, id }));
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
    const incarnation = kept?.incarnation ?? (this.#past.get(key)?.incarnation ?? 0) + 1;
    this.#rows.set(key, { conference: structuredClone(conference), fence, sequence: conference.sequence, incarnation });
    this.#note(key, incarnation, facts);
  }

  async remove(account: AccountId, id: ConferenceId, facts: readonly Fact[], fence: number): Promise<void> {
    this.#guard();
    const key = keyOf(account, id);
    const kept = this.#rows.get(key);
    if (kept === undefined) throw noConference();
    checkFence(kept, fence);
    checkSequence(kept, facts, kept.sequence + facts.length);
    this.#note(key, kept.incarnation, facts);
    this.#rows.delete(key);
  }

  async facts(account: AccountId, id: ConferenceId, after: number, limit?: number): Promise<readonly Fact[]> {
    this.#guard();
    const all = this.#past.get(keyOf(account, id))?.facts ?? [];
    const from = all.findIndex(({ fact }) => fact.sequence > after);
    if (from < 0) return [];
    return structuredClone(all.slice(from, limit === undefined ? undefined : from + limit).map(({ fact }) => fact));
  }

  async sequenceAt(account: AccountId, id: ConferenceId, at: number): Promise<number> {
    this.#guard();
    return this.#past.get(keyOf(account, id))?.facts.findLast(({ fact }) => fact.at <= at)?.fact.sequence ?? 0;
  }

  async opening(account: AccountId, id: ConferenceId, until: number): ReturnType<Store['opening']> {
    this.#guard();
    const facts = (this.#past.get(keyOf(account, id))?.facts ?? []).map(({ fact }) => fact);
    const opened = facts.findLast(({ type, sequence }) => type === 'room.opened' && sequence <= until);
    if (opened === undefined) return undefined;
    const isOfLock = ({ type }: Fact): boolean => type === 'conference.locked' || type === 'conference.unlocked';
    const lock = facts.findLast((each) => isOfLock(each) && each.sequence < opened.sequence);
    return structuredClone({ opened, lock });
  }

  async note({ account, place, at }: Parameters<Diary['note']>[0], what: readonly Happening[]): Promise<readonly Fact[]> {
    this.#guard();
    const key = keyOf(account, place);
    const last = this.#past.get(key)?.facts.at(-1)?.fact.sequence ?? 0;
    const facts = what.map((each, n): Fact => ({ ...each, at, account, conference: place, sequence: last + n + 1, instance: place }));
    this.#note(key, 1, facts);
    return facts;
  }

  /** As `load`, without a copy. */
  conference(account: AccountId, id: ConferenceId): Conference | undefined {
    return this.#rows.get(keyOf(account, id))?.conference;
  }

  /** Whether a fact is of the latest conference of its id. */
  isLatest({ account, conference }: Fact, incarnation: number | undefined): boolean {
    return this.#past.get(keyOf(account, conference))?.incarnation === incarnation;
  }

  forget(gone: ReadonlySet<KeptEntry>): void {
    for (const past of this.#past.values()) past.facts = past.facts.filter((each) => !gone.has(each));
  }

  #note(key: string, incarnation: number, facts: readonly Fact[]): void {
    const past = this.#past.get(key);
    const known = past?.incarnation === incarnation ? past : { incarnation, facts: [] };
    known.facts.push(...this.#journal.append(facts, incarnation));
    this.#transcripts.note(facts, incarnation);
    this.#chronicle.note(facts);
    this.#past.set(key, known);
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
