import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanLevel, TalkDetector } from './level.ts';

const loud = (level: number): Int16Array => Int16Array.from({ length: 160 }, (_, index) => (index % 2 === 0 ? level : -level));

test('energy is the mean absolute sample', () => {
  assert.equal(meanLevel(Int16Array.of(100, -300, 0, -32768), 4), (100 + 300 + 32768) / 4);
  assert.equal(meanLevel(Int16Array.of(100, -300), 1), 100);
  assert.equal(meanLevel(new Int16Array(0), 0), 0);
});

test('talking begins with the first frame above the level and ends after 400 ms of quiet', () => {
  const detector = new TalkDetector();
  detector.push(loud(20), 160);
  assert.equal(detector.talking, false);
  detector.push(loud(21), 160);
  assert.deepEqual([detector.talking, detector.energy], [true, 21]);
  for (let frame = 1; frame < 20; frame++) {
    detector.push(loud(0), 160);
    assert.equal(detector.talking, true, `after ${frame * 20} ms`);
  }
  detector.push(loud(0), 160);
  assert.deepEqual([detector.talking, detector.energy], [false, 0]);
});

test('a voice just below the level does not end, a word starts the hold anew', () => {
  const detector = new TalkDetector({ energyLevel: 100 });
  detector.push(loud(101), 160);
  for (let frame = 0; frame < 100; frame++) detector.push(loud(80), 160);
  assert.equal(detector.talking, true);
  for (let frame = 0; frame < 19; frame++) detector.push(loud(70), 160);
  detector.push(loud(150), 160);
  for (let frame = 0; frame < 19; frame++) detector.push(loud(70), 160);
  assert.equal(detector.talking, true);
  detector.push(loud(70), 160);
  assert.equal(detector.talking, false);
  detector.push(loud(80), 160);
  assert.equal(detector.talking, false, 'what keeps talking up does not begin it');
});

test('level 0 always talks', () => {
  const detector = new TalkDetector({ energyLevel: 0 });
  detector.push(loud(0), 160);
  assert.equal(detector.talking, true);
});
