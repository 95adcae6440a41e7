import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipResponse } from '../sip/index.ts';
import { HealthCheck } from './health-check.ts';
import type { FinalAnswer } from './server-transaction.ts';

/** A check whose clock says what the engine's silence says, and notes what it asks and concludes. */
function bedside() {
  const asked: ((answer: FinalAnswer) => void)[] = [];
  let [now, lost] = [0, 0];
  const check = new HealthCheck({ now: () => now, ask: (done) => void asked.push(done), lost: () => (lost += 1) });
  return {
    asked,
    lost: () => lost,
    quiet: (silentMs: number, at = silentMs) => {
      now = at;
      check.quiet(silentMs);
    },
    answer: (status: number | undefined) => asked.at(-1)?.(status === undefined ? undefined : ({ status } as SipResponse)),
  };
}

test('who is silent and does not answer within as long again is gone, before 5 s', () => {
  const it = bedside();
  it.quiet(2240);
  assert.deepEqual([it.asked.length, it.lost()], [1, 0]);
  it.quiet(4160);
  assert.equal(it.lost(), 1);
});

test('who is silent and answers stays, whatever the answer, and is asked again as long as it is silent', () => {
  const it = bedside();
  for (const [n, status] of [200, 405, 501, 486, 401, 503].entries()) {
    it.quiet(2000 * (n + 1));
    it.answer(status);
  }
  assert.deepEqual([it.asked.length, it.lost()], [6, 0]);
});

test('481 ends it at once; 408 and no way to the far end do so when the silence goes on', () => {
  const unknown = bedside();
  unknown.quiet(2000);
  unknown.answer(481);
  assert.equal(unknown.lost(), 1);
  for (const status of [408, undefined]) {
    const away = bedside();
    away.quiet(2000);
    away.answer(status);
    assert.equal(away.lost(), 0, 'it may yet be heard');
    away.quiet(4000);
    assert.equal(away.lost(), 1);
  }
});

test('who is heard again before it answered is not gone; its next silence begins anew', () => {
  const it = bedside();
  it.quiet(2000);
  // Sound came, and stopped again.
  it.quiet(2100, 7000);
  assert.deepEqual([it.asked.length, it.lost()], [2, 0]);
  // The first question's end comes late, and means nothing.
  it.asked[0]?.(undefined);
  it.answer(200);
  it.quiet(4100, 9000);
  assert.deepEqual([it.asked.length, it.lost()], [3, 0]);
});

test('a server that was asleep gives the telephone its time all the same', () => {
  const it = bedside();
  it.quiet(2000, 10_000);
  it.quiet(4000, 10_001);
  assert.equal(it.lost(), 0);
  it.quiet(6000, 12_000);
  assert.equal(it.lost(), 1);
});
