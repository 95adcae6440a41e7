import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visibleRows } from './visible-rows.ts';

test('whatever is scrolled to is drawn, and never the whole of a long list', () => {
  for (const count of [0, 1, 5, 30, 1000]) {
    for (const top of [-50, 0, 1, 290, 29_000, 57_500, 1_000_000]) {
      const height = 600;
      const { first, last } = visibleRows({ top, height, rowHeight: 58, count });
      assert.ok(first >= 0 && last <= count && first <= last, `${count} ${top}: ${first}–${last}`);
      assert.ok(last - first <= 40);
      const seen = Math.max(0, Math.min(top, count * 58 - height));
      if (count > 0) assert.ok(first * 58 <= seen && last * 58 >= Math.min(count * 58, seen + height), `${count} ${top}: ${first}–${last}`);
    }
  }
});
