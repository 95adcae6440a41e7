import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { noLog } from '../base/index.ts';
import { openAlive } from './alive.ts';

test('a next run knows to five seconds when the last one was alive', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-alive-'));
  const clock = new FakeClock();
  const first = openAlive({ dataDir, clock, log: noLog });
  assert.equal(first.last, undefined);
  clock.advance(13_000);
  await first.close();
  assert.equal(clock.armed, 0);
  clock.advance(60_000);
  const second = openAlive({ dataDir, clock, log: noLog });
  assert.equal(second.last, clock.epoch() - 63_000);
  await second.close();
  rmSync(dataDir, { recursive: true });
});

test('a file that cannot be written is told once and harms nothing', async () => {
  const clock = new FakeClock();
  let told = 0;
  const log = { ...noLog, warn: () => void told++ };
  const alive = openAlive({ dataDir: '/nowhere/at/all', clock, log });
  clock.advance(20_000);
  assert.equal(told, 1);
  await alive.close();
});
