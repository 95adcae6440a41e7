import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LossDiary } from './loss-diary.ts';
import type { Signal } from './messages.ts';

/** A diary that looks every so often, ms. */
const LOOK = 10_000;

/** What a leg counts, and what is told of it. */
function watched() {
  const diary = new LossDiary();
  const told: Signal[] = [];
  const counts = { packetsIn: 0, lost: 0, voice: { late: 0 } };
  let now = 0;
  diary.look('ann', now, counts, told);
  /** Packets that come or are lost until the next look; it is looked at more often than it needs. */
  const goesOn = (packetsIn: number, lost: number, late = 0): void => {
    for (let step = 0; step < 10; step++) {
      now += LOOK / 10;
      counts.packetsIn += packetsIn / 10;
      counts.lost += lost / 10;
      counts.voice.late += late / 10;
      diary.look('ann', now, counts, told);
    }
  };
  return { told, goesOn };
}

test('a time of losses begins at the last good look, and is told with all that was lost in it as long as it goes on', () => {
  const { told, goesOn } = watched();
  goesOn(500, 0);
  goesOn(450, 40, 10);
  goesOn(400, 100);
  const of = { type: 'media-losses', leg: 'ann' };
  assert.deepEqual(told, [
    { ...of, sinceMs: LOOK, lost: 50, all: 500 },
    { ...of, sinceMs: 2 * LOOK, lost: 150, all: 1000 },
  ]);
  goesOn(500, 0);
  goesOn(490, 10);
  assert.deepEqual(told.slice(2), [{ ...of, sinceMs: LOOK, lost: 10, all: 500 }]);
});

test('a few packets, or less than one in a hundred, are no time of losses', () => {
  const { told, goesOn } = watched();
  goesOn(40, 4);
  goesOn(1000, 9);
  assert.deepEqual(told, []);
});
