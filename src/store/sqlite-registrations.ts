import type { StatementSync } from 'node:sqlite';
import type { AccountId, DeviceId, Registration, Registrations } from '../accounts/index.ts';
import type { Database, Row } from './database.ts';
import { number, optional, text } from './rows.ts';

function registrationOf(row: Row): Registration {
  const instance = optional(row, 'instance', text);
  const path = optional(row, 'path', text);
  return {
    account: text(row, 'account') as AccountId,
    device: text(row, 'device') as DeviceId,
    aor: text(row, 'aor'),
    contact: text(row, 'contact'),
    callId: text(row, 'call_id'),
    cseq: number(row, 'cseq'),
    expiresAt: number(row, 'expires_at'),
    source: text(row, 'source'),
    ...(instance === undefined ? {} : { instance }),
    ...(path === undefined ? {} : { path }),
  };
}

/** Registrations in SQLite. */
export class SqliteRegistrations implements Registrations {
  readonly #database: Database;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#put = database.prepare(`INSERT OR REPLACE INTO registrations
      (account, aor, contact, device, call_id, cseq, expires_at, source, instance, path) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#remove = database.prepare('DELETE FROM registrations WHERE account = ? AND aor = ? AND contact = ?');
    this.#all = database.prepare('SELECT * FROM registrations ORDER BY account, aor, contact');
  }

  async put({ account, aor, contact, device, callId, cseq, expiresAt, source, instance, path }: Registration): Promise<void> {
    await this.#database.write(() =>
      this.#put.run(account, aor, contact, device, callId, cseq, expiresAt, source, instance ?? null, path ?? null),
    );
  }

  async remove({ account, aor, contact }: Pick<Registration, 'account' | 'aor' | 'contact'>): Promise<void> {
    await this.#database.write(() => this.#remove.run(account, aor, contact));
  }

  async all(): Promise<readonly Registration[]> {
    return this.#database.use(() => this.#all.all()).map(registrationOf);
  }
}
