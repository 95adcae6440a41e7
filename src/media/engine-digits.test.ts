import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, quiet, threadHouse } from '../../test/kit/thread-house.ts';
import type { ConferenceId, LegId } from '../conference/index.ts';

const leg = (name: string): LegId => name as LegId;

test('keys go to the thread of their leg, in capitals and with their times; what is no key is refused', async () => {
  await using home = await threadHouse();
  await home.open('ann', 'room');
  home.engine.sendDigits(leg('ann'), '12#a');
  home.engine.sendDigits(leg('ann'), '*', { ms: 200, gapMs: 80 });
  home.engine.sendDigits(leg('nobody'), '1');
  await quiet();
  const told = home.fakes.all.flatMap(({ orders }) => orders.filter((order) => order.do === 'press'));
  assert.deepEqual(told, [
    { do: 'press', leg: 'ann', keys: '12#A', ms: 100, gapMs: 60 },
    { do: 'press', leg: 'ann', keys: '*', ms: 200, gapMs: 80 },
  ]);
  const wrong = { kind: 'invalid', code: 'bad_digits' };
  for (const digits of ['', 'E', '1 2', '1'.repeat(65)]) assert.throws(() => home.engine.sendDigits(leg('ann'), digits), wrong);
  for (const times of [{ ms: 39 }, { ms: 6001 }, { gapMs: 0 }, { ms: Number.NaN }]) {
    assert.throws(() => home.engine.sendDigits(leg('ann'), '1', times), wrong);
  }
});

test('keys for a leg that is on its way to another thread are pressed there', async () => {
  await using home = await threadHouse();
  await home.fill(2);
  await home.open('ann', 'filler 0');
  const moved = home.engine.move(leg('ann'), { account, conference: 'filler 1' as ConferenceId });
  home.engine.sendDigits(leg('ann'), '5');
  await moved;
  await quiet();
  assert.deepEqual(home.fakes.all[1]!.told('ann'), ['open', 'press']);
  assert.deepEqual(home.fakes.all[0]!.told('ann'), ['open', 'release']);
});
