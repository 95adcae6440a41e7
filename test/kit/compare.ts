import assert from 'node:assert/strict';

/** Compares as a subset (test/fixtures/kazoo/README.md). */
export function compare(got: unknown, want: unknown, where: { path: string; words: Map<string, string> }): void {
  const { path, words } = where;
  const kept = typeof want === 'string' ? /^\{=(\w+)\}$/.exec(want)?.[1] : undefined;
  if (want === '{*}') assert.notEqual(got, undefined, path);
  else if (want === '{-}') assert.equal(got, undefined, path);
  else if (kept !== undefined) {
    assert.equal(typeof got, 'string', path);
    words.set(kept, got as string);
  } else if (Array.isArray(want)) {
    assert.ok(Array.isArray(got), `${path}: ${JSON.stringify(got)}`);
    assert.equal(got.length, want.length, `${path}: length of ${JSON.stringify(got)}`);
    for (const [index, each] of want.entries()) compare(got[index], each, { path: `${path}.${index}`, words });
  } else if (typeof want === 'object' && want !== null) {
    assert.ok(typeof got === 'object' && got !== null, `${path}: ${JSON.stringify(got)}`);
    const { '{!}': isWhole, ...named } = want as Record<string, unknown>;
    if (isWhole === true) assert.deepEqual(Object.keys(got).sort(), Object.keys(named).sort(), path);
    for (const [key, each] of Object.entries(named))
      compare((got as Record<string, unknown>)[key], each, { path: `${path}.${key}`, words });
  } else assert.deepEqual(got, want, path);
}
