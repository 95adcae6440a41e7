import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '../../test/kit/seeded-chance.ts';
import { Seal } from './sealing.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const cell = { table: 'calls', column: 'leg', row: '1' };
const wrong = { kind: 'unavailable', code: 'wrong_master_key' };

test('what was sealed opens to the same text', () => {
  const seal = new Seal(key(1), new SeededChance());
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => seal.open(seal.seal(text, cell), cell) === text));
});

test('the same text is never sealed to the same bytes', () => {
  const seal = new Seal(key(1), new SeededChance());
  assert.notDeepEqual(seal.seal('secret', cell), seal.seal('secret', cell));
});

test('nothing opens with another key, in another place, or changed or cut anywhere', () => {
  const seal = new Seal(key(1), new SeededChance());
  const sealed = seal.seal('secret', cell);
  assert.throws(() => new Seal(key(2), new SeededChance()).open(sealed, cell), wrong);
  for (const moved of [{ table: 'x' }, { column: 'x' }, { row: 'x' }]) assert.throws(() => seal.open(sealed, { ...cell, ...moved }), wrong);
  for (let index = 0; index < sealed.length; index++) {
    const changed = Uint8Array.from(sealed);
    changed[index]! ^= 1;
    assert.throws(() => seal.open(changed, cell), wrong);
    assert.throws(() => seal.open(sealed.subarray(0, index), cell), wrong);
  }
});

test('a search text repeats for one key and tells nothing about another', () => {
  const [one, other] = [new Seal(key(1), new SeededChance(1)), new Seal(key(2), new SeededChance(1))];
  assert.equal(one.searchable('k'), one.searchable('k'));
  assert.notEqual(one.searchable('k'), one.searchable('l'));
  assert.notEqual(one.searchable('k'), other.searchable('k'));
});

test('a master key of another length is refused', () => {
  assert.throws(() => new Seal(new Uint8Array(16), new SeededChance()), { kind: 'invalid', code: 'master_key_length' });
});
