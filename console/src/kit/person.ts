/** At most two letters of a name: the first of its first and of its last word; of a number its last two digits, by which one tells it from others. */
export function initials(name: string): string {
  if (!/\p{L}/u.test(name)) return name.replace(/\D/g, '').slice(-2) || '?';
  const words = name
    .trim()
    .split(/\s+/)
    .map((each) => each.replace(/^[^\p{L}\p{N}]+/u, ''))
    .filter((each) => each !== '');
  const picked = words.length > 1 ? [words[0], words.at(-1)] : words;
  const letters = picked.map((each) => [...(each ?? '')][0] ?? '').join('');
  return letters === '' ? '?' : letters.toLocaleUpperCase();
}

/** A hue of its own for a name, 0–359. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (const each of name) hash = Math.imul(hash ^ (each.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 8) % 360;
}
