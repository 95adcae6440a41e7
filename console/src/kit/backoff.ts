/** How long to wait before attempt `tries` (0 is the first), ms: soon at first, at most 5 s, never all at the same moment. `chance`: 0–1. */
export function backoff(tries: number, chance: number): number {
  if (tries === 0) return 0;
  const most = Math.min(5000, 200 * 1.7 ** (tries - 1));
  return most * (0.5 + chance / 2);
}
