import { test } from 'node:test';
import { walkConferences } from '../../test/kit/conference-walk.ts';

test('whatever is commanded, facts, state and hearing agree', async () => {
  await walkConferences({ rounds: 10, steps: 400, seed: 20_261_121 });
});
