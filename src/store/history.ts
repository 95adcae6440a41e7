import type { AccountId } from '../accounts/index.ts';
import type { CallHistory, CallId, Cdr, CdrQuery, ConferenceId } from '../conference/index.ts';
import { append } from './journal.ts';
import { jsonObject, number, optional, text } from './rows.ts';
import { secondsOf } from './seconds.ts';
import { type Engine, type Row, row, rows, type Value, type Work } from './work.ts';

const SQL = {
  add: `INSERT INTO cdrs (id, account, conference, direction, caller_number, called_number, started_at, ended_at, seconds, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO NOTHING RETURNING id`,
  cdr: 'SELECT * FROM cdrs WHERE account = ?1 AND id = ?2',
  seconds: 'SELECT CAST(coalesce(sum(seconds), 0) AS BIGINT) AS seconds FROM cdrs WHERE account = ?1 AND ended_at >= ?2',
} as const;

/** What is not in columns of its own. */
export function cdrBody(cdr: Cdr): string {
  const { id, account, conference, direction, callerNumber, calledNumber, startedAt, endedAt, ...body } = cdr;
  return JSON.stringify(body);
}

/** The record in a row. */
export function cdrOf(row: Row): Cdr {
  const conference = optional(row, 'conference', text) as ConferenceId | undefined;
  return {
    ...(jsonObject(row, 'body') as unknown as Pick<
      Cdr,
      'sipCallId' | 'callerName' | 'reason' | 'sipStatus' | 'cause' | 'channelVars' | 'applicationVars'
    >),
    id: text(row, 'id') as CallId,
    account: text(row, 'account') as AccountId,
    direction: text(row, 'direction') as Cdr['direction'],
    callerNumber: text(row, 'caller_number'),
    calledNumber: text(row, 'called_number'),
    startedAt: number(row, 'started_at'),
    endedAt: number(row, 'ended_at'),
    ...(conference === undefined ? {} : { conference }),
  };
}

/** The statement of a query and its values: conditions that are not asked for are not in it. */
function listing({ account, conference, by = 'start', from, to, before, limit }: CdrQuery): [sql: string, ...values: Value[]] {
  const values: Value[] = [account];
  const time = by === 'end' ? 'ended_at' : 'started_at';
  const value = (each: Value): string => `?${values.push(each)}`;
  const conditions = [
    'account = ?1',
    ...(conference === undefined ? [] : [`conference = ${value(conference)}`]),
    ...(from === undefined ? [] : [`${time} >= ${value(from)}`]),
    ...(to === undefined ? [] : [`${time} < ${value(to)}`]),
    ...(before === undefined ? [] : [`(${time}, id) < (${value(before.at)}, ${value(before.id)})`]),
  ];
  const sql = `SELECT * FROM cdrs WHERE ${conditions.join(' AND ')} ORDER BY ${time} DESC, id DESC LIMIT ${value(limit)}`;
  return [sql, ...values];
}

/** PostgreSQL has no character 0, and whoever sends one in his number must not lose us the record. */
const withoutNul = (text: string): string => text.replaceAll('\0', '\ufffd');

function* add(cdr: Cdr): Work<void> {
  const { id, account, conference, direction, callerNumber, calledNumber, startedAt, endedAt } = cdr;
  const of = [id, account, conference ?? null, direction, withoutNul(callerNumber), withoutNul(calledNumber)] as const;
  const added = yield* row(SQL.add, ...of, startedAt, endedAt, secondsOf(cdr) ?? null, cdrBody(cdr));
  if (added !== undefined) yield* append({ account }, [{ type: 'call.recorded', at: endedAt, account, cdr }]);
}

/** Call detail records in a table. */
export class TableHistory implements CallHistory {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async add(cdr: Cdr): Promise<void> {
    await this.#engine.write(() => add(cdr));
  }

  async list(query: CdrQuery): Promise<readonly Cdr[]> {
    return (await this.#engine.read(() => rows(...listing(query)))).map(cdrOf);
  }

  async cdr(account: AccountId, id: CallId): Promise<Cdr | undefined> {
    const found = await this.#engine.read(() => row(SQL.cdr, account, id));
    return found && cdrOf(found);
  }

  async secondsSince(account: AccountId, since: number): Promise<number> {
    return number((await this.#engine.read(() => row(SQL.seconds, account, since))) ?? {}, 'seconds');
  }
}
