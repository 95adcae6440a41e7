import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Headers, noBody, type SipRequest } from './message.ts';
import { respond } from './respond.ts';
import { agreedSessionTimer, answerSessionTimer, offerSessionTimer, sessionTimerWaits, wishAfter422 } from './session-timer.ts';

const update = (headers: Headers): SipRequest => ({ type: 'request', method: 'UPDATE', uri: 'sip:a@b', headers, body: noBody });
const asking = (expires: string, more: Headers = []) => update([['Supported', 'timer'], ['Session-Expires', expires], ...more]);

test('too short an interval gets 422 with Min-SE, but only from a caller that knows timers (RFC 4028 §9)', () => {
  assert.deepEqual(answerSessionTimer(asking('60')), { refuse: 422, headers: [['Min-SE', '90']] });
  const ignorant = answerSessionTimer(update([['Session-Expires', '60']]));
  assert.deepEqual(ignorant, { timer: { intervalSeconds: 90, refresher: 'uas' }, headers: [['Session-Expires', '90;refresher=uas']] });
});

test('the caller’s choice of refresher stands; without one the caller refreshes (RFC 4028 §9, table 2)', () => {
  assert.deepEqual(answerSessionTimer(asking('600;refresher=uas')), {
    timer: { intervalSeconds: 600, refresher: 'uas' },
    headers: [['Session-Expires', '600;refresher=uas']],
  });
  for (const expires of ['600;refresher=uac', '600']) {
    assert.deepEqual(answerSessionTimer(asking(expires)), {
      timer: { intervalSeconds: 600, refresher: 'uac' },
      headers: [
        ['Session-Expires', '600;refresher=uac'],
        ['Require', 'timer'],
      ],
    });
  }
});

test('the interval may be lowered to our wish, never below the Min-SE of the path', () => {
  const interval = (request: SipRequest) => {
    const answer = answerSessionTimer(request, { intervalSeconds: 1_800 });
    return 'timer' in answer ? answer.timer.intervalSeconds : answer.refuse;
  };
  assert.equal(interval(asking('7200')), 1_800);
  assert.equal(interval(asking('7200', [['Min-SE', '3600']])), 3_600);
  assert.equal(interval(update([['Supported', 'timer']])), 1_800);
});

test('a caller without timers is refreshed by us and told nothing', () => {
  assert.deepEqual(answerSessionTimer(update([])), { timer: { intervalSeconds: 1_800, refresher: 'uas' }, headers: [] });
});

test('the caller reads what was agreed, and asks again after 422', () => {
  const request = update(offerSessionTimer({ intervalSeconds: 100 }));
  assert.deepEqual(request.headers, [
    ['Session-Expires', '100'],
    ['Min-SE', '90'],
  ]);
  const agreed = (headers: Headers) => agreedSessionTimer(respond(request, 200, { headers }));
  assert.deepEqual(agreed([['Session-Expires', '100 ; refresher=UAS']]), { intervalSeconds: 100, refresher: 'uas' });
  assert.equal(agreed([]), undefined);
  assert.equal(agreed([['Session-Expires', 'soon']]), undefined);
  assert.deepEqual(wishAfter422(respond(request, 422, { headers: [['Min-SE', '600']] })), { intervalSeconds: 600, minSeconds: 600 });
});

test('refresh at half time; the end comes a third, at most 32 s, before expiry (RFC 4028 §10)', () => {
  assert.deepEqual(sessionTimerWaits({ intervalSeconds: 1_800, refresher: 'uac' }), { refreshAfter: 900_000, endAfter: 1_768_000 });
  assert.deepEqual(sessionTimerWaits({ intervalSeconds: 90, refresher: 'uac' }), { refreshAfter: 45_000, endAfter: 60_000 });
});
