import type { Json, JsonObject } from '../base/index.ts';
import { isObject } from '../base/index.ts';
import type { Row } from './work.ts';

const wrong = (column: string): TypeError => new TypeError(`column ${column} holds something else than the schema says`);

/** The text in a column. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(column);
  return value;
}

/** The number in a column. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrong(column);
  return value;
}

/** The yes or no in a column. */
export const flag = (row: Row, column: string): boolean => number(row, column) === 1;

/** The bytes in a column. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column);
  return value;
}

/** What `read` reads, or undefined where the column is NULL. */
export const optional = <T>(row: Row, column: string, read: (row: Row, column: string) => T): T | undefined =>
  row[column] === null ? undefined : read(row, column);

/** The JSON in a column. */
export const json = (row: Row, column: string): Json => JSON.parse(text(row, column)) as Json;

/** The JSON object in a column. */
export function jsonObject(row: Row, column: string): JsonObject {
  const value = json(row, column);
  if (!isObject(value)) throw wrong(column);
  return value;
}
