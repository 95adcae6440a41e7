import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from '../../test/kit/room-faults.ts';
import { walkRoom } from '../../test/kit/room-walk.ts';

for (let seed = 1; seed <= 10; seed += 1) {
  test(`whatever is asked of a room, people hear what the rulings say (seed ${seed})`, () => walkRoom({ seed, steps: 1000 }));
}

test('at least ten mistakes are planted', () => assert.ok(faults.length >= 10));

for (const fault of faults) {
  test(`found: ${fault.name}`, async () => {
    await assert.rejects(walkRoom({ seed: 7, steps: 3000, fault }), /^Error: seed 7, step \d+: /);
  });
}
