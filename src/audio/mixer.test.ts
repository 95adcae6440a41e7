import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { discontinuities, goertzel, level, longestClip } from '../../test/kit/measure.ts';
import { sine } from '../../test/kit/speech.ts';
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

test('a loud room is turned down, never wrapped, and what is subtracted comes off before that', () => {
  const mixer = new Mixer(2, 3);
  mixer.begin(everybody([0, 1, 2]), [frame(30000, -30000), frame(30000, -30000), frame(-10000, 10000)], Uint8Array.of(1, 1, 1));
  const out = new Int16Array(2);
  mixer.shared(out);
  assert.ok(out[0]! > 28_000 && out[0]! < 32_767 && out[1] === -out[0]!, `${out}`);
  assert.deepEqual(heard(mixer, 0), [20000, -20000]);
  assert.deepEqual(heard(mixer, 2), [...out]);
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
  mixer.begin(everybody([0]), frames.slice(0, 1), Uint8Array.of(1));
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

const ones = (slots: number): Uint8Array => new Uint8Array(slots).fill(1);
const steady = (value: number, samples = 160): Int16Array => new Int16Array(samples).fill(value);
/** One speaker in slot 0, one listener in slot 1. */
const pair = (gain: number, gains: MixPlan['listeners'][number]['gains'] = [], volume = 1): MixPlan => ({
  speakers: gain === 0 ? [] : [{ slot: 0, gain }],
  listeners: [{ slot: 1, gains, gain: volume }],
});

test('every listener hears what arithmetic says, whatever the gains', () => {
  const gain = fc.double({ min: 0, max: 4, noNaN: true });
  const room = fc.record({
    people: fc.array(fc.record({ gain, sample: fc.integer({ min: -1500, max: 1500 }), active: fc.boolean() }), {
      minLength: 2,
      maxLength: 4,
    }),
    factor: gain,
    volume: gain,
    other: fc.nat(3),
  });
  fc.assert(
    fc.property(room, ({ people, factor, volume, other }) => {
      const mixer = new Mixer(4, people.length);
      const plan: MixPlan = {
        speakers: people.map(({ gain }, slot) => ({ slot, gain })),
        listeners: people.map((_, slot) => ({ slot, gains: [{ slot: other, gain: factor }], gain: volume })),
      };
      const frames = people.map(({ sample }) => steady(sample, 4));
      for (let tick = 0; tick < 2; tick++) {
        mixer.begin(
          plan,
          frames,
          Uint8Array.from(people, ({ active }) => Number(active)),
        );
        people.forEach((_, listener) => {
          const sum = people.reduce((total, { gain, sample, active }, slot) => {
            const is = slot === listener || !active ? 0 : sample * gain * (slot === other ? factor : 1);
            return total + is;
          }, 0);
          // Each factor rounds towards 0 once; where the limiter has work (its own tests) only the sign is looked at.
          const out = heard(mixer, listener, 4);
          if (Math.abs(sum * volume) < 29_000) {
            for (const sample of out) assert.ok(Math.abs(sample - sum * volume) <= (people.length + factor + 1) * Math.max(1, volume) + 1);
          } else for (const sample of out) assert.equal(Math.sign(sample), Math.sign(sum));
        });
      }
    }),
  );
});

test('gains that change glide over one frame, and stay', () => {
  const frames = [steady(8000), steady(0)];
  const changes: readonly { from: MixPlan; to: MixPlan; first: number; last: number }[] = [
    { from: pair(1), to: pair(0), first: 8000, last: 0 },
    { from: pair(0), to: pair(1), first: 0, last: 8000 },
    { from: pair(0.5), to: pair(2), first: 4000, last: 16000 },
    { from: pair(1), to: pair(1, [{ slot: 0, gain: 0 }]), first: 8000, last: 0 },
    { from: pair(1, [{ slot: 0, gain: 0 }]), to: pair(1), first: 0, last: 8000 },
    { from: pair(1, [{ slot: 0, gain: 0.5 }]), to: pair(1, [{ slot: 0, gain: 1.5 }]), first: 4000, last: 12000 },
    { from: pair(1), to: pair(1, [], 0.25), first: 8000, last: 2000 },
    { from: pair(1, [], 3), to: pair(1), first: 24000, last: 8000 },
  ];
  for (const [index, { from, to, first, last }] of changes.entries()) {
    const mixer = new Mixer(160, 2);
    mixer.begin(from, frames, ones(2));
    assert.deepEqual(heard(mixer, 0, 160), [...steady(first)], `${index}`);
    mixer.begin(to, frames, ones(2));
    assert.equal(mixer.isShared(0), index < 3, `${index}`);
    const gliding = [first, ...heard(mixer, 0, 160)];
    const step = (last - first) / 160;
    gliding.forEach((sample, at) => {
      assert.ok(Math.abs(sample - (first + at * step)) <= 2, `${index}: ${sample} at ${at}`);
    });
    mixer.begin(to, frames, ones(2));
    assert.deepEqual(heard(mixer, 0, 160), [...steady(last)], `${index}`);
    assert.equal(mixer.isShared(0), mixer.silent || (to.listeners[0]!.gain === 1 && to.listeners[0]!.gains.length === 0), `${index}`);
  }
});

test('who is muted takes leave of the others in the middle of a word, and hears himself in none of it', () => {
  const mixer = new Mixer(160, 2);
  const frames = [steady(8000), steady(100)];
  mixer.begin(everybody([0, 1]), frames, ones(2));
  mixer.begin({ ...everybody([0, 1]), speakers: [{ slot: 1, gain: 1 }] }, frames, ones(2));
  assert.equal(mixer.isShared(0), false, 'his fading voice is still in the sum');
  assert.deepEqual(heard(mixer, 0, 160), [...steady(100)]);
  assert.ok(heard(mixer, 1, 160)[0]! > 7900);
  mixer.begin({ ...everybody([0, 1]), speakers: [{ slot: 1, gain: 1 }] }, frames, ones(2));
  assert.equal(mixer.isShared(0), true);
  assert.deepEqual(heard(mixer, 1, 160), [...steady(0)]);
});

test('when somebody leaves and slots move, nobody fades', () => {
  const mixer = new Mixer(160, 3);
  const [ann, ben, cem] = [steady(100), steady(2000), steady(30)];
  const muted: MixPlan = { speakers: [1, 2].map((slot) => ({ slot, gain: 1 })), listeners: everybody([0, 1, 2]).listeners };
  mixer.begin(muted, [ann, ben, cem], ones(3));
  // Ann, who was muted, goes; Ben is slot 0 now and Cem slot 1.
  mixer.begin(everybody([0, 1]), [ben, cem], ones(2));
  assert.deepEqual(heard(mixer, 1, 160), [...steady(2000)]);
  assert.deepEqual(heard(mixer, 0, 160), [...steady(30)]);
  assert.equal(mixer.silent, false);
});

test('who comes is heard at once and whole', () => {
  const mixer = new Mixer(160, 2);
  const [ann, ben] = [steady(100), steady(2000)];
  mixer.begin(everybody([0]), [ann], ones(1));
  mixer.begin(everybody([0, 1]), [ann, ben], ones(2));
  assert.deepEqual(heard(mixer, 0, 160), [...steady(2000)]);
});

for (const rate of [8000, 16000, 48000]) {
  test(`ten loud talkers at ${rate} Hz: no mix wraps or clips`, () => {
    const samples = rate / 50;
    const sounds = Array.from({ length: 10 }, (_, n) => sine(400 + 130 * n, { rate, seconds: 1, dbfs: -9.03 }));
    const frames = sounds.map(() => new Int16Array(samples));
    const mixer = new Mixer(samples, 11);
    const plan: MixPlan = { speakers: everybody([...frames.keys()]).speakers, listeners: everybody([...frames.keys(), 10]).listeners };
    const own: number[] = [];
    const all: number[] = [];
    for (let at = 0; at < rate; at += samples) {
      frames.forEach((each, slot) => {
        each.set(sounds[slot]!.subarray(at, at + samples));
      });
      mixer.begin(plan, [...frames, steady(0, samples)], Uint8Array.of(...ones(10), 0));
      assert.deepEqual([mixer.isShared(0), mixer.isShared(10)], [false, true]);
      own.push(...heard(mixer, 0, samples));
      const out = new Int16Array(samples);
      mixer.shared(out);
      const again = out.slice();
      mixer.shared(again);
      assert.deepEqual(again, out, 'the same for the second codec');
      all.push(...out);
    }
    for (const heardBy of [own, all]) {
      assert.ok(longestClip(heardBy) <= 2);
      // Neighbours of a wrapped sample are a whole scale apart; the highest tone alone steps by at most 1.4 of its amplitude.
      for (let at = 1; at < heardBy.length; at++) assert.ok(Math.abs(heardBy[at]! - heardBy[at - 1]!) < 50_000);
      assert.ok(level(heardBy) > -15);
    }
    assert.ok(goertzel(own, rate, 400) < 200 && goertzel(all, rate, 400) > 2000, 'he does not hear his own tone');
  });
}

test('entering and leaving the shared group does not click, although some are turned down and others are not', () => {
  const [samples, rate] = [160, 8000];
  const loud = [steady(0), steady(0)];
  const [listener, quiet] = [steady(0), steady(0)];
  const frames = [...loud, listener, quiet];
  const all = everybody([0, 1, 2, 3]);
  const deaf: MixPlan = {
    ...all,
    listeners: all.listeners.map((each) => (each.slot === 2 ? { slot: 2, gains: [{ slot: 1, gain: 0 }] } : each)),
  };
  // 0.6 s loud, so that two of them are turned down, then 0.6 s far below the ceiling, in which the limiter comes back.
  const sound = sine(167, { rate, seconds: 4, dbfs: -6 }).map((sample, at) => {
    const phase = (at / rate) % 1.2;
    return sample * (phase < 0.55 ? 1 : Math.max(0.2, 1 - (phase - 0.55) * 20));
  });
  const mixer = new Mixer(samples, 4);
  const heardByListener: number[] = [];
  const shares: boolean[] = [];
  for (let tick = 0; tick < 190; tick++) {
    for (const each of loud) each.set(sound.subarray(tick * samples, (tick + 1) * samples));
    // In the first, third … period he hears one of the two until it is quiet, then both like everybody else; in the second the other way round.
    const period = Math.floor(tick / 60);
    mixer.begin(tick % 60 < 32 === (period % 2 === 0) ? deaf : all, frames, Uint8Array.of(1, 1, 0, 0));
    const out = new Int16Array(samples);
    mixer.shared(out);
    shares.push(mixer.isShared(2));
    if (!mixer.isShared(2)) mixer.mixFor(2, out);
    heardByListener.push(...out);
  }
  assert.ok(!shares[20] && !shares[33] && shares[59] && shares[80] && !shares[100]);
  // A low tone alone bends slowly; a gain that jumps by a tenth would show ten times as much. The onsets of the loud stretches are the limiter's affair.
  const breaks = discontinuities(heardByListener, rate, 2).filter((at) =>
    [59, 0, 1].every((onset) => Math.floor(at / samples) % 60 !== onset),
  );
  assert.deepEqual(
    breaks.map((at) => `${at % samples} of tick ${Math.floor(at / samples)}`),
    [],
  );
});
