import { type ClientBase, type QueryConfig, type QueryResult, types } from 'pg';
import { ofTheWire } from './postgres-errors.ts';
import type { Row, Statement, Work } from './work.ts';

/** How long an answer may take before the connection counts as lost, ms. Steps of the schema and imports may take long. */
const ANSWER = 10_000;
const LONG_ANSWER = 3_600_000;

/** How many statements that answer nothing may be on their way. */
const AHEAD = 64;

const INT8 = 20;
const NUMERIC = 1700;

/** Whole numbers come as texts because they might not fit; ours do (`Value`), and so do their sums. */
export const columnTypes = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 || oid === NUMERIC ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Our texts in PostgreSQL's form, under one name in every connection. */
const prepared = new Map<string, Prepared>();

function preparedOf(sql: string): Prepared {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const made = { name: `parley_${prepared.size}`, text: sql.replaceAll(/\?(\d+)/g, '$$$1') };
  prepared.set(sql, made);
  return made;
}

/** `query_timeout` is known to `pg` but not to its types. */
interface Query extends QueryConfig {
  readonly query_timeout: number;
}

async function query(client: ClientBase, config: Query): Promise<QueryResult<Row>> {
  try {
    return await client.query(config);
  } catch (error) {
    throw ofTheWire(error);
  }
}

/** Sends one statement. */
export async function ask(client: ClientBase, { sql, values, gives }: Statement): Promise<readonly Row[]> {
  if (gives === 'script') {
    await query(client, { text: sql, query_timeout: LONG_ANSWER });
    return [];
  }
  return (await query(client, { ...preparedOf(sql), values: [...values], query_timeout: ANSWER })).rows;
}

/** Sends a command of the session and gives the tag of what was done, `COMMIT` say. */
export async function tell(client: ClientBase, text: string): Promise<string> {
  return (await query(client, { text, query_timeout: ANSWER })).command;
}

/**
 * Runs a work to its end; a statement that fails ends it. Whatever answers nothing is not waited for: on a connection in pipeline mode it travels with the
 * next question, and when it has failed so does everything behind it in the same transaction.
 */
export async function drive<T>(client: ClientBase, work: Work<T>): Promise<T> {
  const onTheirWay: Promise<unknown>[] = [];
  const arrived = () => Promise.all(onTheirWay.splice(0));
  let step = work.next();
  while (!step.done) {
    const answer = ask(client, step.value);
    // Whoever waits for it hears of its failure; nobody may be waiting when one before it has failed.
    answer.catch(() => {});
    if (step.value.gives === 'nothing') {
      onTheirWay.push(answer);
      if (onTheirWay.length >= AHEAD) await arrived();
      step = work.next([]);
    } else {
      await arrived();
      step = work.next(await answer);
    }
  }
  await arrived();
  return step.value;
}
