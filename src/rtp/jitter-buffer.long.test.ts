import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY, FRAME, JitterBuffer, LOST } from './jitter-buffer.ts';

/** A small generator, so that jitter and loss are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Arrival {
  readonly at: number;
  readonly timestamp: number;
  readonly count: number;
  readonly marker: boolean;
}

interface Path {
  readonly seconds: number;
  readonly ptime?: number;
  /** Parts in a million by which the sender's clock is fast. */
  readonly ppm?: number;
  readonly delay?: (sentMs: number) => number;
  readonly isLost?: (sentMs: number) => boolean;
}

/** What a sender's packets look like at our side, in the order they come. */
function arrivals({ seconds, ptime = 20, ppm = 0, delay = () => 0, isLost = () => false }: Path): Arrival[] {
  const all: Arrival[] = [];
  for (let index = 0; index * ptime < seconds * 1000; index++) {
    const sent = (index * ptime) / (1 + ppm / 1e6);
    if (isLost(sent)) continue;
    all.push({ at: sent + delay(sent), timestamp: (0xffff_f000 + index * ptime * 8) >>> 0, count: ptime * 8, marker: index === 0 });
  }
  return all.sort((one, other) => one.at - other.at);
}

/** Every sample says which 10 ms of the sender it belongs to, and is loud. */
function content({ timestamp, count }: { timestamp: number; count: number }): Int16Array {
  return Int16Array.from({ length: count }, (_, index) => 1000 + (((timestamp - 0xffff_f000) >>> 0) + index) / 80);
}

interface Heard {
  readonly at: number;
  readonly code: number;
  /** The buffer's own word, and the truth: how long after its arrival on an undisturbed path this sound was played. */
  readonly delayMs: number;
  readonly trueMs: number;
}

/** Plays a path with a tick every 20 ms, `phase` ms after the sender's packets on an undisturbed path. */
function play(
  buffer: JitterBuffer,
  path: Arrival[],
  { phase = 7, isStalled = () => false }: { phase?: number; isStalled?: (now: number) => boolean } = {},
): Heard[] {
  const heard: Heard[] = [];
  const out = new Int16Array(160);
  let next = 0;
  const end = path.at(-1)!.at;
  for (let now = phase; now < end; now += 20) {
    while (next < path.length && path[next]!.at <= now) {
      const packet = path[next++]!;
      buffer.put(packet.timestamp, content(packet), 0, packet.count, packet.at, packet.marker);
    }
    if (isStalled(now)) continue;
    const code = buffer.take(out, 160, now);
    heard.push({ at: now, code, delayMs: buffer.delayMs, trueMs: now - ((out[0]! - 1000) * 80) / 8 });
  }
  return heard;
}

const codes = (heard: readonly Heard[], code: number): number => heard.filter((each) => each.code === code).length;
const between = (heard: readonly Heard[], from: number, to: number): Heard[] => heard.filter(({ at }) => at >= from && at < to);
const frames = (heard: readonly Heard[]): number[] => heard.filter(({ code }) => code === FRAME).map(({ trueMs }) => trueMs);
const most = (values: readonly number[]): number => values.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
const least = (values: readonly number[]): number => values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);

test('a clean path adds no more than the wait for the next tick', () => {
  for (const phase of [3, 7, 12, 19]) {
    const heard = play(new JitterBuffer(), arrivals({ seconds: 10 }), { phase });
    assert.equal(codes(heard, FRAME), heard.length, `phase ${phase}`);
    assert.ok(frames(heard).every((delay) => delay === phase));
  }
});

test('samples come out in the order of their time, none twice, none missing', () => {
  const buffer = new JitterBuffer();
  const out = new Int16Array(160);
  const heard: number[] = [];
  for (let index = 0; index < 100; index++) {
    const samples = Int16Array.from({ length: 160 }, (_, at) => index * 160 + at + 1);
    buffer.put((0xffff_ffff - 500 + index * 160) >>> 0, samples, 0, 160, index * 20);
    if (buffer.take(out, 160, index * 20 + 5) === FRAME) heard.push(...out);
  }
  assert.deepEqual(
    heard,
    Array.from({ length: 16000 }, (_, index) => index + 1),
  );
});

test('any ptime from 10 to 120 ms is heard whole', () => {
  for (const ptime of [10, 20, 30, 40, 50, 60, 80, 100, 120]) {
    const buffer = new JitterBuffer();
    const heard = play(buffer, arrivals({ seconds: 20, ptime }));
    const settled = between(heard, 2000, 20000);
    assert.equal(codes(settled, FRAME), settled.length, `ptime ${ptime}`);
    assert.ok(most(frames(settled)) < 50, `ptime ${ptime}: ${most(frames(settled))} ms`);
  }
});

test('the most negative sample is no hole', () => {
  const buffer = new JitterBuffer();
  const out = new Int16Array(160);
  buffer.put(0, new Int16Array(160).fill(-32768), 0, 160, 0);
  assert.equal(buffer.take(out, 160, 5), FRAME);
  assert.ok(out.every((sample) => sample === -32768));
});

test('a stall of the sender of 100, 200, 300 ms is over at once, and delay is back at its target within 10 s', () => {
  for (const stall of [100, 200, 300]) {
    for (const begin of [500, 10000]) {
      const buffer = new JitterBuffer();
      const delay = (sent: number) => (sent >= begin && sent < begin + stall ? begin + stall - sent : 0);
      const heard = play(buffer, arrivals({ seconds: 25, delay }));
      const after = between(heard, begin + stall + 10000, 25000);
      assert.ok(most(frames(after)) <= 25, `stall ${stall} at ${begin}: ${most(frames(after))} ms`);
      assert.equal(codes(after, FRAME), after.length);
      assert.ok(most(frames(between(heard, 2000, 25000))) <= 240);
    }
  }
});

test('a stall of our own thread that skips ticks is worked off within 10 s', () => {
  for (const stall of [100, 200, 300]) {
    const isStalled = (now: number) => now >= 5000 && now < 5000 + stall;
    const heard = play(new JitterBuffer(), arrivals({ seconds: 20 }), { isStalled });
    const after = between(heard, 15000, 20000);
    assert.equal(codes(after, FRAME), after.length);
    assert.ok(most(frames(after)) <= 25, `stall ${stall}: ${most(frames(after))} ms`);
    // Beyond the cap nothing waits: it is cut with the first packet after the stall.
    assert.ok(most(frames(between(heard, 5000 + stall + 40, 20000))) <= 200);
  }
});

test('loss of 2 % with jitter of 30 ms: few frames are late, and the delay does not grow over minutes', () => {
  const chance = seeded(7);
  const path = arrivals({ seconds: 180, delay: () => chance() * 30, isLost: () => chance() < 0.02 });
  const buffer = new JitterBuffer();
  const heard = play(buffer, path);
  const early = frames(between(heard, 5000, 30000));
  const last = frames(between(heard, 150000, 180000));
  assert.ok(most(last) <= 60, `${most(last)} ms`);
  assert.ok(most(last) <= most(early) + 20);
  const settled = between(heard, 5000, 180000);
  assert.ok(codes(settled, LOST) / settled.length < 0.04, `${codes(settled, LOST)} of ${settled.length}`);
  assert.ok(buffer.late / path.length < 0.012, `${buffer.late} late of ${path.length}`);
});

test('loss alone adds no delay', () => {
  const chance = seeded(3);
  const heard = play(new JitterBuffer(), arrivals({ seconds: 60, isLost: (sent) => sent > 0 && chance() < 0.1 }));
  assert.ok(frames(heard).every((delay) => delay === 7));
});

test('a lost packet is LOST once, and counted once', () => {
  const buffer = new JitterBuffer();
  const heard = play(buffer, arrivals({ seconds: 4, isLost: (sent) => sent === 1000 || sent === 2000 }));
  assert.equal(codes(heard, LOST), 2);
  assert.equal(buffer.lost, 2);
  assert.equal(buffer.concealed, 2);
  assert.equal(buffer.late, 0);
});

test('a lost 10 ms packet leaves the other half of its frame', () => {
  const buffer = new JitterBuffer();
  const out = new Int16Array(160);
  for (const index of [0, 1, 2, 4, 5]) buffer.put(index * 80, new Int16Array(80).fill(index + 1), 0, 80, 0);
  const taken = [0, 1, 2].map((tick) => {
    const code = buffer.take(out, 160, 15 + tick * 20);
    return { code, first: out[0], last: out[159], gap: [buffer.gapFrom, buffer.gapTo] };
  });
  assert.deepEqual(taken, [
    { code: FRAME, first: 1, last: 2, gap: [0, 0] },
    { code: LOST, first: 3, last: 0, gap: [80, 160] },
    { code: FRAME, first: 5, last: 6, gap: [0, 0] },
  ]);
});

test('clocks that differ by 300 ppm for half an hour move the delay by at most 20 ms', () => {
  for (const ppm of [300, -300]) {
    const chance = seeded(11);
    const path = arrivals({ seconds: 1800, ppm, delay: () => chance() * 1.5 });
    const buffer = new JitterBuffer();
    const heard = play(buffer, path).filter(({ at, code }) => at > 2000 && code === FRAME);
    const delays = heard.map(({ delayMs }) => delayMs);
    assert.ok(most(delays) - least(delays) <= 21, `${ppm} ppm: ${least(delays)} … ${most(delays)} ms`);
    assert.ok(most(delays) <= 25);
    // 1800 s * 300 ppm = 540 ms are 27 frames; more would be swinging.
    assert.ok(buffer.dropped + buffer.concealed <= 30, `${buffer.dropped} dropped, ${buffer.concealed} concealed`);
  }
});

test('reordered packets are put in order, repeated ones ignored', () => {
  const buffer = new JitterBuffer();
  const delay = (sent: number) => (sent % 200 === 100 ? 25 : 0);
  const path = arrivals({ seconds: 20, delay });
  const heard = play(
    buffer,
    path.flatMap((each) => [each, each]),
  );
  const settled = between(heard, 3000, 20000);
  assert.equal(codes(settled, FRAME), settled.length);
  // The very last packet comes after the last tick.
  assert.equal(buffer.duplicates, path.length - 1);
  assert.ok(most(frames(settled)) <= 50);
});

test('a pause that the sender announces is EMPTY, and nothing of it is counted as lost', () => {
  const buffer = new JitterBuffer();
  const path = arrivals({ seconds: 6, isLost: (sent) => sent >= 2000 && sent < 4000 }).map((each) => ({
    ...each,
    marker: each.marker || each.at === 4000,
  }));
  const heard = play(buffer, path);
  assert.equal(codes(between(heard, 2100, 4000), EMPTY), 95);
  assert.equal(buffer.lost, 0);
  const after = between(heard, 4007, 6000);
  assert.equal(codes(after, FRAME), after.length);
  assert.ok(frames(after).every((delay) => delay === 7));
});

test('a sender whose time stood still in a pause is heard again', () => {
  for (const marker of [true, false]) {
    const buffer = new JitterBuffer();
    const before = arrivals({ seconds: 2 });
    const pausedMs = 5000;
    const after = arrivals({ seconds: 6 })
      .slice(before.length)
      .map((each, index) => ({ ...each, at: each.at + pausedMs, marker: marker && index === 0 }));
    const heard = play(buffer, [...before, ...after]);
    const again = between(heard, 7000 + 100, 11000);
    assert.equal(codes(again, FRAME), again.length, `marker ${marker}`);
    assert.ok(frames(again).every((delay) => delay - pausedMs <= 25));
  }
});

test('a jump of the timestamps, either way, costs at most a few packets', () => {
  for (const jump of [100_000, -100_000, 0x7000_0000]) {
    const buffer = new JitterBuffer();
    const path = arrivals({ seconds: 6 }).map((each) => ({
      ...each,
      timestamp: each.at < 3000 ? each.timestamp : (each.timestamp + jump) >>> 0,
    }));
    const heard = play(buffer, path);
    const after = between(heard, 3150, 6000);
    assert.equal(codes(after, FRAME), after.length, `jump ${jump}`);
  }
});

test('one packet with a time far off changes nothing', () => {
  const buffer = new JitterBuffer();
  const path = arrivals({ seconds: 4 });
  path.splice(100, 0, { at: path[100]!.at, timestamp: 0x1234_5678, count: 160, marker: false });
  const heard = play(buffer, path);
  assert.equal(codes(heard, FRAME), heard.length);
});

test('a burst at the beginning is cut to the newest', () => {
  const heard = play(new JitterBuffer(), arrivals({ seconds: 15, delay: (sent) => Math.max(0, 1000 - sent) }));
  const after = between(heard, 11000, 15000);
  assert.equal(codes(after, FRAME), after.length);
  assert.ok(most(frames(after)) <= 25);
});

test('when the sender is gone, three frames are concealed and then nothing is played', () => {
  const buffer = new JitterBuffer();
  play(buffer, arrivals({ seconds: 1 }));
  const out = new Int16Array(160);
  const rest = Array.from({ length: 50 }, (_, index) => buffer.take(out, 160, 987 + index * 20));
  assert.deepEqual([rest.filter((code) => code === LOST).length, rest.at(-1)], [3, EMPTY]);
  assert.equal(buffer.lost, 0);
});

test('another sender begins anew', () => {
  const buffer = new JitterBuffer();
  play(buffer, arrivals({ seconds: 1 }));
  buffer.reset();
  const out = new Int16Array(160);
  buffer.put(42, new Int16Array(160).fill(9), 0, 160, 1000);
  assert.equal(buffer.take(out, 160, 1010), FRAME);
  assert.equal(out[0], 9);
});

test('packets that overtake each other at the very beginning are put in order, what never came stays a hole', () => {
  const buffer = new JitterBuffer();
  const out = new Int16Array(160);
  play(buffer, arrivals({ seconds: 2 }));
  buffer.reset();
  for (const index of [5, 3, 2]) buffer.put(index * 160, new Int16Array(160).fill(index), 0, 160, 3000);
  const taken = [0, 1, 2, 3].map((tick) => [buffer.take(out, 160, 3005 + tick * 20), out[0]]);
  assert.deepEqual(taken, [
    [FRAME, 2],
    [FRAME, 3],
    [LOST, 0],
    [FRAME, 5],
  ]);
});

test('a jump on a path with jitter is played with the lead that this jitter needs', () => {
  const chance = seeded(5);
  const path = arrivals({ seconds: 12, delay: () => chance() * 50 });
  const moved = path.map((each) => (each.at < 6000 ? each : { ...each, timestamp: (each.timestamp + 1_000_000) >>> 0 }));
  const buffer = new JitterBuffer();
  const heard = play(buffer, moved);
  const after = between(heard, 5000, 12000);
  assert.equal(codes(after, LOST), 0);
});

test('it does not swing between two lengths', () => {
  for (const phase of [1, 2, 3, 4, 5]) {
    const chance = seeded(9);
    const buffer = new JitterBuffer();
    play(buffer, arrivals({ seconds: 300, delay: () => chance() ** 30 * 4 }), { phase });
    assert.ok(buffer.dropped + buffer.concealed <= 4, `phase ${phase}: ${buffer.dropped} dropped, ${buffer.concealed} concealed`);
  }
});

test('whatever comes, it never throws, and finds back to a steady sender', () => {
  const packet = fc.record({
    timestamp: fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.nat(4000)),
    count: fc.nat(1200),
    wait: fc.nat(60),
    marker: fc.boolean(),
    takes: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (packets) => {
      const buffer = new JitterBuffer();
      const samples = new Int16Array(1200).fill(5);
      const out = new Int16Array(160);
      let now = 0;
      for (const { timestamp, count, wait, marker, takes } of packets) {
        now += wait;
        buffer.put(timestamp, samples, 0, count, now, marker);
        for (let index = 0; index < takes; index++) assert.ok([FRAME, LOST, EMPTY].includes(buffer.take(out, 160, now + index * 20)));
      }
      const begin = now + 100;
      const codes = Array.from({ length: 600 }, (_, index) => {
        buffer.put((77_777_777 + index * 160) >>> 0, samples, 0, 160, begin + index * 20);
        return buffer.take(out, 160, begin + index * 20 + 5);
      });
      assert.ok(codes.slice(500).every((code) => code === FRAME));
      assert.ok(buffer.delayMs <= 25, `${buffer.delayMs} ms`);
    }),
    { numRuns: 300 },
  );
});
