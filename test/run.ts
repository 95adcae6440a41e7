/**
 * `npm test`: everything that must hold, in order, with an honest exit code. As root it installs the Debian packages that the
 * third-party phones come from; otherwise it names what is missing and fails. `npm run check` is its quick part and needs none of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { locate, PROGRAMS } from './kit/programs.ts';

const root = join(import.meta.dirname, '..');
process.chdir(root);

/** The packages whose programs are not there. */
const missing = (): string[] => {
  const names = Object.entries(PROGRAMS).filter(([program]) => locate(program) === undefined);
  return [...new Set(names.flatMap(([, name]) => name.split(' ')))];
};

/** A step that takes longer hangs; node:test then names the file. */
const LONGEST_MS = 15 * 60_000;

/** Runs a command with our output; true when it ended well. */
function runs(command: string, ...args: string[]): boolean {
  // The tools' own `#!/usr/bin/env node` must find the Node that runs this file.
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    timeout: LONGEST_MS,
    env: {
      ...process.env,
      PATH: path,
      DEBIAN_FRONTEND: 'noninteractive',
      NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
    },
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

/** Tests of one step, by their end. */
interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Outcome {
  readonly passed: boolean;
  readonly tally?: Tally;
}

/** The counts at the end of a TAP report; a run that was cut short has none. */
function tallyOf(report: string): Tally | undefined {
  const counts = new Map(
    [...report.matchAll(/^# (pass|fail|cancelled|skipped|todo) (\d+)$/gm)].map(([, what, count]) => [what, Number(count)]),
  );
  const of = (what: string): number => counts.get(what) ?? 0;
  return counts.has('pass') ? { passed: of('pass'), failed: of('fail') + of('cancelled'), skipped: of('skipped') + of('todo') } : undefined;
}

/** A tool that is silent when all is well. */
const tool =
  (name: string, ...runsOf: readonly (readonly string[])[]): (() => Outcome) =>
  () => ({ passed: runsOf.every((args) => runs(bin(name), ...args)) });

/** node:test over the files of some globs, `at a time` files together; no file, or no test that passed, is a failure. */
function tests(concurrency: number, ...globs: string[]): () => Outcome {
  return () => {
    const files = globs.flatMap((each) => globSync(each).filter((file) => isMeant(file, each))).sort();
    if (files.length === 0) {
      console.error(`no test file in ${globs.join(' ')}`);
      return { passed: false };
    }
    const folder = mkdtempSync(join(tmpdir(), 'parley-tests-'));
    const report = join(folder, 'report.tap');
    const reporters = ['spec', 'tap'].map((name) => `--test-reporter=${name}`);
    const destinations = ['stdout', report].map((place) => `--test-reporter-destination=${place}`);
    try {
      const well = runs(
        node,
        '--test',
        ...reporters,
        ...destinations,
        `--test-concurrency=${concurrency}`,
        '--test-timeout=120000',
        ...files,
      );
      const tally = tallyOf(existsSync(report) ? readFileSync(report, 'utf8') : '');
      return tally === undefined ? { passed: false } : { passed: well && tally.passed > 0 && tally.failed === 0, tally };
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

/** What takes so long that `npm run check` leaves it to `npm test`, and what measures time and wants the machine for itself. */
const APART = ['.long.test.ts', '.measured.test.ts'];

/** Only a pattern that says so finds these. */
const isMeant = (file: string, pattern: string): boolean => APART.every((end) => pattern.endsWith(end) || !file.endsWith(end));

type Step = readonly [name: string, run: () => Outcome];

const check: readonly Step[] = [
  ['format and lint', tool('biome', ['ci', '--error-on-warnings', '.'])],
  ['types', tool('tsc', ['--noEmit'], ['--noEmit', '-p', 'console'], ['--noEmit', '-p', 'test/browser'])],
  ['unit and house', tests(2, 'src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/house.test.ts')],
];
const beyond: readonly Step[] = [
  ['long', tests(3, 'src/**/*.long.test.ts')],
  ['contract and kit', tests(2, 'test/contract/**/*.test.ts', 'test/kit/**/*.test.ts')],
  ['sound', tests(2, 'test/sound/**/*.test.ts')],
  // Three at a time on two cores: they wait for sound more than they work.
  ['scenario', tests(3, 'test/scenario/**/*.test.ts')],
  ['interop', tests(2, 'test/interop/**/*.test.ts')],
  ['browser', tests(2, 'test/browser/**/*.test.ts')],
  ['browser, measured', tests(1, 'test/browser/**/*.measured.test.ts')],
];

/** "12 passed, 1 failed, 2 skipped"; nothing that is none but what passed. */
const words = ({ passed, failed, skipped }: Tally): string =>
  [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');

const results: (Outcome & { name: string; seconds: number })[] = [];
const isQuick = process.argv[2] === 'check';
if (!isQuick && !provide()) process.exit(1);
for (const [name, run] of isQuick ? check : [...check, ...beyond]) {
  console.log(`\n── ${name} ${'─'.repeat(60 - name.length)}`);
  const start = performance.now();
  results.push({ name, ...run(), seconds: (performance.now() - start) / 1000 });
}

console.log(`\n── summary ${'─'.repeat(53)}`);
for (const { name, passed, tally, seconds } of results)
  console.log(
    `${passed ? '✔' : '✖'} ${name.padEnd(20)} ${seconds.toFixed(1).padStart(6)} s  ${tally === undefined ? '' : words(tally)}`.trimEnd(),
  );
const sum = (of: (tally: Tally) => number): number => results.reduce((so, { tally }) => so + (tally === undefined ? 0 : of(tally)), 0);
const all = { passed: sum(({ passed }) => passed), failed: sum(({ failed }) => failed), skipped: sum(({ skipped }) => skipped) };
const bad = results.filter(({ passed }) => !passed).map(({ name }) => name);
const total = results.reduce((so, { seconds }) => so + seconds, 0).toFixed(0);
console.log(bad.length === 0 ? `all well in ${total} s: ${words(all)}` : `FAILED: ${bad.join(', ')} (after ${total} s: ${words(all)})`);
process.exitCode = bad.length === 0 ? 0 : 1;
