import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityCommand, table } from './capacity.ts';

test('the table says what a leg costs, how many a core carries, and how many are taken', () => {
  const measured = [
    { codec: 'PCMU', legs: 700, cpuMicrosPerLegSecond: 250.4 },
    { codec: 'opus', legs: 150, cpuMicrosPerLegSecond: 1250 },
  ];
  const text = table({ measured, legs: { PCMU: 2796, opus: 560 }, threads: 1, machine: 'x64, 2 × Abacus', limit: 560 });
  assert.match(text, /^ {2}PCMU +250 +3 993 +2 796$/m);
  assert.match(text, /^ {2}opus +1250 +800 +560$/m);
  assert.match(text, /x64, 2 × Abacus; 1 media thread\n/);
});

test('a wish that cannot be is refused before anything is measured', async () => {
  const config = (): never => assert.fail('nothing is measured');
  await assert.rejects(capacityCommand(['--share', '100'], config), /--share must be a number from 10 to 95, but it is "100"/);
  await assert.rejects(capacityCommand(['--legs', 'many'], config), /--legs must be/);
  await assert.rejects(capacityCommand(['--codec', 'gsm'], config), /--codec must be one of PCMU, G722, opus/);
  await assert.rejects(capacityCommand(['--sconds', '1'], config), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
});
