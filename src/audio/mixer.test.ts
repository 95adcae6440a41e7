import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Mixer, type MixPlan } from './mixer.ts';

const frame = (...samples: number[]): Int16Array => Int16Array.from(samples);

/** A room in which all these slots speak and hear. */
const everybody = (slots: readonly number[], gains: MixPlan['listeners'][number]['gains'] = []): MixPlan => ({
  speakers: slots.map((slot) => ({ slot, gain: 1 })),
  listeners: slots.map((slot) => ({ slot, gains })),
});

function heard(mixer: Mixer, listener: number, samples = 2): number[] {
  const out = new Int16Array(samples);
  mixer.mixFor(listener, out);
  return [...out];
}

test('everybody hears the others and not himself', () => {
  const mixer = new Mixer(2, 3);
  mixer.begin(everybody([0, 1, 2]), [frame(1, -1), frame(20, -20), frame(300, -300)], Uint8Array.of(1, 1, 1));
  assert.deepEqual(
    [0, 1, 2].map((listener) => heard(mixer, listener)),
    [
      [320, -320],
      [301, -301],
      [21, -21],
    ],
  );
});

test('who is silent in this tick adds nothing and shares the plain sum', () => {
  const mixer = new Mixer(2, 3);
  mixer.begin(everybody([0, 1, 2]), [frame(1, 1), frame(20, 20), frame(9999, 9999)], Uint8Array.of(1, 1, 0));
  assert.deepEqual(
    [0, 1, 2].map((listener) => mixer.isShared(listener)),
    [false, false, true],
  );
  const out = new Int16Array(2);
  mixer.shared(out);
  assert.deepEqual([...out], [21, 21]);
  assert.deepEqual(heard(mixer, 2), [21, 21]);
});

test('who may not speak shares the sum even while he makes noise', () => {
  const mixer = new Mixer(2, 2);
  const plan: MixPlan = {
    speakers: [{ slot: 0, gain: 1 }],
    listeners: [
      { slot: 0, gains: [] },
      { slot: 1, gains: [] },
    ],
  };
  mixer.begin(plan, [frame(5, 5), frame(7, 7)], Uint8Array.of(1, 1));
  assert.deepEqual([mixer.isShared(0), mixer.isShared(1)], [false, true]);
  assert.deepEqual(
    [heard(mixer, 0), heard(mixer, 1)],
    [
      [0, 0],
      [5, 5],
    ],
  );
});

test('an exception counts only while the other one is heard', () => {
  const mixer = new Mixer(2, 3);
  const plan: MixPlan = {
    speakers: [0, 1].map((slot) => ({ slot, gain: 1 })),
    listeners: [
      { slot: 2, gains: [{ slot: 1, gain: 0 }] },
      { slot: 2, gains: [{ slot: 1, gain: 0.5 }] },
      { slot: 2, gains: [{ slot: 1, gain: 1 }] },
      { slot: 2, gains: [{ slot: 2, gain: 0 }] },
    ],
  };
  const frames = [frame(10, 10), frame(200, 200), frame(0, 0)];
  mixer.begin(plan, frames, Uint8Array.of(1, 1, 1));
  assert.deepEqual(
    [0, 1, 2, 3].map((each) => mixer.isShared(each)),
    [false, false, true, true],
  );
  assert.deepEqual(
    [0, 1, 2].map((each) => heard(mixer, each)[0]),
    [10, 110, 210],
  );
  mixer.begin(plan, frames, Uint8Array.of(1, 0, 1));
  assert.deepEqual([mixer.isShared(0), mixer.isShared(1)], [true, true]);
});

test('a loud room is clipped, never wrapped, and what is subtracted comes off before that', () => {
  const mixer = new Mixer(2, 3);
  mixer.begin(everybody([0, 1, 2]), [frame(30000, -30000), frame(30000, -30000), frame(-10000, 10000)], Uint8Array.of(1, 1, 1));
  const out = new Int16Array(2);
  mixer.shared(out);
  assert.deepEqual([...out], [32767, -32768]);
  assert.deepEqual(
    [heard(mixer, 0), heard(mixer, 2)],
    [
      [20000, -20000],
      [32767, -32768],
    ],
  );
});

test('gains leave the frames as they were, and come off to the last bit', () => {
  const mixer = new Mixer(3, 2);
  const mine = frame(1001, -777, 32767);
  const plan: MixPlan = {
    speakers: [
      { slot: 0, gain: 0.37 },
      { slot: 1, gain: 0 },
    ],
    listeners: [
      { slot: 0, gains: [] },
      { slot: 1, gains: [] },
    ],
  };
  mixer.begin(plan, [mine, frame(5, 5, 5)], Uint8Array.of(1, 1));
  assert.deepEqual(heard(mixer, 0, 3), [0, 0, 0]);
  assert.deepEqual(heard(mixer, 1, 3), [370, -287, 12123]);
  assert.deepEqual([...mine], [1001, -777, 32767]);
});

test('a room in which nobody is heard is silent and shared by all', () => {
  const mixer = new Mixer(2, 2);
  mixer.begin(everybody([0, 1]), [frame(1, 1), frame(1, 1)], Uint8Array.of(0, 0));
  assert.deepEqual([mixer.silent, mixer.isShared(0), heard(mixer, 0)], [true, true, [0, 0]]);
});

test('a new plan may name more slots than were expected', () => {
  const mixer = new Mixer(2, 1);
  const frames = Array.from({ length: 8 }, (_, slot) => frame(slot, slot));
  mixer.begin(everybody([0]), frames, new Uint8Array(8).fill(1));
  mixer.begin(everybody([2, 7]), frames, new Uint8Array(8).fill(1));
  assert.deepEqual(
    [heard(mixer, 0), heard(mixer, 1)],
    [
      [7, 7],
      [2, 2],
    ],
  );
});

test('sharing is exactly hearing the plain sum', () => {
  const people = fc.array(
    fc.record({ speaks: fc.boolean(), active: fc.boolean(), sample: fc.integer({ min: 1, max: 3000 }), deafTo: fc.nat(7) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(people, (all) => {
      const plan: MixPlan = {
        speakers: all.flatMap(({ speaks }, slot) => (speaks ? [{ slot, gain: 1 }] : [])),
        listeners: all.map(({ deafTo }, slot) => ({ slot, gains: [{ slot: deafTo, gain: 0 }] })),
      };
      const mixer = new Mixer(1, all.length);
      mixer.begin(
        plan,
        all.map(({ sample }) => frame(sample)),
        Uint8Array.from(all, ({ active }) => Number(active)),
      );
      const out = new Int16Array(1);
      mixer.shared(out);
      const sum = out[0]!;
      all.forEach(({ deafTo }, listener) => {
        const expected = all
          .filter(({ speaks, active }, slot) => speaks && active && slot !== listener && slot !== deafTo)
          .reduce((total, { sample }) => total + sample, 0);
        assert.deepEqual(heard(mixer, listener, 1), [expected]);
        assert.equal(mixer.isShared(listener), expected === sum);
      });
    }),
  );
});
