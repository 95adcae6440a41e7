import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Failure } from '../base/index.ts';
import { lockFile } from './folder-lock.ts';

const path = () => join(mkdtempSync(join(tmpdir(), 'parley-lock-')), 'parley.lock');

test('one holds it, and the next one after it was let go', async () => {
  const at = path();
  const held = lockFile(at);
  assert.ok(held);
  assert.equal(lockFile(at), undefined);
  assert.equal(statSync(at).mode & 0o777, 0o600);
  await held.close();
  await held.close();
  const next = lockFile(at);
  assert.ok(next);
  await next.close();
});

test('another process that holds it keeps us out, and its kill -9 lets us in', async () => {
  const at = path();
  const script = `import { lockFile } from ${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))}; globalThis.held = lockFile(${JSON.stringify(at)}); console.log('held'); process.stdin.resume();`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(other, 'exit');
  assert.equal(String((await once(other.stdout, 'data'))[0]), 'held\n');
  assert.equal(lockFile(at), undefined);
  other.kill('SIGKILL');
  await exited;
  const held = lockFile(at);
  assert.ok(held);
  await held.close();
});

test('a place where nothing can be written is a refusal that names it', () => {
  assert.throws(
    () => lockFile('/proc/parley.lock'),
    (error) =>
      error instanceof Failure && error.code === 'store_unavailable' && /\/proc\/parley\.lock cannot be locked/.test(error.message),
  );
});
