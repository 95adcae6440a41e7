import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from './programs.ts';

/** Runs SIPp in a directory to its end; fails with what it said and wrote when that is not a good one. As a telephone does, it answers when it is asked whether it is there. */
export async function runSipp(directory: string, args: readonly string[]): Promise<void> {
  const errors = join(directory, 'errors.log');
  const child = spawn(needs('sipp'), [...args, '-aa', '-nostdin', '-timeout', '60', '-trace_err', '-error_file', errors], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const wrote = existsSync(errors) ? readFileSync(errors, 'utf8').slice(0, 3000) : '';
  assert.equal(code, 0, `SIPp ended with ${code}\n${wrote}\n${output.slice(-3000)}`);
}
