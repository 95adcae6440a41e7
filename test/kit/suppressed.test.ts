import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import './suppressed.ts';

async function failing(): Promise<void> {
  await using _house = { [Symbol.asyncDispose]: () => Promise.reject(new Error('the server ended with 7')) };
  throw new Error('the line that matters');
}

test('who fails and cannot be closed is told with both, the first one first', async () => {
  const error = await failing().catch((thrown: unknown) => thrown);
  assert.ok(error instanceof SuppressedError);
  const { errors } = error.cause as AggregateError;
  assert.deepEqual(
    errors.map(({ message }) => message),
    ['the line that matters', 'the server ended with 7'],
  );
  // What the test runner passes on from one process to the other, and what it shows within one.
  for (const shown of [inspect(error.cause), inspect(error)]) {
    assert.match(shown, /the line that matters[\s\S]*the server ended with 7/);
    assert.match(shown, /at failing/);
  }
  assert.equal(SuppressedError.prototype.cause, undefined);
});
