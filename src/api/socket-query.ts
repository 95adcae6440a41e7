/** The query of a request to upgrade. */
export type Asked = Readonly<Record<string, string>>;

/** Undefined: something is in it twice. */
export function askedOf(url: string): Asked | undefined {
  const all = [...new URL(url, 'ws://localhost').searchParams];
  const asked = Object.fromEntries(all);
  return Object.keys(asked).length === all.length ? asked : undefined;
}
