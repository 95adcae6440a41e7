import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ASTRAY, HELD, LATE, PacketOrder, READY, REPEATED, TOO_LONG } from './packet-order.ts';

const STEP = 960;

interface Given {
  readonly number: number;
  readonly missing: number;
  readonly gap: number;
  readonly arrivalMs: number;
  readonly inPlace: boolean;
}

/** A sender of packets of 20 ms at 48 kHz, which carry their own number, and whoever decodes them. */
class Line {
  readonly order = new PacketOrder();
  readonly given: Given[] = [];
  readonly #buffer = new Uint8Array(100);
  readonly #first: number;

  constructor(first = 0) {
    this.#first = first;
  }

  push(number: number, arrivalMs = 0, timestamp = number * STEP): number {
    this.#buffer.fill(0xee);
    new DataView(this.#buffer.buffer).setUint32(10, number);
    const result = this.order.push((this.#first + number) & 0xffff, timestamp >>> 0, this.#buffer, 10, 4 + (number % 50), arrivalMs);
    if (result === READY) this.fetch();
    return result;
  }

  due(number: number): boolean {
    const due = this.order.due((number * STEP) >>> 0);
    if (due) this.fetch();
    return due;
  }

  fetch(): void {
    const { order } = this;
    while (order.next()) {
      const number = new DataView(order.bytes.buffer).getUint32(order.at);
      assert.equal(order.length, 4 + (number % 50));
      assert.equal(order.sequence, (this.#first + number) & 0xffff);
      this.given.push({
        number,
        missing: order.missing,
        gap: order.gap,
        arrivalMs: order.arrivalMs,
        inPlace: order.bytes === this.#buffer,
      });
    }
  }

  get numbers(): number[] {
    return this.given.map(({ number }) => number);
  }
}

test('in order, packets pass at once and are not copied', () => {
  const line = new Line(65530);
  for (let number = 0; number < 20; number++) assert.equal(line.push(number), READY);
  assert.deepEqual(line.numbers, [...Array(20).keys()]);
  assert.ok(line.given.every(({ inPlace, missing, gap }) => inPlace && missing === 0 && gap === 0));
  assert.equal(line.order.samples, STEP);
});

test('a packet after a gap waits for the missing one, whose arrival lets all go', () => {
  const line = new Line(65534);
  assert.deepEqual([line.push(0), line.push(1), line.push(3, 60), line.push(4, 80)], [READY, READY, HELD, HELD]);
  assert.deepEqual([line.numbers, line.order.held], [[0, 1], 2]);
  assert.equal(line.push(2, 85), READY);
  assert.deepEqual(line.numbers, [0, 1, 2, 3, 4]);
  assert.deepEqual(line.given.map(({ arrivalMs }) => arrivalMs).slice(2), [85, 60, 80], 'each tells when it came itself');
  assert.ok(line.given.every(({ missing }) => missing === 0));
  assert.equal(line.order.lost, 0);
});

test('when its place is due, what is missing is given up: the next one tells how much, and then all goes on', () => {
  const line = new Line();
  for (const number of [0, 1, 4, 5, 7]) line.push(number);
  assert.equal(line.due(2), false, 'all before the place of 2 is there');
  assert.equal(line.due(3), false, '2 is given up, 3 may still come');
  assert.equal(line.push(2), LATE);
  assert.equal(line.due(4), true);
  assert.deepEqual(line.given.at(-2), { number: 4, missing: 2, gap: 2 * STEP, arrivalMs: 0, inPlace: false });
  assert.deepEqual(line.numbers, [0, 1, 4, 5]);
  assert.deepEqual([line.push(2), line.push(3), line.push(4), line.push(7)], [LATE, LATE, REPEATED, REPEATED]);
  assert.equal(line.push(6), READY);
  assert.deepEqual(line.numbers, [0, 1, 4, 5, 6, 7]);
  assert.equal(line.order.lost, 2);
});

test('a player that leapt lets all gaps before its place go', () => {
  const line = new Line();
  for (const number of [0, 1, 3, 5, 7]) line.push(number);
  assert.equal(line.due(6), true);
  assert.deepEqual(line.numbers, [0, 1, 3, 5]);
  assert.deepEqual(
    line.given.map(({ missing }) => missing),
    [0, 0, 1, 1],
  );
  // What comes behind a place that was due already need not wait.
  for (const number of [6, 8]) line.push(number);
  line.due(10);
  assert.equal(line.push(10), READY);
  assert.deepEqual(line.numbers, [0, 1, 3, 5, 6, 7, 8, 10]);
});

test('at most sixteen packets are held; then the oldest gap is given up', () => {
  const line = new Line();
  line.push(0);
  line.push(1);
  for (let number = 3; number < 18; number++) assert.equal(line.push(number), HELD);
  assert.equal(line.order.held, 15);
  assert.equal(line.push(18), READY);
  assert.deepEqual(line.numbers, [0, 1, ...Array.from({ length: 16 }, (_, i) => i + 3)]);
  // A leap beyond all places gives up all gaps but the last fifteen numbers, and keeps what came.
  for (const number of [20, 22]) line.push(number);
  assert.equal(line.push(60), READY);
  assert.deepEqual(line.numbers.slice(-2), [20, 22]);
  assert.equal(line.order.held, 1);
  assert.deepEqual([line.push(44), line.push(45)], [LATE, READY]);
  assert.deepEqual(line.given.at(-1)!.missing, 22);
  line.due(60);
  assert.deepEqual([line.numbers.at(-1), line.given.at(-1)!.missing], [60, 14]);
});

test('a pause of the sender is not a gap, whether a packet is missing or not', () => {
  const line = new Line();
  line.push(0, 0, 0);
  line.push(1, 0, STEP);
  line.push(2, 0, 100 * STEP);
  assert.deepEqual(line.given.at(-1), { number: 2, missing: 0, gap: 0, arrivalMs: 0, inPlace: true });
  line.push(4, 0, 300 * STEP);
  assert.equal(line.due(299), false, 'what is missing was right before what came');
  assert.equal(line.due(300), true);
  assert.deepEqual([line.given.at(-1)!.missing, line.given.at(-1)!.gap], [1, STEP]);
});

test('a gap right after the first packet is measured by the times alone', () => {
  const line = new Line();
  line.push(0);
  line.push(3);
  assert.deepEqual([line.due(2), line.due(3)], [false, true]);
  assert.deepEqual([line.given.at(-1)!.missing, line.given.at(-1)!.gap], [2, 2 * STEP]);
});

test('too long, astray, begun anew', () => {
  const line = new Line();
  assert.equal(line.order.push(0, 0, new Uint8Array(2000), 0, 1501, 0), TOO_LONG);
  line.push(0);
  line.push(1);
  line.push(3);
  assert.equal(line.push(9000), ASTRAY);
  assert.equal(line.push(2), READY, 'a single stray changes nothing');
  assert.equal(line.push(40_000), ASTRAY);
  assert.equal(line.push(40_001), READY);
  assert.equal(line.push(40_002), READY);
  assert.deepEqual(line.numbers, [0, 1, 2, 3, 40_001, 40_002]);
  assert.equal(line.given.at(-2)!.missing, 0);
  line.order.reset();
  assert.equal(line.push(5), READY);
  assert.equal(line.numbers.at(-1), 5);
});

test('packets that were not fetched do not stop those behind them', () => {
  const { order } = new Line();
  const bytes = new Uint8Array(4);
  assert.equal(order.push(1, 0, bytes, 0, 4, 0), READY);
  assert.equal(order.push(2, STEP, bytes, 0, 4, 0), READY);
  assert.equal(order.next(), true);
  assert.equal(order.sequence, 2);
});

const journeys = fc.array(
  fc.record({
    /** How long the packet is on its way, in packets. */
    delay: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) }),
    copies: fc.oneof(
      { weight: 8, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constant(2) },
    ),
  }),
  { minLength: 30, maxLength: 120 },
);

test('with loss, reordering and repetition: in order, each once, none that came in time is lost', () => {
  fc.assert(
    fc.property(journeys, fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 1, max: 12 }), (sent, first, buffered) => {
      const line = new Line(first);
      const arrivals = sent.flatMap(({ delay, copies }, number) =>
        Array.from({ length: number === 0 ? 1 : copies }, (_, copy) => ({
          number,
          at: number === 0 ? 0 : number + delay + copy * 3 + 0.5,
        })),
      );
      arrivals.sort((a, b) => a.at - b.at);
      const taken = new Set<number>();
      const inTime = new Set<number>();
      let tick = 0;
      const play = (): boolean => line.due(Math.max(0, tick++ - buffered + 1));
      for (const { number, at } of arrivals) {
        while (tick < at) play();
        // The player has asked for everything before this place.
        const asked = Math.max(0, tick - 1 - buffered + 1);
        if (number >= asked) inTime.add(number);
        const result = line.push(number, at);
        if (result === READY || result === HELD) assert.ok(!taken.has(number), `${number} was taken twice`);
        if (result === READY || result === HELD) taken.add(number);
        else assert.equal(result, taken.has(number) ? REPEATED : LATE);
      }
      while (tick < sent.length + 40) play();
      assert.deepEqual(
        line.numbers,
        [...taken].sort((a, b) => a - b),
        'whatever was taken comes out, in order',
      );
      for (const number of inTime) assert.ok(taken.has(number), `${number} came in time`);
      const last = line.numbers.at(-1)!;
      assert.equal(line.order.lost, last + 1 - line.numbers.length);
      let previous = -1;
      for (const { number, missing } of line.given) {
        assert.equal(missing, number - previous - 1);
        previous = number;
      }
    }),
    { numRuns: 300 },
  );
});

test('noise of numbers never throws and never comes out of order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ sequence: fc.nat(0xffff), jump: fc.boolean(), due: fc.nat(0xffff_ffff) }), { maxLength: 200 }),
      (pushes) => {
        const order = new PacketOrder();
        const bytes = new Uint8Array(8);
        let sequence = 0;
        for (const each of pushes) {
          sequence = each.jump ? each.sequence : (sequence + (each.sequence % 40) - 15) & 0xffff;
          order.push(sequence, each.due ^ 0x5555, bytes, 0, 8, 0);
          let count = 0;
          while (order.next()) assert.ok(++count <= 17 && order.gap >= 0 && order.missing >= 0);
          if (order.due(each.due)) while (order.next()) assert.ok(order.gap >= 0);
          assert.ok(order.held <= 16);
        }
      },
    ),
  );
});
