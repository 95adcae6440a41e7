import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../base/index.ts';
import { capacityOf, limitOf } from './capacity.ts';

const here = { threads: 3, machine: 'x64 4 cores' };
const g711 = { codec: 'PCMU', legs: 1000, cpuMicrosPerLegSecond: 250 };
const opus = { codec: 'opus', legs: 200, cpuMicrosPerLegSecond: 1000 };

test('the limit leaves three tenths of each thread free, and fits any mixture of what was measured', () => {
  const capacity = capacityOf([g711, opus], here)!;
  assert.deepEqual(capacity.legs, { PCMU: 3 * 2800, opus: 3 * 700 });
  assert.equal(capacity.limit, 2100);
  assert.equal(capacityOf([g711, opus], { ...here, codec: 'PCMU' })!.limit, 8400);
  assert.equal(capacityOf([g711, opus], { ...here, codec: 'G722' })!.limit, 2100);
  assert.equal(capacityOf([g711], { ...here, threads: 1, share: 0.5 })!.limit, 2000);
});

test('nothing is promised far beyond what was measured, and the worst of two measurements counts', () => {
  assert.equal(capacityOf([{ ...g711, legs: 100 }], { ...here, threads: 1 })!.limit, 400);
  assert.equal(capacityOf([g711, { ...g711, cpuMicrosPerLegSecond: 500 }], { ...here, threads: 1 })!.limit, 1400);
  assert.equal(capacityOf([{ ...g711, legs: 1, cpuMicrosPerLegSecond: 2_000_000 }], here)!.limit, 1);
});

test('a measurement that failed is none', () => {
  for (const bad of [0, -1, Number.NaN]) {
    assert.equal(capacityOf([{ ...g711, cpuMicrosPerLegSecond: bad }], here), undefined);
    assert.equal(capacityOf([{ ...g711, legs: bad }], here), undefined);
  }
  assert.equal(capacityOf([], here), undefined);
});

test('a kept capacity is believed on the machine that it was measured on', () => {
  const kept = JSON.parse(JSON.stringify(capacityOf([g711], here))) as Json;
  assert.equal(limitOf(kept, here), 8400);
  assert.equal(limitOf(kept, { ...here, threads: 7 }), undefined);
  assert.equal(limitOf(kept, { ...here, machine: 'arm64 4 cores' }), undefined);
  for (const broken of [undefined, null, 'x', [], {}, { ...here, limit: '9' }, { ...here, limit: 0 }, { ...here, limit: 1.5 }]) {
    assert.equal(limitOf(broken as unknown as Json, here), undefined);
  }
});
