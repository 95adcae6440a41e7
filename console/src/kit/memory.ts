/** What the page remembers of a person between visits; a browser that keeps nothing is no failure. */
export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`parley.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers, or forgets with undefined. */
export function remember(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`parley.${key}`);
    else localStorage.setItem(`parley.${key}`, value);
  } catch {
    // Private windows may refuse.
  }
}
