import type { AccountId } from '../accounts/index.ts';
import type { Json } from '../base/index.ts';
import type { CallId, CallRecord, CallRecords, ConferenceId } from '../conference/index.ts';
import { bytes, text } from './rows.ts';
import type { Seal } from './sealing.ts';
import { type Engine, type Row, rows, run } from './work.ts';

const cell = (column: string, row: string) => ({ table: 'calls', column, row });

const SQL = {
  put: `INSERT INTO calls (id, account, conference, dialog_sealed, leg_sealed) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (id) DO UPDATE SET account = excluded.account, conference = excluded.conference,
      dialog_sealed = excluded.dialog_sealed, leg_sealed = excluded.leg_sealed`,
  remove: 'DELETE FROM calls WHERE id = ?1',
  all: 'SELECT * FROM calls ORDER BY id',
} as const;

/** Calls in a table; dialog and leg are sealed, because media keys and digest nonces are in them. */
export class TableCalls implements CallRecords {
  readonly #engine: Engine;
  readonly #seal: Seal;

  constructor(engine: Engine, seal: Seal) {
    this.#engine = engine;
    this.#seal = seal;
  }

  async put({ id, account, conference, dialog, leg }: CallRecord): Promise<void> {
    const sealed = (column: string, value: Json): Uint8Array => this.#seal.seal(JSON.stringify(value), cell(column, id));
    const values = [id, account, conference, sealed('dialog', dialog), sealed('leg', leg)] as const;
    await this.#engine.write(() => run(SQL.put, ...values));
  }

  async remove(id: CallId): Promise<void> {
    await this.#engine.write(() => run(SQL.remove, id));
  }

  async all(): Promise<readonly CallRecord[]> {
    return (await this.#engine.read(() => rows(SQL.all))).map((each) => this.#recordOf(each));
  }

  #recordOf(row: Row): CallRecord {
    const id = text(row, 'id');
    const opened = (column: string): Json => JSON.parse(this.#seal.open(bytes(row, `${column}_sealed`), cell(column, id))) as Json;
    return {
      id: id as CallId,
      account: text(row, 'account') as AccountId,
      conference: text(row, 'conference') as ConferenceId,
      dialog: opened('dialog'),
      leg: opened('leg'),
    };
  }
}
