import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decibelsOf, shareOf, TalkEar } from './ear.ts';

test('a full sine is −3 dBFS, silence −100; the bar is full from −6 on and empty at −60', () => {
  const sine = Float32Array.from({ length: 4800 }, (_, at) => Math.sin((2 * Math.PI * at) / 48));
  assert.ok(Math.abs(decibelsOf(sine) + 3.01) < 0.01);
  assert.equal(decibelsOf(new Float32Array(100)), -100);
  assert.deepEqual([shareOf(-100), shareOf(-60), shareOf(-6), shareOf(0)], [0, 0, 1, 1]);
  assert.ok(shareOf(-33) > 0.4 && shareOf(-33) < 0.6);
});

const tells = (levels: readonly number[]): boolean => {
  const ear = new TalkEar();
  return levels.map((each) => ear.hear(each)).includes(true);
};
const steady = (level: number, count: number): number[] => Array.from({ length: count }, () => level);

test('talking is told within a second, a cough and a steady noise are not', () => {
  assert.equal(tells([...steady(-60, 40), ...steady(-25, 20)]), true);
  assert.equal(tells([...steady(-60, 40), ...steady(-25, 4), ...steady(-60, 40)]), false, 'a cough of 200 ms');
  assert.equal(tells(steady(-52, 400)), false, 'a fan');
  assert.equal(tells(steady(-90, 100)), false);
});
