import type { AccountId } from '../accounts/index.ts';
import {
  type Archive,
  type ConferenceId,
  type Erasing,
  type RecordingQuery,
  type RecordingRecord,
  type RecordingState,
  tracesOf,
} from '../conference/index.ts';
import { jsonObject, number, text } from './rows.ts';
import { type Engine, type Row, row, rows, run, type Value } from './work.ts';

const SQL = {
  save: `INSERT INTO recordings (account, id, conference, started_at, state, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (account, id) DO UPDATE SET conference = excluded.conference, started_at = excluded.started_at,
      state = excluded.state, body = excluded.body`,
  one: 'SELECT * FROM recordings WHERE account = ?1 AND id = ?2',
  unfinished: "SELECT * FROM recordings WHERE state IN ('running', 'storing') ORDER BY started_at, id",
  startedBefore: `SELECT * FROM recordings WHERE account = ?1 AND started_at < ?2 AND state NOT IN ('running', 'storing')
    ORDER BY started_at, id LIMIT ?3`,
  ofAccount: "SELECT * FROM recordings WHERE account = ?1 AND body LIKE ?2 ESCAPE '\\' ORDER BY started_at, id",
  remove: 'DELETE FROM recordings WHERE account = ?1 AND id = ?2',
} as const;

/** What is not in columns of its own. */
function bodyOf(record: RecordingRecord): string {
  const { id, account, conference, startedAt, state, ...body } = record;
  return JSON.stringify(body);
}

function recordOf(found: Row): RecordingRecord {
  const body = jsonObject(found, 'body') as unknown as Omit<RecordingRecord, 'id' | 'account' | 'conference' | 'startedAt' | 'state'>;
  return {
    ...body,
    id: text(found, 'id'),
    account: text(found, 'account') as AccountId,
    conference: text(found, 'conference') as ConferenceId,
    startedAt: number(found, 'started_at'),
    state: text(found, 'state') as RecordingState,
  };
}

/** The statement of a query and its values: conditions that are not asked for are not in it. */
function listing({ account, conference, from, to, before, limit }: RecordingQuery): [sql: string, ...values: Value[]] {
  const values: Value[] = [account];
  const value = (each: Value): string => `?${values.push(each)}`;
  const conditions = [
    'account = ?1',
    ...(conference === undefined ? [] : [`conference = ${value(conference)}`]),
    ...(from === undefined ? [] : [`started_at >= ${value(from)}`]),
    ...(to === undefined ? [] : [`started_at < ${value(to)}`]),
    ...(before === undefined ? [] : [`(started_at, id) < (${value(before.at)}, ${value(before.id)})`]),
  ];
  const sql = `SELECT * FROM recordings WHERE ${conditions.join(' AND ')} ORDER BY started_at DESC, id DESC LIMIT ${value(limit)}`;
  return [sql, ...values];
}

/** For texts of JSON that have the number in them; it finds too much rather than too little. */
const pattern = (meant: string): string =>
  `%${JSON.stringify(meant)
    .slice(1, -1)
    .replace(/[\\%_]/g, '\\$&')}%`;

/** Recordings in a table. */
export class TableRecordings implements Archive {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async save(record: RecordingRecord): Promise<void> {
    const { account, id, conference, startedAt, state } = record;
    await this.#engine.write(() => run(SQL.save, account, id, conference, startedAt, state, bodyOf(record)));
  }

  async recording(account: AccountId, id: string): Promise<RecordingRecord | undefined> {
    const found = await this.#engine.read(() => row(SQL.one, account, id));
    return found && recordOf(found);
  }

  async list(query: RecordingQuery): Promise<readonly RecordingRecord[]> {
    return (await this.#engine.read(() => rows(...listing(query)))).map(recordOf);
  }

  async unfinished(): Promise<readonly RecordingRecord[]> {
    return (await this.#engine.read(() => rows(SQL.unfinished))).map(recordOf);
  }

  async startedBefore(account: AccountId, time: number, limit: number): Promise<readonly RecordingRecord[]> {
    return (await this.#engine.read(() => rows(SQL.startedBefore, account, time, limit))).map(recordOf);
  }

  async ofCaller({ account, number: meant }: Erasing): Promise<readonly RecordingRecord[]> {
    const found = await this.#engine.read(() => rows(SQL.ofAccount, account, pattern(meant)));
    return found.map(recordOf).filter((each) => tracesOf(each, meant) !== undefined);
  }

  async remove(account: AccountId, id: string): Promise<void> {
    await this.#engine.write(() => run(SQL.remove, account, id));
  }
}
