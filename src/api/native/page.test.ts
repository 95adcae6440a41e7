import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ListKey, pageOf, readCursor, writeCursor } from './page.ts';
import { Problem } from './problem.ts';

const keyOf = ([at, id]: ListKey): ListKey => [at, id];
const items = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: -5, max: 5 }),
    fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '')),
  ),
  {
    selector: ([at, id]) => `${at} ${id}`,
    maxLength: 30,
  },
);

test('who walks from page to page sees each item once and in order, also when others come and go meanwhile', () => {
  fc.assert(
    fc.property(
      items,
      items,
      fc.integer({ min: 1, max: 7 }),
      fc.constantFrom('up' as const, 'down' as const),
      (stay, others, limit, order) => {
        const isStaying = new Set(stay.map((each) => writeCursor(each)));
        const visitors = others.filter((each) => !isStaying.has(writeCursor(each)));
        const seen: ListKey[] = [];
        for (let cursor: string | undefined, round = 0; ; round += 1) {
          // Every other page somebody else is there as well.
          const all: readonly ListKey[] = round % 2 === 0 ? stay : [...visitors, ...stay];
          const page = pageOf(all, { keyOf, limit, order, cursor });
          assert.ok(page.items.length <= limit);
          assert.ok(round <= stay.length + others.length, 'it comes to an end');
          seen.push(...page.items);
          if (page.next_cursor === null) break;
          assert.equal(page.items.length, limit, 'only the last page is shorter');
          cursor = page.next_cursor;
        }
        const mine = seen.map((each) => writeCursor(each)).filter((each) => isStaying.has(each));
        const wanted = pageOf(stay, { keyOf, order, limit: 1000 }).items.map((each) => writeCursor(each));
        assert.deepEqual(mine, wanted);
        assert.equal(new Set(seen.map((each) => writeCursor(each))).size, seen.length, 'nobody is shown twice');
      },
    ),
  );
});

test('a cursor is read as it was written, whatever the id holds', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.string().map((text) => text.replaceAll('\0', '').slice(0, 200)),
      (at, id) => {
        assert.deepEqual(readCursor(writeCursor([at, id])), [at, id]);
      },
    ),
  );
});

test('what was not written here is refused', () => {
  for (const cursor of [
    '',
    'x',
    '!!!',
    Buffer.from('no number').toString('base64url'),
    Buffer.from('1 a\0b').toString('base64url'),
    'A'.repeat(5000),
  ]) {
    assert.throws(
      () => readCursor(cursor),
      (error) => error instanceof Problem && error.status === 400 && error.code === 'bad_cursor',
      cursor,
    );
  }
});
