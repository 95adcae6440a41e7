import { Failure, type Log } from '../base/index.ts';
import type { Database } from './database.ts';
import type { Migration } from './migrations/all.ts';

/** Brings the schema up to date, each step in a transaction of its own with its entry in `migrations`. */
export function migrate(database: Database, migrations: readonly Migration[], log: Log): void {
  database.run('CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  const done = Number(database.prepare('SELECT coalesce(max(number), 0) AS number FROM migrations').get()?.number);
  if (done > migrations.length) {
    throw new Failure(
      'unavailable',
      'database_newer',
      `the database was written by a newer Parley (schema ${done}, this one knows ${migrations.length}): start that version, or restore an older copy`,
    );
  }
  const note = database.prepare('INSERT INTO migrations (number, name) VALUES (?, ?)');
  for (const [index, { name, sql }] of migrations.entries()) {
    if (index < done) continue;
    database.transaction(() => {
      database.run(sql);
      note.run(index + 1, name);
    });
    log.info('schema step applied', { number: index + 1, step: name });
  }
}
