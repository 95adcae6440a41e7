import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiveStatistics } from './statistics.ts';

/** Receives these sequence numbers, 20 ms apart. */
function receive(statistics: ReceiveStatistics, sequences: readonly number[], from = 0): void {
  sequences.forEach((sequence, index) => {
    statistics.received(sequence, (from + index) * 160, (from + index) * 20);
  });
}

const count = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => (from + index) & 0xffff);

test('counts through the wrap of the sequence numbers', () => {
  const statistics = new ReceiveStatistics();
  receive(statistics, count(65_000, 66_000));
  assert.deepEqual(
    [statistics.expected, statistics.packets, statistics.lost, statistics.extendedHighest],
    [1000, 1000, 0, 65_536 + (65_999 & 0xffff)],
  );
});

test('tells the fraction lost since the last report, in 256ths, and all that was lost', () => {
  const statistics = new ReceiveStatistics();
  receive(
    statistics,
    count(0, 100).filter((each) => each % 4 !== 3 || each === 99),
  );
  const first = statistics.block(7, 2000);
  assert.deepEqual([first.ssrc, first.lost, first.fractionLost, first.extendedHighest], [7, 24, Math.floor((24 * 256) / 100), 99]);
  receive(statistics, count(100, 200), 100);
  const second = statistics.block(7, 4000);
  assert.deepEqual([second.lost, second.fractionLost], [24, 0]);
});

test('repeated packets make the loss negative and the fraction nought, A.3', () => {
  const statistics = new ReceiveStatistics();
  receive(statistics, [1, 2, 2, 2, 3]);
  const { lost, fractionLost } = statistics.block(7, 100);
  assert.deepEqual([lost, fractionLost], [-2, 0]);
});

test('reordered packets are not lost', () => {
  const statistics = new ReceiveStatistics();
  receive(statistics, [65_534, 0, 65_535, 2, 1]);
  assert.deepEqual([statistics.lost, statistics.extendedHighest], [0, 65_538]);
});

test('a jump counts only when the next packet follows it, A.1', () => {
  const statistics = new ReceiveStatistics();
  receive(statistics, count(0, 50));
  assert.equal(statistics.received(30_000, 0, 1000), false);
  assert.equal(statistics.received(50, 8000, 1000), true);
  assert.deepEqual([statistics.lost, statistics.packets], [0, 51]);
  assert.equal(statistics.received(40_000, 0, 1020), false);
  assert.equal(statistics.received(40_001, 160, 1040), true);
  assert.deepEqual([statistics.expected, statistics.packets], [1, 1]);
});

test('jitter is the smoothed difference of transit times, A.8', () => {
  const even = new ReceiveStatistics();
  receive(even, count(0, 100));
  assert.equal(even.jitter, 0);
  const shaky = new ReceiveStatistics();
  shaky.received(0, 0xffff_ff60, 0);
  shaky.received(1, 0, 30);
  // 30 ms are 240 units, 160 were due: |D| = 80, J = 80 / 16.
  assert.equal(shaky.jitter, 5);
  shaky.received(2, 160, 50);
  assert.equal(shaky.jitter, 5 - 5 / 16);
  for (let index = 3; index < 1000; index++) shaky.received(index, (index - 1) * 160, index * 20 + 10 * (index % 2));
  assert.ok(Math.abs(shaky.jitterMs - 10) < 0.01, `${shaky.jitterMs}`);
});

test('tells when the last sender report came, in 1/65536 s', () => {
  const statistics = new ReceiveStatistics();
  receive(statistics, count(0, 10));
  assert.deepEqual([statistics.block(1, 0).lastSenderReport, statistics.block(1, 0).delaySinceSenderReport], [0, 0]);
  statistics.senderReport(0xb705_2000, 1000);
  const { lastSenderReport, delaySinceSenderReport } = statistics.block(1, 6250);
  assert.deepEqual([lastSenderReport, delaySinceSenderReport], [0xb705_2000, 0x0005_4000]);
});
