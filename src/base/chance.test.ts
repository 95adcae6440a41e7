import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { dashed, newId, undashed } from './chance.ts';

test('an id is a UUIDv7: its first 48 bits are the time, version and variant stand where RFC 9562 wants them', () => {
  // RFC 9562 appendix A.6: 2022-02-22 19:22:22 UTC is 017F22E279B0.
  const id = newId(new SeededChance(7), 1_645_557_742_000);
  assert.match(id, /^017f22e279b07[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

test('ids made later sort later', () => {
  const chance = new SeededChance(1);
  const ids = [1, 2, 2 ** 33, 2 ** 41].map((epoch) => newId(chance, epoch));
  assert.deepEqual([...ids].sort(), ids);
});

test('an id is spelt with dashes and back; names stay as they are', () => {
  const id = newId(new SeededChance(3), 5);
  assert.match(dashed(id), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(undashed(dashed(id)), id);
  assert.equal(dashed('my-room'), 'my-room');
  assert.equal(undashed('my-room'), 'my-room');
});
