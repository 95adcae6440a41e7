import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hueOf, initials } from './person.ts';

test('initials of whatever people call themselves', () => {
  const names = {
    'Ann Lee': 'AL',
    'anna maria de luca': 'AL',
    '1001': '01',
    '+49 171 5550123': '23',
    7: '7',
    '"Bob" <x>': 'BX',
    '': '?',
    '  ': '?',
    王小明: '王',
    '👩‍🚀 Zoë': 'Z',
    '***': '?',
    ß: 'SS',
  };
  for (const [name, letters] of Object.entries(names)) assert.equal(initials(name), letters, name);
});

test('a name keeps its colour', () => {
  assert.equal(hueOf('Ann'), hueOf('Ann'));
  assert.notEqual(hueOf('Ann'), hueOf('Bob'));
  for (const name of ['', 'Ann', '王']) assert.ok(hueOf(name) >= 0 && hueOf(name) < 360);
});
