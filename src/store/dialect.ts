/** The words in which the two databases differ. Everything else of a statement is the same text for both. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** A column of text, ordered by its bytes in UTF-8. */
  readonly text: string;
  /** A column of whole numbers up to 2^53. */
  readonly integer: string;
  /** A column of bytes. */
  readonly bytes: string;
  /** Ends the definition of a table that is kept in the order of its primary key. */
  readonly byKey: string;
  /** Ends a SELECT whose rows nobody else may change before this transaction ends. */
  readonly forUpdate: string;
  /** Keeps other processes from changing the schema until the transaction ends. */
  readonly lockSchema: string | undefined;
}

/** SQLite 3.46 and later. One writer at a time, so that nothing needs a lock of its own. */
export const sqlite: Dialect = {
  name: 'sqlite',
  text: 'TEXT',
  integer: 'INTEGER',
  bytes: 'BLOB',
  byKey: 'WITHOUT ROWID',
  forUpdate: '',
  lockSchema: undefined,
};

/** PostgreSQL 15 and later. The collation makes both databases sort alike, whatever the server's language is. */
export const postgres: Dialect = {
  name: 'postgres',
  text: 'TEXT COLLATE "C"',
  integer: 'BIGINT',
  bytes: 'BYTEA',
  byKey: '',
  forUpdate: ' FOR UPDATE',
  lockSchema: 'SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(5060506)',
};
