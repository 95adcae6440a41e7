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
  readonly lockSchema: string;
  /** Foreign keys that may be deferred are checked at `checkKeys` or at the end of the transaction. */
  readonly deferKeys: string;
  readonly checkKeys: string;
  /** Gives a row when there is a table of the name `?1`. */
  readonly hasTable: string;
  /** Gives a row when a server, other than whoever asks, runs on this database. */
  readonly othersHere: string;
}

/** SQLite 3.46 and later. One writer at a time, so that nothing needs a lock of its own. */
export const sqlite: Dialect = {
  name: 'sqlite',
  text: 'TEXT',
  integer: 'INTEGER',
  bytes: 'BLOB',
  byKey: 'WITHOUT ROWID',
  forUpdate: '',
  lockSchema: '',
  deferKeys: 'PRAGMA defer_foreign_keys = ON',
  checkKeys: '',
  hasTable: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = ?1",
  // The lock of the data directory tells.
  othersHere: 'SELECT 1 WHERE false',
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
  deferKeys: 'SET CONSTRAINTS ALL DEFERRED',
  checkKeys: 'SET CONSTRAINTS ALL IMMEDIATE',
  hasTable: 'SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?1',
  othersHere:
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley' AND pid <> pg_backend_pid() LIMIT 1",
};
