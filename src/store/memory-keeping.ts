import {
  bodyWithoutCaller,
  type Conference,
  ERASED,
  type Erased,
  type Erasing,
  type Fact,
  type Forgetting,
  type Forgotten,
  type Keeping,
  tracesOf,
  withoutCaller,
} from '../conference/index.ts';
import type { Delivery } from '../webhooks/index.ts';
import type { MemoryConferences } from './memory-conferences.ts';
import type { MemoryHistory } from './memory-history.ts';
import type { KeptEntry, MemoryJournal } from './memory-journal.ts';
import type { MemoryTranscripts } from './memory-transcripts.ts';
import type { MemoryWebhooks } from './memory-webhooks.ts';
import { checkErasing } from './refusals.ts';
import { withoutSpeaker } from './transcripts.ts';

/** What is kept in memory. */
export interface Kept {
  readonly conferences: MemoryConferences;
  readonly journal: MemoryJournal;
  readonly history: MemoryHistory;
  readonly webhooks: MemoryWebhooks;
  readonly transcripts: MemoryTranscripts;
}

const callsIn = (conference: Conference | undefined) =>
  [...(conference?.room?.participants ?? []), ...(conference?.room?.arrivals ?? [])].map(({ call }) => call);

/** Takes rows that are meant out of a map; says how many. */
function dropFrom<K, V>(rows: Map<K, V>, isMeant: (row: V) => boolean): number {
  const gone = [...rows].filter(([, row]) => isMeant(row));
  for (const [key] of gone) rows.delete(key);
  return gone.length;
}

/** Forgets and erases in memory, where nobody waits for a transaction. `guard` throws once the store is closed. */
export class MemoryKeeping implements Keeping {
  readonly #kept: Kept;
  readonly #guard: () => void;

  constructor(kept: Kept, guard: () => void) {
    this.#kept = kept;
    this.#guard = guard;
  }

  async forget(what: Forgetting, _limit: number): Promise<Forgotten> {
    this.#guard();
    const { account, factsBefore = 0, cdrsBefore = 0, deliveriesBefore = 0, transcriptsBefore = 0 } = what;
    const { history, webhooks, transcripts } = this.#kept;
    const unsaid = dropFrom(
      transcripts.rows,
      ({ record, place }) => (account === undefined || record.account === account) && place.from < transcriptsBefore,
    );
    const isOf = (each: { readonly account: string }): boolean => account === undefined || each.account === account;
    const gone = new Set(
      [...this.#oldRecorded(Math.max(factsBefore, cdrsBefore)), ...this.#oldFacts(factsBefore)].filter((each) => isOf(each.fact)),
    );
    this.#kept.journal.forget(gone);
    this.#kept.conferences.forget(gone);
    return {
      facts: gone.size,
      cdrs: dropFrom(history.rows, (each) => isOf(each) && each.endedAt < cdrsBefore),
      deliveries: dropFrom(webhooks.rows, (each) => isOf(each) && each.state !== 'pending' && each.dueAt < deliveriesBefore),
      ...(unsaid === 0 ? {} : { transcripts: unsaid }),
    };
  }

  async erase({ account, number }: Erasing): Promise<Erased> {
    this.#guard();
    checkErasing(number);
    const { history, journal, conferences, webhooks } = this.#kept;
    let [facts, cdrs, deliveries] = [0, 0, 0];
    for (const each of webhooks.rows.values()) if (each.account === account && this.#eraseDelivery(each, number)) deliveries += 1;
    for (const entry of journal.all(account)) {
      if (tracesOf(entry.fact, number) === undefined || this.#isLive(entry, number)) continue;
      entry.fact = withoutCaller(entry.fact, number);
      facts += 1;
    }
    for (const cdr of history.rows.values()) {
      if (cdr.account !== account || tracesOf(cdr, number) === undefined) continue;
      history.rows.set(cdr.id, withoutCaller(cdr, number));
      cdrs += 1;
    }
    const transcripts = this.#eraseTranscripts(account, number);
    const running = (await conferences.running()).filter((each) => each.account === account);
    return {
      facts,
      cdrs,
      deliveries,
      ...(transcripts === 0 ? {} : { transcripts }),
      live: running.flatMap(callsIn).filter((call) => tracesOf(call, number) !== undefined).length,
    };
  }

  #eraseTranscripts(account: string, number: string): number {
    let sum = 0;
    for (const each of this.#kept.transcripts.rows.values()) {
      if (each.record.account !== account || each.caller !== number || number === ERASED) continue;
      each.caller = ERASED;
      each.record = withoutSpeaker(each.record);
      sum += 1;
    }
    return sum;
  }

  #eraseDelivery(delivery: Delivery, number: string): boolean {
    const entry = this.#kept.journal.at(delivery.position);
    if (entry !== undefined && this.#isLive(entry, number)) return false;
    const nothing = new Set<string>();
    const traces = tracesOf(entry?.fact, number) ?? { number, calls: nothing, names: nothing, sipCallIds: nothing, vars: nothing };
    const isNamed = traces.calls.size > 0 || delivery.body.includes(JSON.stringify(number).slice(1, -1));
    const body = isNamed ? bodyWithoutCaller(delivery.body, traces) : delivery.body;
    if (body === delivery.body) return false;
    this.#kept.webhooks.rows.set(delivery.id, { ...delivery, body });
    return true;
  }

  /** Whether a fact names somebody of this number who is in a room now. */
  #isLive({ fact }: KeptEntry, number: string): boolean {
    if (!('conference' in fact)) return false;
    const traces = tracesOf(fact, number);
    return callsIn(this.#kept.conferences.conference(fact.account, fact.conference)).some(({ id }) => traces?.calls.has(id) === true);
  }

  #oldRecorded(before: number): KeptEntry[] {
    const { journal } = this.#kept;
    const passed = journal.passed();
    return journal.all().filter(({ fact, position }) => !('conference' in fact) && fact.at < before && position <= passed);
  }

  /** Facts of conferences: of each the oldest in a row, up to what must stay. */
  #oldFacts(before: number): KeptEntry[] {
    const groups = new Map<string, (KeptEntry & { fact: Fact })[]>();
    for (const entry of this.#kept.journal.all()) {
      const { fact, incarnation } = entry;
      if (!('conference' in fact)) continue;
      const key = `${fact.account}/${fact.conference}/${incarnation}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ ...entry, fact }]);
      else group.push({ ...entry, fact });
    }
    const kept = [...groups.values()].flatMap((facts) => this.#oldOf(facts, before));
    const positions = new Set(kept.map(({ position }) => position));
    return this.#kept.journal.all().filter(({ position }) => positions.has(position));
  }

  #oldOf(facts: readonly (KeptEntry & { fact: Fact })[], before: number): readonly KeptEntry[] {
    const stays = Math.min(this.#kept.journal.passed() + 1, this.#liveFrom(facts));
    const end = facts.findIndex(({ fact, position }) => fact.at >= before || position >= stays);
    return end < 0 ? facts : facts.slice(0, end);
  }

  /** The position of the first fact by which something is told that is live; of a removed conference its last fact. */
  #liveFrom(facts: readonly (KeptEntry & { fact: Fact })[]): number {
    const last = facts.at(-1);
    if (last === undefined || !this.#kept.conferences.isLatest(last.fact, last.incarnation)) return Number.POSITIVE_INFINITY;
    const conference = this.#kept.conferences.conference(last.fact.account, last.fact.conference);
    if (conference === undefined) return last.position;
    const opened = conference.room && facts.findLast(({ fact }) => fact.type === 'room.opened');
    const isLock = ({ fact }: KeptEntry): boolean => fact.type === 'conference.locked' || fact.type === 'conference.unlocked';
    const lock = facts.findLast((each) => isLock(each) && each.position < (opened?.position ?? Number.POSITIVE_INFINITY));
    const locked = lock?.fact.type === 'conference.locked' ? lock.position : undefined;
    return locked ?? opened?.position ?? Number.POSITIVE_INFINITY;
  }
}
