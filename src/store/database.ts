import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { Failure } from '../base/index.ts';
import { closed } from './refusals.ts';

/** One row as SQLite gives it. */
export type Row = Record<string, SQLOutputValue>;

/** How long a statement waits for another process' lock, ms. */
const PATIENCE = 2000;

/** Result codes that mean the machine refuses, not that we erred: busy, locked, out of memory, read-only, I/O, corrupt, full, cannot open, not a database. */
const OUTAGES = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26]);

const SQLITE_CONSTRAINT = 19;

const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

/** Tells whether SQLite refused because of a constraint of the schema, and says which in its message. */
export const constraintOf = (error: unknown): string | undefined =>
  error instanceof Error && resultCode(error) === SQLITE_CONSTRAINT ? error.message : undefined;

const asFailure = (error: unknown): unknown => {
  const code = resultCode(error);
  if (code === undefined || !OUTAGES.has(code)) return error;
  return new Failure('unavailable', 'store_unavailable', 'the database cannot be used', { cause: error });
};

/** Who waits for the next commit. */
interface Waiting {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One SQLite file in WAL mode with full synchronisation: what a transaction has committed survives a power cut.
 *
 * Writes of the same moment share one transaction, because waiting for the disk costs a hundred times what a row costs: each is undone by itself when it
 * fails, and each is told that it is done only when all of them are on the disk. Reads see at once what was written.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #soon: (commit: () => void) => void;
  readonly #waiting: Waiting[] = [];
  #open = true;

  /** `path` may be `:memory:`. The file is made readable by its owner only. `soon`: when the writes of a moment are committed. Default: each at once. */
  constructor(path: string, soon: (commit: () => void) => void = (commit) => commit()) {
    this.#soon = soon;
    try {
      if (path !== ':memory:') {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        closeSync(openSync(path, 'a', 0o600));
      }
      this.#sqlite = new DatabaseSync(path, { timeout: PATIENCE, enableForeignKeyConstraints: true });
      for (const pragma of ['journal_mode = WAL', 'synchronous = FULL']) this.#sqlite.exec(`PRAGMA ${pragma}`);
    } catch (cause) {
      throw new Failure('unavailable', 'store_unavailable', `the database ${path} cannot be opened`, { cause });
    }
  }

  /** Runs statements that answer nothing. */
  run(sql: string): void {
    this.use(() => this.#sqlite.exec(sql));
  }

  prepare(sql: string): StatementSync {
    return this.use(() => this.#sqlite.prepare(sql));
  }

  /** Everything that touches the file goes through here: refuses after `close`, names outages. */
  use<T>(work: () => T): T {
    if (!this.#open) throw closed();
    try {
      return work();
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** Writes: all of `work` or nothing of it. Resolves when it survives a power cut. */
  write<T>(work: () => T): Promise<T> {
    let result: T;
    try {
      result = this.use(() => this.#attempt(work));
    } catch (error) {
      this.#failIfLost(error);
      return Promise.reject(error);
    }
    const done = new Promise<T>((resolve, reject) => {
      this.#waiting.push({ done: () => resolve(result), failed: reject });
    });
    if (this.#waiting.length === 1) this.#soon(() => this.#commit());
    return done;
  }

  /** All of `work` or nothing of it, on the disk when this returns. */
  transaction<T>(work: () => T): T {
    this.#commit();
    return this.use(() => {
      this.#sqlite.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#sqlite.exec('COMMIT');
        return result;
      } catch (error) {
        // After some errors, such as a full disk, SQLite has rolled back by itself.
        if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Writes that were not committed yet are. Harmless when closed already. */
  close(): void {
    if (!this.#open) return;
    this.#commit();
    this.#open = false;
    this.#sqlite.close();
  }

  /** One write among those of this moment. */
  #attempt<T>(work: () => T): T {
    if (!this.#sqlite.isTransaction) this.#sqlite.exec('BEGIN IMMEDIATE');
    this.#sqlite.exec('SAVEPOINT one');
    try {
      const result = work();
      this.#sqlite.exec('RELEASE one');
      return result;
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK TO one; RELEASE one');
      if (this.#waiting.length === 0 && this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  #commit(): void {
    if (this.#waiting.length === 0) return;
    try {
      this.use(() => this.#sqlite.exec('COMMIT'));
    } catch (error) {
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      for (const { failed } of this.#waiting.splice(0)) failed(error);
      return;
    }
    for (const { done } of this.#waiting.splice(0)) done();
  }

  /** After some errors, such as a full disk, SQLite has rolled back everything by itself. */
  #failIfLost(error: unknown): void {
    if (this.#waiting.length === 0 || this.#sqlite.isTransaction) return;
    for (const { failed } of this.#waiting.splice(0)) failed(error);
  }
}
