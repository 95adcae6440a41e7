import assert from 'node:assert/strict';
import { test } from 'node:test';
import { voipbinFaults } from '../../../test/kit/voipbin-faults.ts';
import { walkVoipbin } from '../../../test/kit/voipbin-walk.ts';

for (let seed = 1; seed <= 10; seed += 1) {
  test(`requests, joins and hang-ups at random are what the model says, and keep to the machines, seed ${seed}`, () =>
    walkVoipbin({ seed, steps: 300 }));
}

for (const fault of voipbinFaults) {
  test(`the walk finds it when ${fault.name}`, async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const found = await walkVoipbin({ seed, steps: 200, fault }).then(
        () => undefined,
        (error: Error) => error,
      );
      if (found !== undefined) return;
    }
    assert.fail('it was not found');
  });
}
