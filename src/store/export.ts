import { createHash } from 'node:crypto';
import { catalogueOf, type Table } from './catalogue.ts';
import { FORMAT, type Header, quoted, written } from './export-file.ts';
import { stepsDone } from './migrate.ts';
import type { Migration } from './migrations/all.ts';
import { noDatabase } from './refusals.ts';
import { number } from './rows.ts';
import { type Engine, type Read, type Row, row, rows, type Value } from './work.ts';

/** Rows that are read at once. */
const PAGE = 500;

/** How far a long work has come. */
export interface Progress {
  readonly table: string;
  readonly done: number;
  readonly total: number;
}

/** Where an export goes. */
export interface ExportOptions {
  /** The version that is written down. */
  readonly version: string;
  /** Takes some lines, each with its end. */
  readonly write: (lines: string) => void;
  /** Told after each page of rows. */
  readonly progress?: (progress: Progress) => void;
}

/** What was exported. */
export interface Exported {
  readonly counts: Header['counts'];
  /** 64 hex digits, as in the last line. The same content has the same checksum in either database. */
  readonly sha256: string;
}

/** Writes every row of every table as it is at one moment, in the order of the primary keys; secrets stay sealed. */
export async function exportTables(engine: Engine, steps: readonly Migration[], options: ExportOptions): Promise<Exported> {
  return engine.snapshot(async (read) => {
    const schema = await read(() => stepsDone(engine.dialect, steps));
    if (schema === 0) throw noDatabase();
    const tables = await catalogueOf(steps.slice(0, schema));
    const counts = await countsOf(read, tables);
    const hash = createHash('sha256');
    const write = (...lines: readonly object[]): void => {
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      hash.update(text);
      options.write(text);
    };
    write({ format: FORMAT, parley: options.version, schema, counts } satisfies Header);
    for (const table of tables) {
      write({ table: table.name, columns: table.columns.map(({ name }) => name) });
      let done = 0;
      for await (const page of pagesOf(read, table)) {
        done += page.length;
        write(...page.map((each) => written(table, each)));
        options.progress?.({ table: table.name, done, total: counts[table.name] ?? 0 });
      }
    }
    const sha256 = hash.digest('hex');
    options.write(`${JSON.stringify({ sha256 })}\n`);
    return { counts, sha256 };
  });
}

/** How many rows each table has. */
export async function countsOf(read: Read, tables: readonly Table[]): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    counts[name] = number((await read(() => row(`SELECT count(*) AS n FROM ${quoted(name)}`))) ?? {}, 'n');
  }
  return counts;
}

/** Pages of a table by its key: each begins behind the last row of the one before. */
async function* pagesOf(read: Read, { name, key }: Table): AsyncGenerator<readonly Row[]> {
  const columns = key.map(quoted).join(', ');
  const places = key.map((_, index) => `?${index + 1}`).join(', ');
  const [from, order] = [`SELECT * FROM ${quoted(name)}`, `ORDER BY ${columns} LIMIT ${PAGE}`];
  let page = await read(() => rows(`${from} ${order}`));
  while (page.length > 0) {
    yield page;
    const last = page.at(-1) as Row;
    const values = key.map((each) => last[each] as Value);
    if (page.length < PAGE) return;
    page = await read(() => rows(`${from} WHERE (${columns}) > (${places}) ${order}`, ...values));
  }
}
