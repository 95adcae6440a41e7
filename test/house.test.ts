import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { cruise } from 'dependency-cruiser';
import { PROGRAMS } from './kit/programs.ts';

const files = globSync('src/**/*.ts');
const guests = globSync('console/**/*.{ts,tsx}', { exclude: ['console/dist*/**', 'console/node_modules/**'] });
const walls = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

test('the walls stand, and every file was looked at', async () => {
  const { output } = await cruise(['src'], { ruleSet: walls, validate: true, ...walls.options });
  if (typeof output === 'string') throw new TypeError('expected a report object');
  assert.deepEqual(
    output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
    [],
  );
  // A transpiler the tool does not know makes it look at nothing and report success.
  const seen = new Set(output.modules.map(({ source }) => source));
  assert.deepEqual(
    files.filter((file) => !seen.has(file)),
    [],
  );
});

test('no file outgrows its reader', () => {
  assert.deepEqual(
    [...files, ...guests].filter((file) => readFileSync(file, 'utf8').split('\n').length > 400),
    [],
  );
});

test('the console is a guest: it knows nothing of the house but its HTTP and its websockets', () => {
  assert.ok(guests.length > 0);
  assert.deepEqual(
    guests.filter((file) => /from '(\.\.\/)+(src|test|bench|demo)\/|from 'parley'/.test(readFileSync(file, 'utf8'))),
    [],
  );
});

test('time and chance enter through base only', () => {
  const ambient = /\bMath\.random\(|\bnew Date\(|\bDate\.now\(|\bhrtime\b|\brandom(UUID|Bytes|Int)\(/;
  const allowed = /^src\/(base|app|cli)\//;
  assert.deepEqual(
    files.filter((file) => !allowed.test(file) && ambient.test(readFileSync(file, 'utf8'))),
    [],
  );
});

test('every machine draws itself', () => {
  for (const file of files.filter((each) => each.endsWith('.machine.ts'))) {
    const text = readFileSync(file, 'utf8');
    const drawing = text.match(/\/\*\*[\s\S]*?\*\//)?.[0] ?? '';
    const states = [...(text.match(/type State =([\s\S]*?);\n\n/)?.[1] ?? '').matchAll(/at: ([^;}]+)/g)].flatMap(([, at]) =>
      [...at!.matchAll(/'([^']+)'/g)].map(([, name]) => name!),
    );
    assert.ok(states.length > 0, `${file} has no states`);
    assert.deepEqual(
      states.filter((state) => !drawing.includes(state)),
      [],
      `${file}: states missing from its drawing`,
    );
  }
});

test('every room has a README that a newcomer can read in a minute', () => {
  const rooms = globSync('src/*/');
  for (const room of rooms) {
    const lines = readFileSync(`${room}/README.md`, 'utf8').split('\n').length;
    assert.ok(lines <= 61, `${room}/README.md has ${lines} lines`);
  }
});

test('every refusal is in the catalogue, and the catalogue holds no other', () => {
  const texts = files.filter((file) => !file.endsWith('.test.ts')).map((file) => readFileSync(file, 'utf8'));
  const thrown = new Set(texts.flatMap((text) => [...text.matchAll(/new Failure\(\s*'[a-z-]+',\s*'([a-z_]+)'/g)].map(([, code]) => code!)));
  const listed = new Set([...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code!));
  assert.deepEqual([...thrown].filter((code) => !listed.has(code)).sort(), [], 'codes missing from docs/errors.md');
  // What is told and not thrown, as why a call ended, has a code too.
  const isTold = (code: string): boolean => texts.some((text) => text.includes(`'${code}'`));
  assert.deepEqual(
    [...listed].filter((code) => !thrown.has(code) && !isTold(code)).sort(),
    [],
    'codes in docs/errors.md that nothing raises',
  );
});

test('the lock file names no download addresses', () => {
  // A workspace is a link within this checkout.
  assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved": "(?!console")/);
});

test('the README names every Debian package that the tests install', () => {
  const readme = readFileSync('README.md', 'utf8');
  const packages = [...new Set(Object.values(PROGRAMS).flatMap((names) => names.split(' ')))];
  assert.deepEqual(
    packages.filter((name) => !readme.includes(`\`${name}\``)),
    [],
  );
});
