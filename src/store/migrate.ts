import { Failure, type Log } from '../base/index.ts';
import type { Migration } from './migrations/all.ts';
import { number } from './rows.ts';
import { type Engine, row, run, script, type Work } from './work.ts';

const NOTES = 'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)';
const DONE = 'SELECT coalesce(max(number), 0) AS number FROM migrations';
const NOTE = 'INSERT INTO migrations (number, name) VALUES (?1, ?2)';

/** A step of the schema that was applied or is due. */
export interface Step {
  /** From 1. */
  readonly number: number;
  readonly name: string;
}

/** Brings the schema up to date, each step in a transaction of its own with its entry in `migrations`; says which were applied. */
export async function migrate(engine: Engine, migrations: readonly Migration[], log: Log): Promise<readonly Step[]> {
  const applied: Step[] = [];
  for (;;) {
    const step = await engine.write(() => nextStep(engine, migrations));
    if (step === undefined) return applied;
    applied.push(step);
    log.info('schema step applied', { number: step.number, step: step.name });
  }
}

function* nextStep({ dialect }: Engine, migrations: readonly Migration[]): Work<Step | undefined> {
  if (dialect.lockSchema !== undefined) yield* script(dialect.lockSchema);
  yield* script(NOTES);
  const done = yield* appliedSteps(migrations);
  const migration = migrations[done];
  if (migration === undefined) return undefined;
  yield* script(migration.sql(dialect));
  yield* run(NOTE, done + 1, migration.name);
  return { number: done + 1, name: migration.name };
}

function* appliedSteps(migrations: readonly Migration[]): Work<number> {
  const done = number((yield* row(DONE)) ?? {}, 'number');
  if (done <= migrations.length) return done;
  throw new Failure(
    'unavailable',
    'database_newer',
    `the database was written by a newer Parley (schema ${done}, this one knows ${migrations.length}): start that version, or restore an older copy`,
  );
}
