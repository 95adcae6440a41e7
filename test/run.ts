/**
 * `npm test`: everything that must hold, in order, with an honest exit code. As root it installs the Debian packages that the
 * third-party phones come from; otherwise it names what is missing and fails.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { locate, PROGRAMS } from './kit/programs.ts';

const root = join(import.meta.dirname, '..');
process.chdir(root);

/** The packages whose programs are not there. */
const missing = (): string[] => {
  const names = Object.entries(PROGRAMS).filter(([program]) => locate(program) === undefined);
  return [...new Set(names.map(([, name]) => name))];
};

/** Runs a command with our output; true when it ended well. */
function runs(command: string, ...args: string[]): boolean {
  // The tools' own `#!/usr/bin/env node` must find the Node that runs this file.
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  return status === 0;
}

function provide(): boolean {
  if (missing().length === 0) return true;
  const isRoot = process.getuid?.() === 0;
  const hint = `missing Debian packages: ${missing().join(' ')}; as root: apt-get install -y --no-install-recommends ${missing().join(' ')}`;
  if (!isRoot || locate('apt-get') === undefined) {
    console.error(hint);
    return false;
  }
  runs('apt-get', 'update', '-q');
  runs('apt-get', 'install', '-y', '-q', '--no-install-recommends', ...missing());
  if (missing().length > 0) console.error(hint);
  return missing().length === 0;
}

const node = process.execPath;
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

/** node:test over the files of some globs, `at a time` files together; no file is a failure. */
function tests(concurrency: number, ...globs: string[]): () => boolean {
  return () => {
    const files = globs.flatMap((each) => globSync(each)).sort();
    if (files.length === 0) {
      console.error(`no test file in ${globs.join(' ')}`);
      return false;
    }
    return runs(node, '--test', '--test-reporter=spec', `--test-concurrency=${concurrency}`, '--test-timeout=120000', ...files);
  };
}

const steps: readonly (readonly [name: string, run: () => boolean])[] = [
  ['format and lint', () => runs(bin('biome'), 'ci', '--error-on-warnings', '.')],
  ['types', () => runs(bin('tsc'), '--noEmit')],
  ['unit and house', tests(2, 'src/**/*.test.ts', 'test/house.test.ts')],
  ['contract and kit', tests(2, 'test/contract/**/*.test.ts', 'test/kit/**/*.test.ts')],
  ['sound', tests(2, 'test/sound/**/*.test.ts')],
  ['scenario', tests(1, 'test/scenario/**/*.test.ts')],
  ['interop', tests(1, 'test/interop/**/*.test.ts')],
];

const results: { name: string; passed: boolean; seconds: number }[] = [];
if (!provide()) process.exit(1);
for (const [name, run] of steps) {
  console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
  const start = performance.now();
  results.push({ name, passed: run(), seconds: (performance.now() - start) / 1000 });
}

console.log(`\n── summary ${'─'.repeat(53)}`);
for (const { name, passed, seconds } of results)
  console.log(`${passed ? '✔' : '✖'} ${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s`);
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
console.log(failed.length === 0 ? `all passed in ${total.toFixed(0)} s` : `FAILED: ${failed.join(', ')} (after ${total.toFixed(0)} s)`);
process.exitCode = failed.length === 0 ? 0 : 1;
