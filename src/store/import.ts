import { createHash } from 'node:crypto';
import { secretOf } from './accounts.ts';
import { catalogueOf, type Table } from './catalogue.ts';
import type { Progress } from './export.ts';
import { type Header, quoted, readHeader, readLine, readValues } from './export-file.ts';
import { applySteps, stepsDone } from './migrate.ts';
import type { Migration } from './migrations/all.ts';
import { badExport, notEmpty } from './refusals.ts';
import { number } from './rows.ts';
import type { Seal } from './sealing.ts';
import { PROBE } from './table-store.ts';
import { type Engine, row, run, script, type Value, type Work } from './work.ts';

/** Where an import comes from. */
export interface ImportOptions {
  /** The lines of the file, without their ends; called twice: all of it is checked before anything is touched. */
  readonly lines: () => Iterable<string>;
  /** Throws away what is there. Without it a database with anything in it is refused with conflict/database_not_empty. */
  readonly replace: boolean;
  /** The master key must be the one with which the file's secrets were sealed. */
  readonly seal: Seal;
  readonly progress?: (progress: Progress) => void;
}

/** What was imported. */
export interface Imported {
  readonly header: Header;
  readonly sha256: string;
}

/** Makes the database what the file says, in one transaction: all of it or nothing. A file of an older schema is brought up to date. */
export async function importTables(engine: Engine, steps: readonly Migration[], options: ImportOptions): Promise<Imported> {
  const { tables, ...imported } = await checkFile(steps, options);
  const before = await engine.read(() => stepsDone(engine.dialect, steps));
  const old = await catalogueOf(steps.slice(0, before));
  const { schema } = imported.header;
  await engine.write(function* () {
    yield* script(engine.dialect.lockSchema);
    if (!options.replace) yield* checkEmpty(old);
    for (const { name } of old.toReversed()) yield* script(`DROP TABLE ${quoted(name)}`);
    yield* script('DROP TABLE IF EXISTS migrations');
    yield* applySteps(engine.dialect, steps.slice(0, schema));
    yield* script(engine.dialect.deferKeys);
    for (const { name } of tables.toReversed()) yield* run(`DELETE FROM ${quoted(name)}`);
    yield* addRows(tables, imported.header, options);
    yield* script(engine.dialect.checkKeys);
    yield* applySteps(engine.dialect, steps);
  });
  return imported;
}

/** Rows that the steps of the schema make by themselves do not count, nor does the probe of the master key. */
function* checkEmpty(tables: readonly Table[]): Work<void> {
  for (const { name } of tables.filter(({ name }) => name !== 'journal_end')) {
    const others = name === 'secrets' ? ` WHERE name <> '${PROBE}'` : '';
    const found = number((yield* row(`SELECT count(*) AS n FROM ${quoted(name)}${others}`)) ?? {}, 'n');
    if (found > 0) throw notEmpty(name, found);
  }
}

function* addRows(tables: readonly Table[], { counts }: Header, { lines, progress }: ImportOptions): Work<void> {
  let [table, sql, done, at]: [Table | undefined, string, number, number] = [undefined, '', 0, 1];
  for (const source of after(lines(), 1)) {
    const line = readLine(source, ++at);
    if (line.says === 'table') {
      table = tables.find(({ name }) => name === line.name);
      [sql, done] = [table === undefined ? '' : insertInto(table), 0];
    } else if (line.says === 'row' && table !== undefined) {
      yield* run(sql, ...readValues(table, line.values, at));
      const total = counts[table.name] ?? 0;
      if (++done % 500 === 0 || done === total) progress?.({ table: table.name, done, total });
    }
  }
}

function* after<T>(all: Iterable<T>, count: number): Generator<T> {
  let at = 0;
  for (const each of all) if (at++ >= count) yield each;
}

function insertInto({ name, columns }: Table): string {
  const places = columns.map((_, index) => `?${index + 1}`).join(', ');
  return `INSERT INTO ${quoted(name)} (${columns.map((each) => quoted(each.name)).join(', ')}) VALUES (${places})`;
}

interface Checked extends Imported {
  readonly tables: readonly Table[];
}

/** Reads the whole file and refuses it with invalid/bad_export where it is cut, changed, or not ours. */
async function checkFile(steps: readonly Migration[], { lines, seal }: ImportOptions): Promise<Checked> {
  const source = lines()[Symbol.iterator]();
  const first = source.next();
  if (first.done) throw badExport(1, 'the file is empty');
  const header = readHeader(first.value);
  if (header.schema > steps.length) throw badExport(1, `it was written by a newer Parley (${header.parley})`);
  const tables = await catalogueOf(steps.slice(0, header.schema));
  const check = new FileCheck(tables, seal);
  check.take(first.value);
  for (let next = source.next(); !next.done; next = source.next()) check.line(next.value);
  return { header, tables, sha256: check.end(header) };
}

class FileCheck {
  readonly #tables: readonly Table[];
  readonly #seal: Seal;
  readonly #hash = createHash('sha256');
  readonly #counts = new Map<string, number>();
  #table: Table | undefined;
  #at = 0;
  #sha256: string | undefined;

  constructor(tables: readonly Table[], seal: Seal) {
    this.#tables = tables;
    this.#seal = seal;
  }

  /** Counts a line into the checksum. */
  take(source: string): void {
    this.#at++;
    this.#hash.update(`${source}\n`);
  }

  line(source: string): void {
    if (this.#sha256 !== undefined) throw badExport(this.#at + 1, 'something follows the end');
    const line = readLine(source, this.#at + 1);
    if (line.says === 'end') {
      this.#sha256 = line.sha256;
      return;
    }
    this.take(source);
    if (line.says === 'table') this.#begin(line.name, line.columns);
    else this.#row(line.values);
  }

  /** The checksum, once everything is as the header and the last line say. */
  end({ counts }: Header): string {
    const sha256 = this.#hash.digest('hex');
    if (this.#sha256 === undefined) throw badExport(this.#at, 'the file is cut: it has no checksum');
    if (this.#sha256 !== sha256) throw badExport(this.#at + 1, 'the checksum is another one: the file was changed or damaged');
    for (const { name } of this.#tables) {
      const found = this.#counts.get(name);
      if (found !== counts[name]) throw badExport(1, `${name} should have ${counts[name]} rows and has ${found}`);
    }
    return sha256;
  }

  #begin(name: string, columns: readonly string[]): void {
    this.#table = this.#tables.find((each) => each.name === name);
    if (this.#table === undefined) throw badExport(this.#at, `there is no table ${name}`);
    const ours = this.#table.columns.map((each) => each.name);
    if (ours.join() !== columns.join()) throw badExport(this.#at, `the columns of ${name} are others: ${columns.join(', ')}`);
    this.#counts.set(name, 0);
  }

  #row(given: readonly unknown[]): void {
    if (this.#table === undefined) throw badExport(this.#at, 'a row stands before any table');
    const { name } = this.#table;
    const values = readValues(this.#table, given, this.#at);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    if (name === 'secrets') this.#tryKey(values);
  }

  #tryKey([name, sealed]: readonly Value[]): void {
    if (name === PROBE && sealed instanceof Uint8Array) this.#seal.open(sealed, secretOf(PROBE));
  }
}
