import { isObject, type JsonObject } from '../base/index.ts';

/** Spreadsheets take a cell that begins so for a formula; a telephone number is none. */
const FORMULA = /^[\s\0]*[=+\-@\t\r]/;
const NUMBER = /^\+?[0-9]+$/;

/** One cell (RFC 4180 §2); an apostrophe keeps spreadsheets from reading a formula in what a caller chose to be called. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /["\r\n,;']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of CSV with its end. */
export const csvLine = (cells: readonly (string | number | undefined)[]): string => `${cells.map(cell).join(',')}\r\n`;

/** The leaves of an object by their dotted paths; lists are told as JSON. */
function* leaves(value: JsonObject, path: string): Generator<readonly [string, string | number]> {
  for (const [key, each] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (isObject(each)) yield* leaves(each, name);
    else yield [name, typeof each === 'number' || typeof each === 'string' ? each : JSON.stringify(each)];
  }
}

/** Objects as a table: one column for each leaf that any of them has. */
export async function* tableOf(objects: readonly JsonObject[]): AsyncGenerator<string> {
  const lines = objects.map((each) => new Map(leaves(each, '')));
  const columns = [...new Set(lines.flatMap((each) => [...each.keys()]))];
  yield csvLine(columns);
  for (const each of lines) yield csvLine(columns.map((column) => each.get(column)));
}

/** How much somebody likes a media type (RFC 9110 §12.5.1); undefined: he does not say. */
function liking(accept: string, type: string): number | undefined {
  for (const part of accept.toLowerCase().split(',')) {
    const [name, ...parameters] = part.split(';').map((each) => each.trim());
    if (name !== type) continue;
    const q = parameters.find((each) => each.startsWith('q='));
    return q === undefined ? 1 : Number(q.slice(2)) || 0;
  }
  return undefined;
}

/** Whether CSV is what he likes best. */
export function wantsCsv(accept: string | undefined): boolean {
  const csv = liking(accept ?? '', 'text/csv') ?? 0;
  return csv > 0 && csv > (liking(accept ?? '', 'application/json') ?? 0);
}

/** The header that names a file; what a file name should not have is left out. */
export function attachment(name: string | undefined, otherwise: string): string {
  const bare = (name ?? '').replace(/[^A-Za-z0-9._ -]/g, '').slice(0, 100);
  return `attachment; filename="${/[A-Za-z0-9]/.test(bare) ? bare : otherwise}"`;
}
