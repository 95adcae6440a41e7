import type { AccountId } from '../accounts/index.ts';
import type { Chronicle, ChronicleEntry, ChronicleKind, ChronicleQuery, Fact, TranscriptionEntry } from '../conference/index.ts';
import { type Mark, marksOf } from './chronicle.ts';

const keyOf = (account: string, kind: string, id: string): string => [account, kind, id].join(' ');

const newestFirst = (a: ChronicleEntry, b: ChronicleEntry): number => b.startedAt - a.startedAt || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

const isBefore = ({ startedAt, id }: ChronicleEntry, before: ChronicleQuery['before']): boolean =>
  before === undefined || startedAt < before.at || (startedAt === before.at && id < before.id);

/** The chronicle in memory. `guard` throws once the store is closed. */
export class MemoryChronicle implements Chronicle {
  readonly #rows = new Map<string, ChronicleEntry>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async list<Kind extends ChronicleKind>(query: ChronicleQuery<Kind>): Promise<readonly (ChronicleEntry & { readonly kind: Kind })[]> {
    this.#guard();
    const { account, kind, conference, before, limit } = query;
    const meant = [...this.#rows.values()].filter(
      (each) =>
        each.account === account &&
        each.kind === kind &&
        (conference === undefined || each.conference === conference) &&
        isBefore(each, before),
    );
    return structuredClone(meant.sort(newestFirst).slice(0, limit)) as (ChronicleEntry & { readonly kind: Kind })[];
  }

  async find<Kind extends ChronicleKind>(
    account: AccountId,
    kind: Kind,
    id: string,
  ): Promise<(ChronicleEntry & { readonly kind: Kind }) | undefined> {
    this.#guard();
    return structuredClone(this.#rows.get(keyOf(account, kind, id))) as (ChronicleEntry & { readonly kind: Kind }) | undefined;
  }

  async unfinished(): Promise<readonly TranscriptionEntry[]> {
    this.#guard();
    const meant = [...this.#rows.values()].filter((each) => each.kind === 'transcription' && each.endedAt === undefined);
    return structuredClone(meant) as TranscriptionEntry[];
  }

  async remove(account: AccountId, kind: ChronicleKind, id: string): Promise<void> {
    this.#guard();
    const key = keyOf(account, kind, id);
    if (this.#rows.get(key)?.endedAt !== undefined) this.#rows.delete(key);
  }

  /** Keeps what facts say of beginnings and ends. */
  note(facts: readonly Fact[]): void {
    for (const fact of facts) for (const mark of marksOf(fact)) this.#mark(fact, mark);
  }

  #mark({ account, conference: where }: Fact, mark: Mark): void {
    const at = Math.floor(mark.at);
    const key = keyOf(account, mark.kind, mark.id);
    const known = this.#rows.get(key);
    if (mark.do === 'end' && known !== undefined && known.endedAt === undefined) {
      this.#rows.set(key, { ...known, endedAt: at, changedAt: at, reason: mark.reason } as ChronicleEntry);
    } else if (mark.do === 'begin' && known?.endedAt === undefined) {
      const { kind, id, body, changedAt = at } = mark;
      const conference = known?.conference ?? mark.conference ?? where;
      const times = { startedAt: known?.startedAt ?? at, changedAt: Math.floor(changedAt) };
      this.#rows.set(key, { ...body, kind, id, account, conference, ...times } as ChronicleEntry);
    }
  }
}
