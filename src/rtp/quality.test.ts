import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BurstCounter } from './burst-counter.ts';
import { mosOf, type QualityCounters, quality } from './quality.ts';

const clean: QualityCounters = { codec: 'G711', expected: 1000, lost: 0, discarded: 0, bufferMs: 0, packetMs: 0, roundTripMs: 0 };
const near = (actual: number, expected: number, by: number, what = ''): void =>
  assert.ok(Math.abs(actual - expected) <= by, `${what} ${actual} is not ${expected} ± ${by}`);

test('a call without fault has the rating of G.107 §7.7: 93.2, MOS 4.41', () => {
  const { rFactor, mosLq, mosCq } = quality(clean);
  near(rFactor, 93.2, 0.05);
  near(mosLq, 4.41, 0.005);
  near(mosCq, 4.41, 0.005);
});

test('MOS by rating as in G.107 Table B.1', () => {
  for (const [rating, mos] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [-5, 1],
    [100, 4.5],
    [3, 1],
  ] as const) {
    near(mosOf(rating), mos, 0.007, `R ${rating}:`);
  }
});

test('delay costs what Cole and Rosenbluth read off the E-model: 0.024 d + 0.11 (d - 177.3) above 177.3 ms', () => {
  for (const delay of [25, 50, 100, 150, 200, 250, 300]) {
    const simple = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
    near(quality(clean).rFactor - quality({ ...clean, roundTripMs: 2 * delay }).rFactor, simple, 1.6, `${delay} ms:`);
  }
  // The parts of the delay add up, whichever they are, and do not touch the listening quality.
  const far = quality({ ...clean, roundTripMs: 400 });
  assert.deepEqual(quality({ ...clean, bufferMs: 100, packetMs: 20, roundTripMs: 160 }), far);
  assert.equal(far.mosLq, quality(clean).mosLq);
  assert.ok(far.mosCq < far.mosLq);
});

test('loss costs Ie,eff of G.107 §7.5 with G.113 for G.711 with concealment', () => {
  // 95 Ppl / (Ppl / BurstR + 25.1): 1 % gives 3.64, 5 % 15.78, and 5 % in runs of two (BurstR 1.9) 17.13.
  const drop = (counters: Partial<QualityCounters>): number => quality(clean).rFactor - quality({ ...clean, ...counters }).rFactor;
  near(drop({ lost: 10 }), 3.64, 0.01);
  near(drop({ lost: 50 }), 15.78, 0.01);
  near(drop({ lost: 20, discarded: 30 }), 15.78, 0.01, 'late is as bad as lost:');
  near(drop({ lost: 50, runs: 25 }), 17.13, 0.01);
  near(drop({ lost: 60, recovered: 50 }), 3.64, 0.01, 'what was brought back is not missing:');
});

test('a wide-band codec is rated on the scale of G.107.1: 129 at best, brought to 100, less what G.113 says of G.722', () => {
  // (129 - 13) / 1.29, and its opinion by G.107 Annex B.
  const wide = { ...clean, codec: 'G722', bufferMs: -1.5 } as const;
  near(quality(wide).rFactor, 89.92, 0.01);
  near(quality(wide).mosCq, 4.34, 0.01);
  // 13 + 82 * 5 / (5 + 25.1) = 26.6 of 129.
  near(quality({ ...wide, lost: 50 }).mosLq, mosOf((129 - 26.62) / 1.29), 0.001);
  near(quality({ ...wide, lost: 60, recovered: 10 }).mosLq, quality({ ...wide, lost: 50 }).mosLq, 1e-9, 'what FEC brought back:');
  assert.ok(quality({ ...wide, roundTripMs: 800 }).mosCq < 3.7, 'who hears the other so late talks badly, whatever the band');
  assert.equal(quality({ ...wide, roundTripMs: 800 }).mosLq, quality(wide).mosLq);
});

test('never outside its bounds, and more trouble is never better', () => {
  const counters = fc.record({
    codec: fc.constantFrom('G711' as const, 'G722' as const, 'OPUS' as const),
    expected: fc.nat(10_000),
    lost: fc.integer({ min: -10, max: 10_000 }),
    discarded: fc.nat(10_000),
    runs: fc.nat(100),
    bufferMs: fc.nat(1000),
    roundTripMs: fc.option(fc.nat(5000), { nil: undefined }),
  });
  fc.assert(
    fc.property(counters, (each) => {
      const { rFactor, mosLq, mosCq } = quality(each);
      assert.ok(rFactor >= 0 && rFactor <= 93.4, `${rFactor}`);
      assert.ok(mosCq >= 1 && mosCq <= 4.42 && mosLq >= 1 && mosLq <= 4.42 && mosCq <= mosLq + 1e-9);
      assert.ok(quality({ ...each, bufferMs: each.bufferMs + 50 }).rFactor <= rFactor + 0.01);
    }),
  );
});

/** One letter per packet: x is missing. */
function count(pattern: string): BurstCounter {
  const counter = new BurstCounter();
  for (const run of pattern.match(/x+|[^x]/g) ?? []) {
    if (run[0] === 'x') counter.missed(run.length);
    else counter.played();
  }
  return counter;
}

test('as RFC 3611 §4.7.2 defines them, bursts begin and end with a missing packet; single ones belong to the gap', () => {
  const gap = '.'.repeat(16);
  const counter = count(`${gap}${gap}x${gap}xx...x.x${gap}.${gap}x${gap}`);
  assert.equal(counter.bursts, 1);
  assert.equal(counter.burstPackets, 8);
  assert.equal(counter.burstDensity, 4 / 8);
  assert.equal(counter.missing, 6);
  assert.equal(counter.runs, 5);
  assert.equal(counter.gapDensity, 2 / (counter.packets - 8));
  assert.deepEqual([counter.burstLength, counter.gapLength], [8, counter.packets - 8]);
});

test('fifteen played packets hold a burst together, sixteen part it', () => {
  assert.deepEqual([count(`xx${'.'.repeat(15)}xx`).bursts, count(`xx${'.'.repeat(15)}xx`).burstPackets], [1, 19]);
  assert.deepEqual([count(`xx${'.'.repeat(16)}xx`).bursts, count(`xx${'.'.repeat(16)}xx`).burstPackets], [2, 4]);
  assert.deepEqual([count('').burstDensity, count('').gapDensity, count('....').gapLength], [0, 0, 4]);
});

test('counts as a search over the whole call would', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('.', '.', '.', '.', '.', '.', '.', 'x', '.'.repeat(20)), { maxLength: 200 }), (parts) => {
      const pattern = parts.join('');
      // Bursts are the pieces between runs of sixteen played ones, less the played ones at their ends, if more than one packet is missing.
      const pieces = pattern.split(/\.{16,}/).map((piece) => piece.replace(/^\.+|\.+$/g, ''));
      const bursts = pieces.filter((piece) => (piece.match(/x/g) ?? []).length > 1);
      const counter = count(pattern);
      assert.equal(counter.bursts, bursts.length);
      assert.equal(counter.burstPackets, bursts.join('').length);
      assert.equal(counter.runs, (pattern.match(/x+/g) ?? []).length);
      assert.equal(counter.packets, pattern.length);
    }),
  );
});
