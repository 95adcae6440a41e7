import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Diligence } from './effort.ts';

/** Works so long, tenths of a second, and gives every complexity that was taken. */
function taken(diligence: Diligence, tenths: number, share: (complexity: number) => number): number[] {
  const all: number[] = [];
  for (let n = 0; n < tenths; n++) {
    diligence.worked(share(diligence.complexity));
    if (all.at(-1) !== diligence.complexity) all.push(diligence.complexity);
  }
  return all;
}

test('a thread with time takes pains, a busy one less, and one without time none', () => {
  const diligence = new Diligence();
  assert.deepEqual(
    taken(diligence, 100, () => 0.07),
    [5],
  );
  assert.deepEqual(
    taken(diligence, 100, () => 0.5),
    [5, 1],
  );
  assert.deepEqual(
    taken(diligence, 100, () => 0.8),
    [1, 0],
  );
  assert.deepEqual(
    taken(diligence, 300, () => 0.02),
    [0, 1, 5],
  );
});

test('what is saved does not lead back: no load makes it swing', () => {
  for (let load = 0.02; load < 1; load += 0.02) {
    const diligence = new Diligence();
    // What complexity 5 costs is two and a half times what 0 does.
    const changes = taken(diligence, 3000, (complexity) => Math.min(1, load * (complexity === 5 ? 1 : complexity === 1 ? 0.5 : 0.4)));
    assert.ok(changes.length <= 3, `at ${load.toFixed(2)}: ${changes.join(' ')}`);
  }
});

test('one busy moment changes nothing', () => {
  const diligence = new Diligence();
  taken(diligence, 50, () => 0.05);
  assert.deepEqual(
    taken(diligence, 1, () => 1),
    [5],
  );
});
