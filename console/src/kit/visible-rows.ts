/** More rows than are seen, so that quick scrolling shows no gap. */
const SPARE = 8;

/** Which rows must be drawn: `first` inclusive, `last` exclusive. Heights in CSS pixels. */
export function visibleRows({ top, height, rowHeight, count }: { top: number; height: number; rowHeight: number; count: number }): {
  readonly first: number;
  readonly last: number;
} {
  // A list that has become shorter than where one had scrolled to shows its end.
  const start = Math.min(Math.floor(Math.max(0, top) / rowHeight), Math.max(0, count - Math.ceil(height / rowHeight)));
  return { first: Math.max(0, start - SPARE), last: Math.min(count, start + Math.ceil(height / rowHeight) + 1 + SPARE) };
}
