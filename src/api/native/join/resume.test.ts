import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededChance } from '../../../../test/kit/seeded-chance.ts';
import { browserOf, isOfRun, newResume, newRun } from './resume.ts';

const chance = new SeededChance(9);

test('whoever comes back has another secret, and is the same browser, however often and over restarts', () => {
  const [before, after] = [newRun(chance), newRun(chance)];
  const first = newResume(chance, before, undefined);
  const second = newResume(chance, before, first);
  const third = newResume(chance, after, second);
  assert.equal(new Set([first, second, third]).size, 3);
  for (const each of [first, second, third]) assert.match(each, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(browserOf(third), browserOf(first));
  assert.deepEqual(
    [first, second, third].map((each) => isOfRun(each, after)),
    [false, false, true],
  );
});

test('who shows nothing is somebody else each time', () => {
  const run = newRun(chance);
  const [one, other] = [newResume(chance, run, undefined), newResume(chance, run, undefined)];
  assert.notDeepEqual(browserOf(one), browserOf(other));
});
