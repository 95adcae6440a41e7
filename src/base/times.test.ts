import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoMillis, isoTime, readHttpDate, readTime } from './times.ts';

test('times are written in UTC', () => {
  for (const epoch of [0, 951_827_696_123, 1_709_164_800_000, 4_102_444_799_999, -1]) {
    assert.equal(isoMillis(epoch), new Date(epoch).toISOString());
    assert.equal(isoTime(epoch), `${new Date(epoch).toISOString().slice(0, 19)}Z`);
  }
});

test('a time with its zone is read (RFC 3339 §5.8)', () => {
  for (const text of ['1985-04-12T23:20:50.52Z', '1996-12-19T16:39:57-08:00', '1937-01-01T12:00:27+00:20', '2000-02-29T00:00:00Z'])
    assert.equal(readTime(text), Date.parse(text), text);
});

test('what is no time is not taken', () => {
  for (const text of [
    '',
    'yesterday',
    '2001-02-29T00:00:00Z',
    '2001-13-01T00:00:00Z',
    '2001-01-01T25:00:00Z',
    '2001-01-01T00:00:00',
    '2001-01-01',
  ])
    assert.equal(readTime(text), undefined, text);
});

test("HTTP's own dates (RFC 9110 §5.6.7)", () => {
  assert.equal(readHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), Date.UTC(1994, 10, 6, 8, 49, 37));
  for (const text of ['Sun, 06 Nov 1994 08:49:37 CET', '06 Nov 1994', 'Sun, 32 Nov 1994 08:49:37 GMT', '120'])
    assert.equal(readHttpDate(text), undefined, text);
});
