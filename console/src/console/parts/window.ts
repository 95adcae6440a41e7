/** A part of a list. */
export interface Window {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
}

/** Rows that are drawn beyond what is seen. */
const SPARE = 6;

/** The part of a list that can be seen in an element that scrolls. */
export function windowOf(offset: number, height: number, { row, count }: { readonly row: number; readonly count: number }): Window {
  const first = Math.max(0, Math.min(count, Math.floor(offset / row)) - SPARE);
  const end = Math.min(count, Math.ceil((offset + height) / row) + SPARE);
  return { first, end: Math.max(first, end) };
}
