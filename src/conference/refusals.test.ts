import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

test('every refusal of the domain is listed in docs/errors.md with its kind', () => {
  const listed = readFileSync('docs/errors.md', 'utf8');
  const files = globSync('src/conference/**/*.ts').filter((each) => !each.endsWith('.test.ts'));
  const thrown = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/new Failure\(\s*'([\w-]+)',\s*'(\w+)'/g)]);
  assert.ok(thrown.length >= 10, 'the search finds them');
  const missing = thrown.map(([, kind, code]) => `| \`${code}\` | ${kind} |`).filter((row) => !listed.includes(row));
  assert.deepEqual(missing, []);
});
