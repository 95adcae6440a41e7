import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startHouse } from '../kit/house.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Two legs of each codec for half a second: a machine that is too busy even for that says so, and is asked again. */
function measure(dataDir: string): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env['PATH'], PARLEY_DATA_DIR: dataDir };
  for (let tries = 0; ; tries++) {
    const args = [main, 'capacity', '--seconds', '0.5', '--legs', '2'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 60_000 });
    if (status === 0 || tries === 4) return { status, stdout, stderr };
    assert.match(stderr, /too busy/);
  }
}

test('parley capacity measures, shows and keeps a limit, and the server keeps to it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-capacity-'));
  try {
    const { status, stdout, stderr } = measure(dataDir);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /codec +µs per leg and second +legs per core +legs here/);
    const path = join(dataDir, 'capacity.json');
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { limit: number; threads: number };
    // Nothing is promised beyond four times as many legs as were measured.
    assert.ok(kept.limit >= 1 && kept.limit <= 8 * kept.threads, `${kept.limit}`);
    writeFileSync(path, JSON.stringify({ ...kept, limit: 1 }));
    const house = await startHouse({ dataDir });
    try {
      const ann = await house.phone({ user: 'Ann' });
      assert.equal(await ann.tries('3000'), 200);
      const ben = await house.phone({ user: 'Ben' });
      assert.equal(await ben.tries('3000'), 503, 'one leg is all that this machine is said to carry');
      await ann.hangUp();
      assert.equal(await ben.tries('3000'), 200);
      await ben.hangUp();
    } finally {
      await house.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
