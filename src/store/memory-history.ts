import type { AccountId } from '../accounts/index.ts';
import type { CallHistory, CallId, Cdr, CdrQuery } from '../conference/index.ts';
import type { MemoryJournal } from './memory-journal.ts';
import { secondsOf } from './seconds.ts';

const newestFirst = (a: Pick<Cdr, 'startedAt' | 'id'>, b: Pick<Cdr, 'startedAt' | 'id'>): number =>
  b.startedAt - a.startedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

const isMeant = (cdr: Cdr, { account, conference, from, to, before }: CdrQuery): boolean =>
  cdr.account === account &&
  (conference === undefined || cdr.conference === conference) &&
  cdr.startedAt >= (from ?? Number.NEGATIVE_INFINITY) &&
  cdr.startedAt < (to ?? Number.POSITIVE_INFINITY) &&
  (before === undefined || newestFirst(before, cdr) < 0);

/** Call detail records in memory. `guard` throws once the store is closed. */
export class MemoryHistory implements CallHistory {
  readonly #rows = new Map<CallId, Cdr>();
  readonly #journal: MemoryJournal;
  readonly #guard: () => void;

  constructor(journal: MemoryJournal, guard: () => void) {
    this.#journal = journal;
    this.#guard = guard;
  }

  async add(cdr: Cdr): Promise<void> {
    this.#guard();
    if (this.#rows.has(cdr.id)) return;
    this.#rows.set(cdr.id, structuredClone(cdr));
    this.#journal.append([{ type: 'call.recorded', at: cdr.endedAt, account: cdr.account, cdr }], undefined);
  }

  async list(query: CdrQuery): Promise<readonly Cdr[]> {
    this.#guard();
    const meant = [...this.#rows.values()].filter((each) => isMeant(each, query));
    return structuredClone(meant.sort(newestFirst).slice(0, query.limit));
  }

  async cdr(account: AccountId, id: CallId): Promise<Cdr | undefined> {
    this.#guard();
    const found = this.#rows.get(id);
    return found?.account === account ? structuredClone(found) : undefined;
  }

  async secondsSince(account: AccountId, since: number): Promise<number> {
    this.#guard();
    const ended = [...this.#rows.values()].filter((each) => each.account === account && each.endedAt >= since);
    return ended.reduce((sum, each) => sum + (secondsOf(each) ?? 0), 0);
  }

  /** The records themselves; whoever has them may change and forget them. */
  get rows(): Map<CallId, Cdr> {
    return this.#rows;
  }
}
