import type { Dialect } from './dialect.ts';

/** What a parameter may be. Numbers are whole: fractions, lists and objects are kept as JSON text. */
export type Value = string | number | Uint8Array | null;

/** One row as a database gives it; `rows.ts` reads its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** One question to the database. Parameters are written `?1`, `?2` … in both databases. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
  /** What comes back: every row, at most the first, or none; `script`: none, and `sql` may be several statements without parameters. */
  readonly gives: 'all' | 'first' | 'nothing' | 'script';
}

/**
 * What a store does, as a generator: it yields statements and gets their rows. SQLite drives it synchronously, PostgreSQL with `await`; the text is the same.
 * It touches nothing but the database, because it may be run twice, and it cannot catch what a statement fails with: it looks first and refuses by itself.
 */
export type Work<T> = Generator<Statement, T, readonly Row[]>;

/** Every row. */
export function* rows(sql: string, ...values: readonly Value[]): Work<readonly Row[]> {
  return yield { sql, values, gives: 'all' };
}

/** The first row, or undefined when there is none. */
export function* row(sql: string, ...values: readonly Value[]): Work<Row | undefined> {
  return (yield { sql, values, gives: 'first' })[0];
}

/** A statement that answers nothing. */
export function* run(sql: string, ...values: readonly Value[]): Work<void> {
  yield { sql, values, gives: 'nothing' };
}

/** Statements without parameters, divided by `;`. */
export function* script(sql: string): Work<void> {
  yield { sql, values: [], gives: 'script' };
}

/** Runs a work that only reads. */
export type Read = <T>(work: () => Work<T>) => Promise<T>;

/** Where works are done: one database. */
export interface Engine {
  readonly dialect: Dialect;
  /** Sees only what survives a power cut. */
  read<T>(work: () => Work<T>): Promise<T>;
  /** All reads of `body` see the same state, whatever is written meanwhile. */
  snapshot<T>(body: (read: Read) => Promise<T>): Promise<T>;
  /** All of it or nothing. Resolves when it survives a power cut. */
  write<T>(work: () => Work<T>): Promise<T>;
  /** Resolves when whatever else the process has to do had its turn; absent: reads give it away by themselves. */
  turn?(): Promise<void>;
  /** Takes what was overwritten out of the files too, where the database does not do so by itself in time. */
  wipe?(): Promise<void>;
  /** Writes that were not committed yet are. Harmless when closed already; everything afterwards is refused with unavailable/closed. */
  close(): Promise<void>;
}
