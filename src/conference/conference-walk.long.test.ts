import { test } from 'node:test';
import { walkConferences } from '../../test/kit/conference-walk.ts';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { openSqlite } from '../store/index.ts';

test('whatever is commanded, facts, state and hearing agree', async () => {
  await walkConferences({ rounds: 10, steps: 400, seed: 20_261_121, limitMs: 60_000 });
});

test('on SQLite as well', async () => {
  const open = async () =>
    (await openSqlite({ path: ':memory:', chance: new SeededChance(2), masterKey: new Uint8Array(32).fill(3) })).conferences;
  await walkConferences({ rounds: 3, steps: 200, seed: 4, open, limitMs: 60_000 });
});
