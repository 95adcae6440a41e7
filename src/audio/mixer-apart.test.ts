import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mixer, type MixPlan } from './mixer.ts';

const steady = (value: number, samples = 160): Int16Array => new Int16Array(samples).fill(value);

function heard(mixer: Mixer, listener: number, samples = 2): number[] {
  const out = new Int16Array(samples);
  mixer.mixFor(listener, out);
  return [...out];
}

test('what is aside is heard only by those who name it, and is in no sum', () => {
  const frames = [steady(1000, 4), steady(300, 4), steady(20, 4), steady(20, 4)];
  const active = new Uint8Array(4).fill(1);
  const plan = (gains: MixPlan['listeners'][number]['gains']): MixPlan => ({
    speakers: [
      { slot: 0, gain: 1 },
      { slot: 1, gain: 1, aside: true },
    ],
    listeners: [
      { slot: 2, gains },
      { slot: 3, gains: [] },
    ],
  });
  const mixer = new Mixer(4, 4);
  const tick = (of: MixPlan, flags = active): number[] => {
    mixer.begin(of, frames, flags);
    return [heard(mixer, 0, 4)[3]!, heard(mixer, 1, 4)[3]!];
  };
  const both = plan([{ slot: 1, gain: 0.5 }]);
  assert.deepEqual(tick(both), [1150, 1000]);
  assert.deepEqual([mixer.isShared(0), mixer.isShared(1)], [false, true]);
  const alone = plan([
    { slot: 0, gain: 0 },
    { slot: 1, gain: 1 },
  ]);
  tick(alone);
  assert.deepEqual(tick(alone), [300, 1000]);
  const quiet = Uint8Array.of(0, 1, 1, 1);
  assert.deepEqual(tick(alone, quiet), [300, 0], 'the sum is silent, he is not');
  assert.deepEqual([mixer.silent, mixer.isSilentFor(0), mixer.isSilentFor(1)], [true, false, true]);
  assert.deepEqual([mixer.isShared(0), mixer.isShared(1)], [false, true]);
  const without: MixPlan = {
    ...alone,
    speakers: [{ slot: 0, gain: 1 }],
    listeners: alone.listeners.map(({ slot }) => ({ slot, gains: [] })),
  };
  assert.deepEqual(tick(without), [1000, 1000], 'it fades out and is gone');
  assert.ok(heard(mixer, 0, 4)[0]! > 400, 'over one frame');
  assert.deepEqual(tick(without), [1000, 1000]);
  assert.equal(mixer.isShared(0), true);
});

test('with echo he hears himself as the others do, shares their sum, and fades in and out of it', () => {
  const frames = [steady(1000, 4), steady(300, 4)];
  const active = new Uint8Array(2).fill(1);
  const plan = (echo: boolean, gain = 1): MixPlan => ({
    speakers: [
      { slot: 0, gain },
      { slot: 1, gain: 1 },
    ],
    listeners: [
      { slot: 0, gains: [], echo },
      { slot: 1, gains: [] },
    ],
  });
  const mixer = new Mixer(4, 2);
  const tick = (of: MixPlan): number[] => {
    mixer.begin(of, frames, active);
    return heard(mixer, 0, 4);
  };
  const [plain, echo, soft] = [plan(false), plan(true), plan(true, 0.5)];
  assert.deepEqual(tick(plain), [300, 300, 300, 300]);
  assert.equal(mixer.isShared(0), false);
  assert.deepEqual(tick(echo), [550, 800, 1050, 1300], 'over one frame');
  assert.equal(mixer.isShared(0), false);
  assert.deepEqual(tick(echo), [1300, 1300, 1300, 1300]);
  assert.deepEqual([mixer.isShared(0), mixer.isShared(1)], [true, false]);
  tick(soft);
  assert.deepEqual(tick(soft), [800, 800, 800, 800], 'as loud as he is in the sum');
  tick(plain);
  assert.deepEqual(tick(plain), [300, 300, 300, 300]);
});
