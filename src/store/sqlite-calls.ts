import type { StatementSync } from 'node:sqlite';
import type { AccountId } from '../accounts/index.ts';
import type { Json } from '../base/index.ts';
import type { CallId, CallRecord, CallRecords, ConferenceId } from '../conference/index.ts';
import type { Database, Row } from './database.ts';
import { bytes, text } from './rows.ts';
import type { Seal } from './sealing.ts';

const cell = (column: string, row: string) => ({ table: 'calls', column, row });

/** Calls in SQLite; dialog and leg are sealed, because media keys and digest nonces are in them. */
export class SqliteCalls implements CallRecords {
  readonly #database: Database;
  readonly #seal: Seal;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;

  constructor(database: Database, seal: Seal) {
    this.#database = database;
    this.#seal = seal;
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO calls (id, account, conference, dialog_sealed, leg_sealed) VALUES (?, ?, ?, ?, ?)',
    );
    this.#remove = database.prepare('DELETE FROM calls WHERE id = ?');
    this.#all = database.prepare('SELECT * FROM calls ORDER BY id');
  }

  async put({ id, account, conference, dialog, leg }: CallRecord): Promise<void> {
    const sealed = (column: string, value: Json): Uint8Array => this.#seal.seal(JSON.stringify(value), cell(column, id));
    await this.#database.write(() => this.#put.run(id, account, conference, sealed('dialog', dialog), sealed('leg', leg)));
  }

  async remove(id: CallId): Promise<void> {
    await this.#database.write(() => this.#remove.run(id));
  }

  async all(): Promise<readonly CallRecord[]> {
    return this.#database.use(() => this.#all.all()).map((row) => this.#recordOf(row));
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
