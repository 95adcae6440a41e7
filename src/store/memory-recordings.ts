import type { AccountId } from '../accounts/index.ts';
import { type Archive, type Erasing, type RecordingQuery, type RecordingRecord, tracesOf } from '../conference/index.ts';

const oldestFirst = (a: RecordingRecord, b: RecordingRecord): number => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1);

const isUnfinished = ({ state }: RecordingRecord): boolean => state === 'running' || state === 'storing';

const isMeant = (record: RecordingRecord, { account, conference, from, to, before }: RecordingQuery): boolean =>
  record.account === account &&
  (conference === undefined || record.conference === conference) &&
  (from === undefined || record.startedAt >= from) &&
  (to === undefined || record.startedAt < to) &&
  (before === undefined || record.startedAt < before.at || (record.startedAt === before.at && record.id < before.id));

/** Recordings in memory. `guard` throws once the store is closed. */
export class MemoryRecordings implements Archive {
  readonly #rows = new Map<string, RecordingRecord>();
  readonly #guard: () => void;

  constructor(guard: () => void) {
    this.#guard = guard;
  }

  async save(record: RecordingRecord): Promise<void> {
    this.#guard();
    this.#rows.set(`${record.account}/${record.id}`, structuredClone(record));
  }

  async recording(account: AccountId, id: string): Promise<RecordingRecord | undefined> {
    this.#guard();
    return structuredClone(this.#rows.get(`${account}/${id}`));
  }

  async list(query: RecordingQuery): Promise<readonly RecordingRecord[]> {
    return this.#found((each) => isMeant(each, query))
      .reverse()
      .slice(0, query.limit);
  }

  async unfinished(): Promise<readonly RecordingRecord[]> {
    return this.#found(isUnfinished);
  }

  async startedBefore(account: AccountId, time: number, limit: number): Promise<readonly RecordingRecord[]> {
    return this.#found((each) => each.account === account && each.startedAt < time && !isUnfinished(each)).slice(0, limit);
  }

  async ofCaller({ account, number }: Erasing): Promise<readonly RecordingRecord[]> {
    return this.#found((each) => each.account === account && tracesOf(each, number) !== undefined);
  }

  async remove(account: AccountId, id: string): Promise<void> {
    this.#guard();
    this.#rows.delete(`${account}/${id}`);
  }

  #found(isWanted: (record: RecordingRecord) => boolean): RecordingRecord[] {
    this.#guard();
    return structuredClone([...this.#rows.values()].filter(isWanted).sort(oldestFirst));
  }
}
