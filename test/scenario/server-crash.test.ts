import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashServer } from '../kit/server-crash.ts';

test('kill -9 of the server under load, ten times: no acknowledged change and no event is lost, sequences have no gaps', {
  timeout: 300_000,
}, async () => {
  const { kills, acknowledged, unanswered, facts } = await crashServer({ rounds: 10, seed: 3 });
  assert.equal(kills.parley, 10);
  assert.ok(acknowledged > 100 && facts > acknowledged, `${acknowledged} changes, ${facts} facts`);
  assert.ok(unanswered > 0, 'no change was under way when it was killed');
});
