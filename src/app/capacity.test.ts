import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keptLimit, machine } from './capacity.ts';

const kept = (text: string): string => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-capacity-'));
  writeFileSync(join(dataDir, 'capacity.json'), text);
  return dataDir;
};

test('a limit that was measured on this machine holds here', () => {
  assert.deepEqual(keptLimit(kept(JSON.stringify({ ...machine(), measured: [], legs: {}, limit: 321 }))), { legs: 321, foreign: false });
});

test('without a measurement there is no limit, and nothing to complain about', () => {
  assert.deepEqual(keptLimit(mkdtempSync(join(tmpdir(), 'parley-capacity-'))), { foreign: false });
});

test('what was measured elsewhere, or is no measurement, is no limit here, and says so', () => {
  assert.deepEqual(keptLimit(kept(JSON.stringify({ ...machine(), machine: 'abacus', limit: 321 }))), { foreign: true });
  assert.deepEqual(keptLimit(kept(JSON.stringify({ ...machine(), threads: 99, limit: 321 }))), { foreign: true });
  assert.deepEqual(keptLimit(kept('{"limit": 3')), { foreign: true });
});
