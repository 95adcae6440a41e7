import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RingReader, RingWriter, ringMemory } from './shared-ring.ts';

/** Writes a record whose samples all are its index. */
function write(ring: RingWriter, index: number, count: number): boolean {
  const place = ring.reserve(2 * count) / 2;
  if (place < 0) {
    ring.lose();
    return false;
  }
  for (let i = 0; i < count; i++) ring.samples[place + i] = index & 0x7fff;
  ring.commit(1, 2 * count, index & 7, 8000, 3, index);
  ring.publish();
  return true;
}

test('what is written is read, in its order, with everything that belongs to it', () => {
  const memory = ringMemory(4096);
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  assert.equal(reader.next(), false);
  for (let index = 0; index < 100; index++) {
    assert.ok(write(writer, index, 160));
    assert.ok(reader.next());
    const { kind, about, rate, flags, gap, length } = reader;
    assert.deepEqual(
      { kind, index: reader.index, about, rate, flags, gap, length },
      { kind: 1, index, about: index & 7, rate: 8000, flags: 3, gap: 0, length: 320 },
    );
    const samples = reader.samples.slice(reader.at / 2, reader.at / 2 + 160);
    assert.ok(samples.every((sample) => sample === index));
    assert.equal(reader.next(), false);
  }
});

test('nothing is seen before it is published', () => {
  const memory = ringMemory(4096);
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  writer.reserve(16);
  writer.commit(1, 16, 0, 0, 0, 0);
  assert.equal(reader.next(), false);
  writer.publish();
  assert.ok(reader.next());
});

test('who reads slowly loses what does not fit; it is counted, and the next that fits says so', () => {
  const memory = ringMemory(4096);
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  let fitted = 0;
  while (write(writer, fitted, 160)) fitted += 1;
  assert.ok(fitted >= 10 && fitted <= 4096 / 320, `${fitted} records`);
  for (let index = fitted + 1; index < fitted + 5; index++) assert.equal(write(writer, index, 160), false);
  assert.equal(reader.lost, 5);
  for (let index = 0; index < fitted; index++) {
    assert.ok(reader.next());
    assert.deepEqual([reader.index, reader.gap], [index, 0]);
  }
  assert.equal(reader.next(), false, 'and that gives its place back');
  assert.ok(write(writer, fitted + 5, 160));
  assert.ok(reader.next());
  assert.deepEqual([reader.index, reader.gap], [fitted + 5, 5]);
});

test('the record that is being read is not written over', () => {
  const memory = ringMemory(4096);
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  write(writer, 1, 160);
  reader.next();
  for (let index = 2; write(writer, index, 160); index++);
  assert.ok(reader.samples.slice(reader.at / 2, reader.at / 2 + 160).every((sample) => sample === 1));
});

test('any lengths at any pace: nothing is torn, nothing is lost unsaid, whatever the counters have come to', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 960 }), fc.constant('read' as const)), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.boolean(), (list, isOld) => {
      const memory = ringMemory(4096);
      // Long ago: both counters are about to overflow.
      if (isOld) for (const at of [0, 16]) new Int32Array(memory)[at] = 0x7fffffff - 511;
      const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
      let [written, expected] = [0, 0];
      const read = (): void => {
        expected += reader.gap;
        assert.equal(reader.index, expected);
        const samples = reader.samples.slice(reader.at / 2, (reader.at + reader.length) / 2);
        assert.ok(samples.every((sample) => sample === (expected & 0x7fff)));
        expected += 1;
      };
      for (const step of list) {
        if (step !== 'read') write(writer, written++, step);
        else if (reader.next()) read();
      }
      while (reader.next()) read();
      assert.ok(written - expected <= reader.lost);
      assert.equal(writer.waiting, 0);
    }),
    { numRuns: 60 },
  );
});

test('a writer knows how much fits, and what waits', () => {
  const memory = ringMemory(4096);
  const [writer, reader] = [new RingWriter(memory), new RingReader(memory)];
  for (let index = 0; index < 7; index++) {
    write(writer, index, 160);
    reader.next();
    reader.next();
  }
  const room = writer.room(320);
  assert.ok(room >= 9, `room for ${room}`);
  for (let index = 0; index < room; index++) assert.ok(write(writer, index, 160), 'as it said');
  assert.equal(writer.waiting, room);
  assert.equal(reader.isEnded, false);
  writer.end();
  assert.equal(reader.isEnded, true);
});
