/** Some of the texts of a language, by the same names. */
export type Changes<T> = { readonly [Key in keyof T]?: T[Key] extends string | readonly unknown[] ? T[Key] : Changes<T[Key]> };

type Said = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Said => typeof value === 'object' && value !== null && !Array.isArray(value);

function over(texts: Said, changes: Said): Said {
  const changed: Record<string, unknown> = { ...texts };
  for (const [key, value] of Object.entries(changes)) {
    const before = texts[key];
    changed[key] = isGroup(before) && isGroup(value) ? over(before, value) : value;
  }
  return changed;
}

/** The texts of one language where another says something else, and those of the other where it says the same. */
export const changed = <T extends object>(texts: T, changes: Changes<T>): T => over(texts as Said, changes as Said) as T;
