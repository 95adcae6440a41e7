import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startHouse } from '../kit/house.ts';
import { needs } from '../kit/programs.ts';

test('sipsak: an OPTIONS ping is answered 200', async () => {
  const sipsak = needs('sipsak');
  await using house = await startHouse();
  const { stdout } = await promisify(execFile)(sipsak, ['-s', `sip:3000@${house.sip}`, '-vv'], { timeout: 10_000 });
  assert.match(stdout, /SIP\/2\.0 200/);
});
