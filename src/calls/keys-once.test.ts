import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type KeyPress, KeysOnce, type KeyWay } from './keys-once.ts';

/** What is told of presses that come at these times. */
const told = (presses: readonly (KeyPress & { readonly at: number })[]): string => {
  const once = new KeysOnce();
  return presses.filter((press) => once.take(press, press.at)).reduce((all, { key }) => all + key, '');
};
const press = (key: string, way: KeyWay, at: number, ms = way === 'info' ? 0 : 100) => ({ key, way, at, ms });

test('one key in several ways is one key', () => {
  assert.equal(told([press('5', 'tone', 1000), press('5', 'event', 1030), press('5', 'info', 1100)]), '5');
  assert.equal(told([press('5', 'info', 1000), press('5', 'event', 1100)]), '5');
});

test('a key that is held is told by INFO when it is pressed, and by its event when it is let go', () => {
  assert.equal(told([press('5', 'info', 1000), press('5', 'event', 3900, 3000)]), '5');
  assert.equal(told([press('5', 'event', 3900, 3000), press('5', 'info', 3950)]), '5');
});

test('the same key again is another one, on one way or on all', () => {
  assert.equal(told([press('1', 'event', 1000), press('1', 'event', 1120, 60)]), '11');
  assert.equal(told([press('1', 'event', 1000), press('1', 'info', 1010), press('1', 'event', 1160), press('1', 'info', 1170)]), '11');
  assert.equal(told([press('1', 'info', 1000), press('1', 'info', 1160), press('1', 'event', 1170), press('1', 'event', 1330)]), '11');
  assert.equal(told([press('1', 'tone', 1000), press('1', 'event', 1400)]), '11', 'a tone and an event later are two');
  assert.equal(told([press('1', 'info', 1000), press('1', 'event', 3000)]), '11', 'long after');
});

test('whatever is typed and however late each way is, it is told once', () => {
  const way = fc.constantFrom<KeyWay>('event', 'info');
  const typed = fc.array(
    fc.record({ key: fc.constantFrom('1', '2', '#'), ms: fc.integer({ min: 40, max: 500 }), gap: fc.integer({ min: 60, max: 900 }) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(typed, fc.uniqueArray(way, { minLength: 1 }), fc.integer({ min: 0, max: 250 }), (keys, ways, late) => {
      let at = 1000;
      const presses = keys.flatMap(({ key, ms, gap }) => {
        at += ms + gap;
        return ways.map((each) => press(key, each, each === 'info' ? at + late : at, each === 'info' ? 0 : ms));
      });
      assert.equal(told(presses.sort((one, other) => one.at - other.at)), keys.map(({ key }) => key).join(''));
    }),
    { numRuns: 500, seed: 4 },
  );
});
