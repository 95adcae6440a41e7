import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParticipantId } from './conference.ts';
import { TalkTime } from './talk-time.ts';

const [ann, ben] = ['ann', 'ben'] as ParticipantId[] as [ParticipantId, ParticipantId];

test('talk, overlap and silence of two who talk over each other', () => {
  const time = new TalkTime(1000);
  time.start(ann, 2000);
  time.start(ben, 4000);
  time.stop(ann, 5000);
  time.stop(ben, 5500);
  assert.deepEqual(time.of(ann, 6000), { talkMs: 3000, overlapMs: 1000, turns: 1 });
  assert.deepEqual(time.of(ben, 6000), { talkMs: 1500, overlapMs: 1000, turns: 1 });
  assert.deepEqual(time.room(6000), { talkMs: 3500, overlapMs: 1000, silenceMs: 1500 });
});

test('whoever talks when: talk and silence are all of the time, and nobody talks more than there was', () => {
  const steps = fc.array(fc.record({ who: fc.constantFrom(ann, ben), after: fc.nat(5000), starts: fc.boolean() }));
  fc.assert(
    fc.property(steps, (all) => {
      const time = new TalkTime(0);
      let now = 0;
      for (const { who, after, starts } of all) {
        now += after;
        if (starts) time.start(who, now);
        else time.stop(who, now);
      }
      const room = time.room(now);
      const [one, two] = [time.of(ann, now), time.of(ben, now)];
      assert.equal(room.talkMs + room.silenceMs, now);
      assert.equal(one.talkMs + two.talkMs, room.talkMs + room.overlapMs);
      assert.deepEqual([one.overlapMs, two.overlapMs], [room.overlapMs, room.overlapMs]);
    }),
  );
});
