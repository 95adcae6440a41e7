import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { table } from './database.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
after(() => rmSync(folder, { recursive: true }));

const main = join(import.meta.dirname, 'main.ts');
const key = 'ab'.repeat(32);

/** Runs the program as an operator does, in a data directory of ours. */
function parley(args: readonly string[], { data = 'one', ...more }: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'], PARLEY_DATA_DIR: join(folder, data), ...more };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('migrate says what is due, applies it, and then has nothing to do', () => {
  const due = parley(['migrate', '--check'], { data: 'new' });
  assert.equal(due.status, 1);
  assert.match(due.stdout, /^\d+ steps due: .*parley\.db\n {2}1 first\n {2}2 media\n/);
  assert.throws(() => statSync(join(folder, 'new', 'parley.db')), { code: 'ENOENT' });
  const applied = parley(['migrate'], { data: 'new' });
  assert.equal(applied.status, 0);
  assert.equal(applied.stdout, due.stdout.replace('due', 'applied'));
  for (const args of [['migrate'], ['migrate', '--check']]) {
    const { status, stdout } = parley(args, { data: 'new' });
    assert.deepEqual([status, stdout.split(':')[0]], [0, 'The schema is up to date']);
  }
});

test('what was exported is imported, with the same checksum', () => {
  const file = join(folder, 'all.jsonl');
  parley(['migrate']);
  const exported = parley(['export', file]);
  assert.deepEqual([exported.status, exported.stderr], [0, '']);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const again = parley(['export', file]);
  assert.deepEqual([again.status, again.stderr], [2, `parley: ${file} is there already; --force replaces it\n`]);
  assert.equal(parley(['export', '--force', file]).status, 0);
  const keyless = parley(['import', file], { data: 'two' });
  assert.equal(keyless.status, 2);
  assert.match(keyless.stderr, /copy master\.key/);
  const imported = parley(['import', file], { data: 'two', PARLEY_MASTER_KEY: key });
  assert.deepEqual([imported.status, imported.stderr], [0, '']);
  const sum = /^SHA-256 [0-9a-f]{64}$/m;
  assert.equal(sum.exec(imported.stdout)?.[0], sum.exec(exported.stdout)?.[0]);
});

test('a file that was changed is refused, and so is one that is not there', () => {
  const file = join(folder, 'changed.jsonl');
  parley(['migrate']);
  parley(['export', file]);
  writeFileSync(file, readFileSync(file, 'utf8').replace('[0]', '[1]'));
  const changed = parley(['import', file], { data: 'three', PARLEY_MASTER_KEY: key });
  assert.equal(changed.status, 2);
  assert.match(changed.stderr, /^parley: line \d+: the checksum is another one/);
  assert.match(parley(['import', join(folder, 'none')]).stderr, /^parley: .*none cannot be used: ENOENT/);
  assert.match(parley(['import']).stderr, /one file must be named/);
  assert.match(parley(['export', file], { data: 'nobody' }).stderr, /there is no database at .*nobody/);
});

test('the URL of a database is named without its password', () => {
  const refused = parley(['migrate'], { PARLEY_STORE_URL: 'postgres://me:geheim@127.0.0.1:1/db' });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /the database 127\.0\.0\.1:1\/db cannot be used: connect ECONNREFUSED/);
  const wrong = parley(['migrate'], { PARLEY_STORE_URL: 'mysql://me:geheim@127.0.0.1/db' });
  assert.match(wrong.stderr, /^parley: store\.url \(PARLEY_STORE_URL\) must be a URL such as postgres:/);
  for (const { stdout, stderr } of [refused, wrong]) assert.equal(`${stdout}${stderr}`.includes('geheim'), false);
});

test('each command explains itself', () => {
  for (const command of ['migrate', 'export', 'import']) {
    const { status, stdout } = parley([command, '--help']);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`Usage: parley ${command}`));
  }
});

test('the table leaves out what is empty and lines up numbers', () => {
  assert.equal(table({ accounts: 2, calls: 0, journal: 12345 }), '  accounts       2\n  journal   12 345\n');
});
