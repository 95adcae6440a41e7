import { Failure, type Log } from '../base/index.ts';
import type { Dialect } from './dialect.ts';
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
export async function migrate(engine: Engine, steps: readonly Migration[], log: Log): Promise<readonly Step[]> {
  const applied: Step[] = [];
  for (;;) {
    const step = await engine.write(() => lockedStep(engine.dialect, steps));
    if (step === undefined) return applied;
    applied.push(step);
    // A new database is made by the same steps; only a change of one that people rely on is news.
    const isNew = applied[0]?.number === 1;
    log[isNew ? 'debug' : 'info']('schema step applied', { number: step.number, step: step.name });
  }
}

/** The steps that are not applied yet. Changes nothing. */
export async function dueSteps(engine: Engine, steps: readonly Migration[]): Promise<readonly Step[]> {
  const done = await engine.read(() => stepsDone(engine.dialect, steps));
  return steps.map(({ name }, index) => ({ number: index + 1, name })).slice(done);
}

/** How many steps are applied; 0 in an empty database. Refuses a database that knows more than we do. */
export function* stepsDone({ hasTable }: Dialect, steps: readonly Migration[]): Work<number> {
  return (yield* row(hasTable, 'migrations')) === undefined ? 0 : yield* notedSteps(steps);
}

/** All steps that are due, in the transaction of the caller, who has the schema for himself. */
export function* applySteps(dialect: Dialect, steps: readonly Migration[]): Work<void> {
  while ((yield* nextStep(dialect, steps)) !== undefined);
}

function* lockedStep(dialect: Dialect, steps: readonly Migration[]): Work<Step | undefined> {
  yield* script(dialect.lockSchema);
  return yield* nextStep(dialect, steps);
}

function* nextStep(dialect: Dialect, steps: readonly Migration[]): Work<Step | undefined> {
  yield* script(NOTES);
  const done = yield* notedSteps(steps);
  const migration = steps[done];
  if (migration === undefined) return undefined;
  yield* script(migration.sql(dialect));
  yield* run(NOTE, done + 1, migration.name);
  return { number: done + 1, name: migration.name };
}

function* notedSteps(steps: readonly Migration[]): Work<number> {
  const done = number((yield* row(DONE)) ?? {}, 'number');
  if (done <= steps.length) return done;
  throw new Failure(
    'unavailable',
    'database_newer',
    `the database was written by a newer Parley (schema ${done}, this one knows ${steps.length}): start that version, or restore an older copy`,
  );
}
