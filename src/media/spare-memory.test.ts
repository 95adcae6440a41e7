import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { memoryTrim, SpareMemory } from './spare-memory.ts';

const setUp = () => {
  const clock = new FakeClock();
  let given = 0;
  const spare = new SpareMemory({
    clock,
    giveBack: () => {
      given += 1;
    },
  });
  const calls = (count: number): void => {
    for (let n = 0; n < count; n += 1) spare.changed();
  };
  return { clock, spare, calls, given: () => given };
};

test('memory is given back once, when a wave of calls is over', () => {
  const { clock, calls, given } = setUp();
  calls(199);
  clock.advance(60_000);
  assert.equal(given(), 0, 'a few calls leave nothing that is worth while');
  assert.equal(clock.armed, 0, 'no timer runs');
  calls(300);
  clock.advance(4900);
  calls(50);
  clock.advance(4900);
  assert.equal(given(), 0, 'they still come');
  clock.advance(5000);
  assert.deepEqual([given(), clock.armed], [1, 0]);
  clock.advance(600_000);
  assert.equal(given(), 1);
  calls(200);
  clock.advance(5000);
  assert.equal(given(), 2, 'the next wave');
});

test('who closes waits for nothing', () => {
  const { clock, spare, calls, given } = setUp();
  calls(500);
  spare.close();
  clock.advance(60_000);
  assert.deepEqual([given(), clock.armed], [0, 0]);
});

test('the C library can be asked', async () => {
  const trim = memoryTrim();
  assert.ok(trim !== undefined || process.platform !== 'linux');
  trim?.();
});
