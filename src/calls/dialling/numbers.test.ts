import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNumber, owns, rewritten, spellings, toE164 } from './numbers.ts';

test('numbers become E.164 as KAZOO’s converters make them (kazoo-facts §10.2)', () => {
  assert.equal(toE164('4158867900'), '+14158867900');
  assert.equal(toE164('14158867900'), '+14158867900');
  assert.equal(toE164('(415) 886-7900'), '+14158867900');
  assert.equal(toE164('011493012345'), '+493012345');
  assert.equal(toE164('00493012345'), '+493012345');
  assert.equal(toE164('493012345678'), '+493012345678');
  assert.equal(toE164('+493012345'), '+493012345');
  for (const extension of ['1001', '100', '20001', '1234567']) assert.equal(toE164(extension), extension);
});

test('a text of other things is no number', () => {
  for (const text of ['', 'bob', '12a4', '+', '1'.repeat(41)]) assert.equal(isNumber(text), false, text);
  for (const text of ['1001', '*97', '+49 30 12345', '(415) 886-7900']) assert.equal(isNumber(text), true, text);
});

test('the first rule that fits rewrites, or refuses; without one the number stays', () => {
  const rules = [
    { prefix: '+1900', put: '', deny: true },
    { prefix: '+1', length: 12, put: '' },
    { prefix: '+', put: '011' },
  ];
  assert.equal(rewritten('+19005550100', rules), undefined);
  assert.equal(rewritten('+14158867900', rules), '4158867900');
  assert.equal(rewritten('+493012345', rules), '011493012345');
  assert.equal(rewritten('1001', rules), '1001');
});

test('a trunk owns a number that it lists, or whose beginning it lists', () => {
  assert.equal(owns(['+15550100'], '+15550100'), true);
  assert.equal(owns(['+155501*'], '+15550100'), true);
  assert.equal(owns(['+155502*', '+1555010'], '+15550100'), false);
  assert.deepEqual([owns(['15550100'], '+15550100'), owns(['155501*'], '+15550100')], [true, true], 'with + and without is the same');
});

test('a number is looked for as it was dialled first, then in its other spellings; an extension has none', () => {
  assert.deepEqual(spellings('(415) 886-7900'), ['4158867900', '+14158867900', '+4158867900', '14158867900']);
  assert.deepEqual(spellings('+493012345'), ['+493012345', '493012345']);
  assert.deepEqual(spellings('1001'), ['1001']);
  assert.deepEqual(spellings('*97'), ['*97']);
});
