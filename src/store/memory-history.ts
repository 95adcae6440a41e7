import type { AccountId } from '../accounts/index.ts';
import type { CallHistory, CallId, Cdr, CdrQuery } from '../conference/index.ts';
import type { MemoryJournal } from './memory-journal.ts';
import { secondsOf } from './seconds.ts';

/** A record's place in a list. */
interface Place {
  readonly at: number;
  readonly id: CallId;
}

const placeOf = ({ id, startedAt, endedAt }: Cdr, { by = 'start' }: CdrQuery): Place => ({ at: by === 'end' ? endedAt : startedAt, id });

const newestFirst = (a: Place, b: Place): number => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

const isMeant = (cdr: Cdr, query: CdrQuery): boolean => {
  const { account, conference, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, before } = query;
  const place = placeOf(cdr, query);
  if (cdr.account !== account || (conference !== undefined && cdr.conference !== conference)) return false;
  return place.at >= from && place.at < to && (before === undefined || newestFirst(before, place) < 0);
};

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
    return structuredClone(meant.sort((a, b) => newestFirst(placeOf(a, query), placeOf(b, query))).slice(0, query.limit));
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
