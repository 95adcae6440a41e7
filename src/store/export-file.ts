import { isObject } from '../base/index.ts';
import type { Kind, Table } from './catalogue.ts';
import { badExport } from './refusals.ts';
import type { Row, Value } from './work.ts';

/** The name of the form; another form gets another number. */
export const FORMAT = 'parley-export/1';

/** The first line of an export. */
export interface Header {
  readonly format: typeof FORMAT;
  /** The version of Parley that wrote it. */
  readonly parley: string;
  /** How many steps of the schema its rows have. */
  readonly schema: number;
  /** Rows by table. */
  readonly counts: Readonly<Record<string, number>>;
}

/** What a line says: whose rows follow, a row, or the checksum of all lines before it. */
export type Line =
  | { readonly says: 'table'; readonly name: string; readonly columns: readonly string[] }
  | { readonly says: 'row'; readonly values: readonly unknown[] }
  | { readonly says: 'end'; readonly sha256: string };

/** Quoted, because a column may have the name of a reserved word. */
export const quoted = (name: string): string => `"${name}"`;

/** A row as the values of one line. */
export const written = ({ columns }: Table, row: Row): readonly unknown[] =>
  columns.map(({ name, kind }) => {
    const value = row[name];
    return kind === 'bytes' && value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
  });

/** The values of a line as a row's; refuses what the column cannot hold. */
export function readValues({ name, columns }: Table, values: readonly unknown[], at: number): readonly Value[] {
  if (values.length !== columns.length) throw badExport(at, `a row of ${name} has ${values.length} values instead of ${columns.length}`);
  return columns.map((column, index) => {
    const value = readValue(values[index], column.kind);
    if (value === undefined) throw badExport(at, `the value of ${name}.${column.name} is not of its kind`);
    return value;
  });
}

/** Undefined when it is not of this kind. */
function readValue(value: unknown, kind: Kind): Value | undefined {
  if (value === null) return null;
  if (kind === 'integer') return Number.isSafeInteger(value) ? (value as number) : undefined;
  if (typeof value !== 'string') return undefined;
  return kind === 'bytes' ? Buffer.from(value, 'base64') : value;
}

/** The first line of a file. */
export function readHeader(source: string): Header {
  const { format, parley, schema, counts } = objectOf(source, 1);
  if (typeof format !== 'string' || !format.startsWith('parley-export/')) throw badExport(1, 'this is no export of Parley');
  if (format !== FORMAT) throw badExport(1, `this version reads ${FORMAT}, and the file is ${format}`);
  const isWhole = typeof parley === 'string' && Number.isSafeInteger(schema) && (schema as number) >= 1 && isObject(counts);
  if (!isWhole) throw badExport(1, 'the header is not whole');
  return { format, parley, schema: schema as number, counts: counts as Header['counts'] };
}

/** Any other line of a file; `at` counts from 1. */
export function readLine(source: string, at: number): Line {
  if (source.startsWith('[')) return { says: 'row', values: parsed(source, at) as readonly unknown[] };
  const { table, columns, sha256 } = objectOf(source, at);
  if (typeof sha256 === 'string') return { says: 'end', sha256 };
  if (typeof table === 'string' && Array.isArray(columns)) return { says: 'table', name: table, columns: columns.map(String) };
  throw badExport(at, 'it is neither a table nor a row nor the end');
}

function objectOf(source: string, at: number): Record<string, unknown> {
  const value = parsed(source, at);
  if (!isObject(value)) throw badExport(at, 'it is not an object');
  return value;
}

function parsed(source: string, at: number): unknown {
  try {
    return JSON.parse(source);
  } catch {
    throw badExport(at, 'it is not JSON');
  }
}
