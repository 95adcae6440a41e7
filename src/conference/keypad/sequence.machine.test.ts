import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Control, KeypadMap } from './actions.ts';
import { type Effect, idle, type State, sequence } from './sequence.machine.ts';

const map = (table: Record<string, Control['action']>, timeout = 2000): KeypadMap => ({
  controls: Object.entries(table).map(([digits, action]) => ({ digits, action })),
  timeout,
});

/** Keys one behind the other, `ms` apart; then time goes by. Gives what was done after each key and at the end. */
function pressing(keys: string, of: KeypadMap, ms = 100): { after: string[][]; end: string[] } {
  let state: State = idle;
  let now = 1000;
  const names = (effects: readonly Effect[]): string[] => effects.map(({ action }) => action);
  const take = (input: Parameters<typeof sequence.step>[1]): string[] => {
    const step = sequence.step(state, input, now);
    state = step.state;
    return names(step.effects);
  };
  const after = [...keys].map((digit) => {
    const before: string[] = [];
    const due = sequence.deadline(state);
    if (due !== undefined && due <= now) before.push(...take({ type: 'time' }));
    const done = [...before, ...take({ type: 'digit', digit, map: of })];
    now += ms;
    return done;
  });
  const due = sequence.deadline(state);
  if (due !== undefined) now = due;
  return { after, end: take({ type: 'time' }) };
}

const table: readonly [string, string, KeypadMap, string[][], string[]][] = [
  ['one key at once', '#', map({ '#': 'hangup' }), [['hangup']], []],
  ['two keys', '*1', map({ '*1': 'mute', '*2': 'mute on' }), [[], ['mute']], []],
  ['the longest wins', '12', map({ '1': 'mute', '12': 'lock' }), [[], ['lock']], []],
  ['the shorter one after time', '1', map({ '1': 'mute', '12': 'lock' }), [[]], ['mute']],
  ['the shorter one when another key follows', '13', map({ '1': 'mute', '12': 'lock', '3': 'deaf' }), [[], ['mute', 'deaf']], []],
  ['what begins nothing is dropped', '7*1', map({ '*1': 'mute' }), [[], [], ['mute']], []],
  ['a slip does not spoil what follows', '**1', map({ '*1': 'mute' }), [[], [], ['mute']], []],
  ['a longer slip', '*0*1', map({ '*1': 'mute', '*04': 'deaf' }), [[], [], [], ['mute']], []],
  ['half a sequence is forgotten', '*', map({ '*1': 'mute' }), [[]], []],
  ['twice', '*1*1', map({ '*1': 'mute' }), [[], ['mute'], [], ['mute']], []],
  ['a map without keys', '123', map({}), [[], [], []], []],
  ['what is left after time is read too', '121', map({ '12': 'mute', '1': 'deaf', '1213': 'lock' }), [[], [], []], ['mute', 'deaf']],
];

for (const [name, keys, of, after, end] of table) {
  test(`keys: ${name}`, () => assert.deepEqual(pressing(keys, of), { after, end }));
}

test('keys that come too late belong to the next sequence; the time is the map’s', () => {
  const of = map({ '*1': 'mute', '1': 'deaf' }, 500);
  assert.deepEqual(pressing('*1', of, 499).after, [[], ['mute']]);
  assert.deepEqual(pressing('*1', of, 500).after, [[], ['deaf']]);
});

test('a map that changes between two keys counts as it is at the last', () => {
  const first = sequence.step(idle, { type: 'digit', digit: '1', map: map({ '12': 'lock' }) }, 0).state;
  const { state, effects } = sequence.step(first, { type: 'digit', digit: '2', map: map({ '2': 'deaf' }) }, 10);
  assert.deepEqual([state, effects], [idle, [{ action: 'deaf' }]]);
});

test('any keys, any map: each action that comes out was pressed whole, in order, and nothing stays for ever', () => {
  const digits = fc.stringMatching(/^[12*]{1,4}$/);
  fc.assert(
    fc.property(fc.uniqueArray(digits, { maxLength: 6 }), fc.stringMatching(/^[12*]{0,12}$/), (sequences, keys) => {
      const of: KeypadMap = { controls: sequences.map((each) => ({ digits: each, action: 'event', data: each })), timeout: 1000 };
      let state: State = idle;
      const done: string[] = [];
      for (const digit of keys) {
        const step = sequence.step(state, { type: 'digit', digit, map: of }, 0);
        state = step.state;
        done.push(...step.effects.map(({ data }) => data ?? ''));
      }
      const last = sequence.step(state, { type: 'time' }, 5000);
      done.push(...last.effects.map(({ data }) => data ?? ''));
      assert.equal(last.state.at, 'idle');
      let from = 0;
      for (const each of done) {
        const at = keys.indexOf(each, from);
        assert.ok(at >= from, `${each} was pressed in ${keys} behind ${from}`);
        from = at + each.length;
      }
    }),
    { numRuns: 500 },
  );
});
