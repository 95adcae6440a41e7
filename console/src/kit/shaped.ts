type Said = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Said => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The texts of a language without the names that English gives them, in its order; where a group has names of its own, as with plurals, they stay. */
export function unnamed(english: unknown, texts: unknown): unknown {
  if (!isGroup(texts) || !isGroup(english)) return texts;
  const names = Object.keys(english);
  const isSame = names.length === Object.keys(texts).length && names.every((name) => name in texts);
  if (isSame) return names.map((name) => unnamed(english[name], texts[name]));
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, unnamed(english[name], text)]));
}

/** And with them again: what a build has left away is as long as a third of the texts. */
export function named(english: unknown, texts: unknown): unknown {
  if (!isGroup(english)) return texts;
  if (Array.isArray(texts)) return Object.fromEntries(Object.keys(english).map((name, at) => [name, named(english[name], texts[at])]));
  if (!isGroup(texts)) return texts;
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, named(english[name], text)]));
}
