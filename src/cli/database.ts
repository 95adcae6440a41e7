import { parseArgs } from 'node:util';
import { type Config, dueSteps, exportFile, importFile, migrateSchema, type Progress, placeOf } from '../app/index.ts';
import { Failure } from '../base/index.ts';

/** What `parley migrate --help` prints. */
export const migrateHelp = `Brings the schema of the database up to date. The server does the same when it starts; this is for those who want to see it first.

Usage: parley migrate [--check]

  --check   only say which steps are due, and change nothing; the exit code is 1 when some are

Which database: store.url (PARLEY_STORE_URL), else the file parley.db in the data directory.
`;

/** What `parley export --help` prints. */
export const exportHelp = `Writes everything into one file: accounts, conferences with all their facts, calls, call records, webhooks, cursors, secrets.

Usage: parley export [--force] FILE

  --force   replace FILE when it is there

The server may run meanwhile: the file is one moment of its life. Secrets stay sealed with the master key, so keep that key apart from the file.
The same content gives the same checksum, be it in SQLite or in PostgreSQL. FILE is JSON lines and may be compressed.
`;

/** What `parley import --help` prints. */
export const importHelp = `Fills the database from a file that parley export wrote, also one of an older version. All of it or nothing.

Usage: parley import [--replace] FILE

  --replace   throw away what is in the database; without it a database that is not empty is refused

The server must be stopped. The whole file is checked before anything is touched. The master key must be the one of the database that was exported:
give it in PARLEY_MASTER_KEY, or copy master.key into the data directory.

To move from SQLite to PostgreSQL:

  parley export parley.jsonl
  PARLEY_STORE_URL=postgres://… parley import parley.jsonl
`;

const help = { type: 'boolean', short: 'h' } as const;

/** `parley migrate`. Resolves with the exit code. */
export async function migrateCommand(args: readonly string[], config: () => Config): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' }, help } });
  if (values.help) return told(migrateHelp);
  const settings = config();
  const place = placeOf(settings);
  if (values.check) {
    const due = await dueSteps(settings);
    if (due.length === 0) return told(`The schema is up to date: ${place}\n`);
    told(`${steps(due.length)} due: ${place}\n${due.map(({ number, name }) => `  ${number} ${name}\n`).join('')}`);
    return 1;
  }
  const applied = await migrateSchema(settings);
  if (applied.length === 0) return told(`The schema is up to date: ${place}\n`);
  return told(`${steps(applied.length)} applied: ${place}\n${applied.map(({ number, name }) => `  ${number} ${name}\n`).join('')}`);
}

/** `parley export`. Resolves with the exit code. */
export async function exportCommand(args: readonly string[], config: () => Config): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: { force: { type: 'boolean' }, help }, allowPositionals: true });
  if (values.help) return told(exportHelp);
  const path = oneFile(positionals, 'export');
  const settings = config();
  const bar = progressLine('exported');
  const { counts, sha256 } = await exportFile(settings, { path, force: values.force ?? false, progress: bar.show });
  bar.end();
  return told(`${table(counts)}\nExported from ${placeOf(settings)} to ${path}\nSHA-256 ${sha256}\n`);
}

/** `parley import`. Resolves with the exit code. */
export async function importCommand(args: readonly string[], config: () => Config, givenKey: string | undefined): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options: { replace: { type: 'boolean' }, help }, allowPositionals: true });
  if (values.help) return told(importHelp);
  const path = oneFile(positionals, 'import');
  const settings = config();
  const bar = progressLine('imported');
  const { header, sha256 } = await importFile(settings, { path, replace: values.replace ?? false, givenKey, progress: bar.show });
  bar.end();
  return told(`${table(header.counts)}\nImported ${path} (Parley ${header.parley}) into ${placeOf(settings)}\nSHA-256 ${sha256}\n`);
}

function told(text: string): number {
  process.stdout.write(text);
  return 0;
}

function oneFile(positionals: readonly string[], command: string): string {
  const [path, ...more] = positionals;
  if (path !== undefined && more.length === 0) return path;
  throw new Failure('invalid', 'bad_configuration', `one file must be named: parley ${command} FILE`);
}

const steps = (count: number): string => `${count} step${count === 1 ? '' : 's'}`;
const count = (value: number): string => value.toLocaleString('en').replaceAll(',', ' ');

/** Rows by table, in columns; empty tables are left out. */
export function table(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).filter(([, rows]) => rows > 0);
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  const numbers = Math.max(0, ...rows.map(([, rows]) => count(rows).length));
  return rows.map(([name, rows]) => `  ${name.padEnd(width)}  ${count(rows).padStart(numbers)}\n`).join('');
}

/** One line on stderr that says how far it is; only where somebody looks. */
function progressLine(what: string): { readonly show: (progress: Progress) => void; readonly end: () => void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  return {
    show: ({ table, done, total }) => stderr.write(`\r\x1b[K${what} ${count(done)} of ${count(total)} rows of ${table}`),
    end: () => stderr.write('\r\x1b[K'),
  };
}
