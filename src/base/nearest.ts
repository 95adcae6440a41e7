/** The known name that needs the fewest edits to become `name` (Levenshtein). */
export function nearest(name: string, known: readonly string[]): string {
  const ranked = known.map((each) => ({ each, far: edits(name, each) })).sort((a, b) => a.far - b.far);
  return ranked[0]?.each ?? '';
}

function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
