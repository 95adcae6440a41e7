import { test } from 'node:test';
import { walkVoipbin } from '../../../test/kit/voipbin-walk.ts';

for (let seed = 1; seed <= 10; seed += 1) {
  test(`requests, joins and hang-ups at random keep to the machines, seed ${seed}`, () => walkVoipbin({ seed, steps: 300 }));
}
