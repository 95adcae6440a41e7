import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SoundRing } from './sound-ring.ts';

const table = Int16Array.from({ length: 256 }, (_, code) => code * 100 - 12_800);

test('codes come back from whatever place they lay in a packet, and from whatever place they are written to', () => {
  const writes = fc.array(fc.record({ at: fc.nat(9), skip: fc.nat(9), count: fc.integer({ min: 1, max: 330 }) }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(writes, fc.nat(7), (all, shift) => {
      const ring = new SoundRing(700, table);
      const memory = new Uint8Array(2000);
      // Packets lie in a part of larger memory, and its part may begin anywhere.
      const packet = memory.subarray(shift);
      const expected: number[] = [];
      ring.clear(0);
      for (const { at, skip, count } of all) {
        for (let n = 0; n < count + skip; n++) packet[at + n] = (expected.length * 7 + n * 13) % 256;
        ring.reserve(ring.end - 100, ring.end + count);
        ring.write(ring.end - skip, packet, at, skip, count + skip);
        for (let n = 0; n < count; n++) expected.push(table[packet[at + skip + n]!]!);
        const out = new Int16Array(Math.min(expected.length, 100));
        ring.copy(expected.length - out.length, out, out.length);
        assert.deepEqual([...out], expected.slice(-out.length));
      }
    }),
    { numRuns: 300 },
  );
});
