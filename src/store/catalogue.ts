import { noLog } from '../base/index.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations/all.ts';
import { number, text } from './rows.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { rows, type Work } from './work.ts';

/** What a column holds. */
export type Kind = 'text' | 'integer' | 'bytes';

const KINDS: Readonly<Record<string, Kind>> = { TEXT: 'text', INTEGER: 'integer', BLOB: 'bytes' };

/** A table as the steps of the schema make it, in either database. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly kind: Kind }[];
  /** The columns of the primary key; all of them where there is none. */
  readonly key: readonly string[];
}

const TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_sequence') ORDER BY rowid";
const COLUMNS = 'SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY cid';

/**
 * Every table after these steps, in the order in which they were made, so that none refers to a later one. It is read from an empty database in memory to
 * which the steps are applied: a new table needs no entry anywhere.
 */
export async function catalogueOf(steps: readonly Migration[]): Promise<readonly Table[]> {
  const engine = new SqliteEngine(':memory:');
  try {
    await migrate(engine, steps, noLog);
    return await engine.read(allTables);
  } finally {
    await engine.close();
  }
}

function* allTables(): Work<readonly Table[]> {
  const tables: Table[] = [];
  for (const each of yield* rows(TABLES)) tables.push(yield* tableOf(text(each, 'name')));
  return tables;
}

function* tableOf(name: string): Work<Table> {
  const found = yield* rows(COLUMNS, name);
  const columns = found.map((each) => ({ name: text(each, 'name'), kind: kindOf(name, text(each, 'type')) }));
  const inKey = found.filter((each) => number(each, 'pk') > 0).sort((a, b) => number(a, 'pk') - number(b, 'pk'));
  return { name, columns, key: (inKey.length > 0 ? inKey : found).map((each) => text(each, 'name')) };
}

function kindOf(table: string, type: string): Kind {
  const kind = KINDS[type];
  if (kind === undefined) throw new TypeError(`table ${table} has a column of the type ${type}, which is not one of the Dialect`);
  return kind;
}
