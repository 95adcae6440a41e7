import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from './backoff.ts';

test('the first attempt is at once, later ones wait longer, none longer than 5 s', () => {
  assert.equal(backoff(0, 1), 0);
  for (let tries = 1; tries < 40; tries++) {
    const [least, most] = [backoff(tries, 0), backoff(tries, 1)];
    assert.ok(least > 0 && least < most && most <= 5000, `${tries}: ${least}–${most}`);
    assert.ok(backoff(tries + 1, 1) >= most);
  }
  assert.ok(backoff(1, 1) <= 200, 'a network that comes back at once is used at once');
});
