import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queues } from './queues.ts';

test('work of one key runs in order and alone; other keys do not wait; empty queues vanish', async () => {
  const queues = new Queues();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queues.run('a', async () => {
    seen.push('a1');
    await gate.promise;
    seen.push('a1 done');
    throw new Error('bad');
  });
  const second = queues.run('a', async () => void seen.push('a2'));
  await queues.run('b', async () => void seen.push('b'));
  assert.deepEqual(seen, ['a1', 'b']);
  assert.equal(queues.depth, 2);
  gate.resolve();
  await assert.rejects(first, /bad/);
  await second;
  assert.deepEqual(seen, ['a1', 'b', 'a1 done', 'a2']);
  assert.deepEqual([queues.depth, queues.size], [0, 0]);
});
