import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { windowOf } from './window.ts';

test('what can be seen is drawn, and not much more, wherever one has scrolled', () => {
  const number = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(
      number,
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 20, max: 100 }),
      fc.nat(5000),
      (offset, height, row, count) => {
        const { first, end } = windowOf(offset, height, { row, count });
        assert.ok(0 <= first && first <= end && end <= count);
        assert.ok(end - first <= Math.ceil(height / row) + 14, 'few are drawn');
        for (let index = 0; index < count; index += 1) {
          const isSeen = (index + 1) * row > offset && index * row < offset + height;
          if (isSeen) assert.ok(index >= first && index < end, `row ${index} is seen`);
        }
      },
    ),
    { numRuns: 200 },
  );
});
