import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkReplay } from '../kit/replay-walk.ts';

test('whoever follows has everything in the end, whatever happened to him and to the server, and knows the rooms as they are', {
  timeout: 120_000,
}, async () => {
  const sums = { facts: 0, starts: 0, comings: 0, restarts: 0, amqpDoubles: 0, hookDoubles: 0, hookRefused: 0 };
  for (let seed = 1; seed <= 10; seed++) {
    const figures = await walkReplay({ steps: 250, seed });
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += figures[key];
  }
  // A walk on which nothing goes wrong proves nothing.
  for (const [what, sum] of Object.entries(sums)) assert.ok(sum > 0, `${what}: ${JSON.stringify(sums)}`);
});
