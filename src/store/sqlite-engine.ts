import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Failure } from '../base/index.ts';
import { sqlite } from './dialect.ts';
import { closed } from './refusals.ts';
import type { Engine, Read, Row, Statement, Work } from './work.ts';

/** How long a statement waits for another process' lock, ms. */
const PATIENCE = 2000;

/** Result codes that mean the machine refuses, not that we erred: busy, locked, out of memory, read-only, I/O, corrupt, full, cannot open, not a database. */
const OUTAGES = new Set([5, 6, 7, 8, 10, 11, 13, 14, 26]);

const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;

const asFailure = (error: unknown): unknown => {
  const code = resultCode(error);
  if (code === undefined || !OUTAGES.has(code)) return error;
  return new Failure('unavailable', 'store_unavailable', 'the database cannot be used', { cause: error });
};

/** More answers than this are not remembered, and none of more rows or that is longer: what is remembered stays below 25 MB. */
const MOST_READ = 200;
const MOST_ROWS = 20;
const LONGEST = 128_000;

const lengthOf = (rows: readonly Row[]): number => {
  const values: readonly unknown[] = rows.flatMap((row) => Object.values(row));
  return values.reduce<number>((sum, each) => sum + (typeof each === 'string' || each instanceof Uint8Array ? each.length : 8), 0);
};

/** Who waits for the next commit. */
interface Waiting {
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A connection whose statements are prepared once, found again by their text. */
class Connection {
  readonly sqlite: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  /** What was read since anybody wrote last, by statement and values. Undefined: nothing is remembered. */
  readonly #read: Map<string, readonly Row[]> | undefined;
  #version: unknown;

  constructor(path: string, readOnly: boolean, { remembers = false } = {}) {
    this.#read = remembers ? new Map() : undefined;
    this.sqlite = new DatabaseSync(path, { timeout: PATIENCE, enableForeignKeyConstraints: true, readOnly });
  }

  /** Runs a work to its end. A statement that fails ends it. */
  drive<T>(work: Work<T>): T {
    let step = work.next();
    while (!step.done) step = work.next(this.#read === undefined ? this.#rowsOf(step.value) : this.#remembered(this.#read, step.value));
    return step.value;
  }

  /** SQLite tells for less than a read costs whether another connection has committed anything since it was asked last. */
  forgetOld(): void {
    if (this.#read === undefined) return;
    const version = this.#statement('PRAGMA data_version').get()?.['data_version'];
    if (version !== this.#version || this.#read.size > MOST_READ) this.#read.clear();
    this.#version = version;
  }

  /** The same is asked for again and again, the account by every request: single rows, and lists that are short. */
  #remembered(read: Map<string, readonly Row[]>, statement: Statement): readonly Row[] {
    if (statement.gives !== 'first' && statement.gives !== 'all') return this.#rowsOf(statement);
    const key = JSON.stringify([statement.sql, ...statement.values]);
    const known = read.get(key);
    if (known !== undefined) return known;
    const fresh = this.#rowsOf(statement);
    if (fresh.length <= MOST_ROWS && lengthOf(fresh) <= LONGEST) read.set(key, fresh);
    return fresh;
  }

  /** One statement that gives nothing. */
  say(sql: string): void {
    this.#statement(sql).run();
  }

  #rowsOf({ sql, values, gives }: Statement): readonly Row[] {
    if (gives === 'script') {
      this.sqlite.exec(sql);
      return [];
    }
    const statement = this.#statement(sql);
    if (gives === 'all') return statement.all(...values);
    if (gives === 'nothing') {
      statement.run(...values);
      return [];
    }
    const first = statement.get(...values);
    return first === undefined ? [] : [first];
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const prepared = this.sqlite.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}

/**
 * One SQLite file in WAL mode with full synchronisation: what a transaction has committed survives a power cut.
 *
 * Writes of the same moment share one transaction, because waiting for the disk costs a hundred times what a row costs: each is undone by itself when it
 * fails, and each is told that it is done only when all of them are on the disk. Reads have a connection of their own and see what was committed.
 */
export class SqliteEngine implements Engine {
  readonly dialect = sqlite;
  readonly #path: string;
  readonly #writer: Connection;
  /** Undefined for a database in memory, which a second connection cannot see. */
  readonly #reader: Connection | undefined;
  readonly #soon: (commit: () => void) => void;
  readonly #waiting: Waiting[] = [];
  #hasLooked = false;
  #open = true;

  /** `path` may be `:memory:`. The file is made readable by its owner only. `soon`: when the writes of a moment are committed. Default: each at once. */
  constructor(path: string, soon: (commit: () => void) => void = (commit) => commit()) {
    this.#path = path;
    this.#soon = soon;
    const inMemory = path === ':memory:';
    try {
      if (!inMemory) {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        closeSync(openSync(path, 'a', 0o600));
      }
      this.#writer = new Connection(path, false);
      // What is deleted within a page is overwritten there: it costs nothing, and erasing means it.
      for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'secure_delete = FAST'])
        this.#writer.sqlite.exec(`PRAGMA ${pragma}`);
      this.#reader = inMemory ? undefined : new Connection(path, true, { remembers: true });
    } catch (cause) {
      throw new Failure('unavailable', 'store_unavailable', `the database ${path} cannot be opened`, { cause });
    }
  }

  async read<T>(work: () => Work<T>): Promise<T> {
    // In memory a commit costs nothing.
    if (this.#reader === undefined) this.#commit();
    return this.#use(() => {
      this.#look();
      return (this.#reader ?? this.#writer).drive(work());
    });
  }

  async snapshot<T>(body: (read: Read) => Promise<T>): Promise<T> {
    if (this.#path === ':memory:') return body((work) => this.read(work));
    const connection = this.#use(() => new Connection(this.#path, true));
    try {
      connection.sqlite.exec('BEGIN');
      return await body(async (work) => this.#use(() => connection.drive(work())));
    } finally {
      connection.sqlite.close();
    }
  }

  write<T>(work: () => Work<T>): Promise<T> {
    let result: T;
    try {
      result = this.#use(() => this.#attempt(work));
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

  turn(): Promise<void> {
    return new Promise((resolve) => this.#soon(resolve));
  }

  async wipe(): Promise<void> {
    this.#commit();
    // The log still has pages as they were.
    this.#use(() => this.#writer.sqlite.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#commit();
    this.#open = false;
    this.#reader?.sqlite.close();
    this.#writer.sqlite.close();
  }

  /** Once in a moment, and after every commit: whether what was read before is still so. */
  #look(): void {
    if (this.#hasLooked || this.#reader === undefined) return;
    this.#reader.forgetOld();
    this.#hasLooked = true;
    this.#soon(() => {
      this.#hasLooked = false;
    });
  }

  /** Everything that touches the file goes through here: refuses after `close`, names outages. */
  #use<T>(work: () => T): T {
    if (!this.#open) throw closed();
    try {
      return work();
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** One write among those of this moment. */
  #attempt<T>(work: () => Work<T>): T {
    const { sqlite: writer } = this.#writer;
    if (!writer.isTransaction) this.#writer.say('BEGIN IMMEDIATE');
    this.#writer.say('SAVEPOINT one');
    try {
      const result = this.#writer.drive(work());
      this.#writer.say('RELEASE one');
      return result;
    } catch (error) {
      // After some errors, such as a full disk, SQLite has rolled back by itself.
      if (writer.isTransaction) writer.exec('ROLLBACK TO one; RELEASE one');
      if (this.#waiting.length === 0 && writer.isTransaction) writer.exec('ROLLBACK');
      throw error;
    }
  }

  #commit(): void {
    if (this.#waiting.length === 0) return;
    const { sqlite: writer } = this.#writer;
    try {
      this.#use(() => this.#writer.say('COMMIT'));
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK');
      for (const { failed } of this.#waiting.splice(0)) failed(error);
      return;
    }
    this.#hasLooked = false;
    for (const { done } of this.#waiting.splice(0)) done();
  }

  /** A write that made SQLite roll back took the others of its moment with it. */
  #failIfLost(error: unknown): void {
    if (this.#waiting.length === 0 || this.#writer.sqlite.isTransaction) return;
    for (const { failed } of this.#waiting.splice(0)) failed(error);
  }
}
