import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cutter, type Stretch } from './cutter.ts';

/** One frame of 16 kHz, as loud as this; every second sample is negative. */
const frame = (loud: number): Int16Array => Int16Array.from({ length: 320 }, (_, n) => (n % 2 === 0 ? loud : -loud));

/** What is cut of sound whose loudness is told for each frame, of which somebody is told to talk in `from` to `to`. */
function cut(loud: (index: number) => number, { from, to, until }: { from: number; to: number; until: number }): Stretch[] {
  const cutter = new Cutter();
  const found: Stretch[] = [];
  for (let index = 0; index < until; index++) {
    const talking = index >= from && index < to;
    const stretch = cutter.take({ index, lost: 0, rate: 16_000, samples: frame(loud(index)), talking });
    if (stretch !== undefined) found.push(stretch);
  }
  return found;
}

test('who is noticed at once has half a second before his words, whatever the noise', () => {
  for (const noise of [0, 5, 120]) {
    const [stretch] = cut((index) => (index >= 200 && index < 300 ? 4000 : noise + (index % 3)), { from: 203, to: 320, until: 400 });
    assert.deepEqual([stretch?.from, stretch?.to], [203 - 25, 335], `${noise}`);
  }
});

test('a soft voice that is noticed a second late keeps its first word', () => {
  for (const noise of [0, 30]) {
    const soft = (index: number): number => (index >= 200 && index < 300 ? 90 : noise + (index % 3));
    const [stretch] = cut(soft, { from: 250, to: 320, until: 400 });
    assert.equal(stretch?.from, 200, `${noise}`);
    assert.equal(stretch?.samples.length, (335 - 200) * 320);
  }
});

test('a voice that comes and goes before it is noticed keeps all of it, but no more than 1.2 s', () => {
  const [stretch] = cut((index) => (index % 20 < 12 && index < 300 ? 200 : 3), { from: 290, to: 300, until: 400 });
  assert.equal(stretch?.from, 290 - 60);
});

test('a second stretch begins behind the first', () => {
  const loud = (index: number): number => (index < 100 || (index >= 140 && index < 200) ? 3000 : 2);
  const cutter = new Cutter();
  const found: Stretch[] = [];
  for (let index = 0; index < 300; index++) {
    const stretch = cutter.take({ index, lost: 0, rate: 16_000, samples: frame(loud(index)), talking: loud(index) > 100 });
    if (stretch !== undefined) found.push(stretch);
  }
  assert.equal(found.length, 2);
  assert.ok(found[1]!.from >= found[0]!.to, `${found[1]!.from} ${found[0]!.to}`);
});
