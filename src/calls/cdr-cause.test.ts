import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/index.ts';
import { causeOf, causeOfStatus, causeSaid } from './cdr-cause.ts';

const bye = (...reasons: string[]): SipRequest => ({
  type: 'request',
  method: 'BYE',
  uri: 'sip:a@b',
  headers: reasons.map((each) => ['Reason', each] as const),
  body: new Uint8Array(0),
});

test('statuses become causes as RFC 3398 §8.2.6.1 has it; 487 clears normally, 488 is incompatible', () => {
  const rows: [number, number][] = [
    [400, 41],
    [403, 21],
    [404, 1],
    [406, 79],
    [408, 102],
    [415, 79],
    [416, 127],
    [420, 127],
    [480, 18],
    [483, 25],
    [486, 17],
    [487, 16],
    [488, 88],
    [500, 41],
    [503, 41],
    [600, 17],
    [603, 21],
    [604, 1],
    [499, 127],
    [200, 16],
  ];
  for (const [status, cause] of rows) assert.equal(causeOfStatus(status), cause, String(status));
  assert.equal(causeOf('refused', 486), 17);
  assert.equal(causeOf('hung-up', 200), 16);
  assert.equal(causeOf('media-lost', 200), 31);
});

test('a Reason of the far end is read in its many shapes; what is no cause counts for nothing', () => {
  const rows: [string[], number | undefined][] = [
    [['Q.850;cause=17;text="User busy"'], 17],
    [['q.850 ; Cause = 31'], 31],
    [['SIP;cause=486;text="a, b", Q.850;cause=34'], 34],
    [['SIP;cause=503'], 41],
    [['SIP;cause=200;text="Call completed elsewhere"'], 26],
    [['SIP;text="Q.850;cause=3"'], undefined],
    [['Q.850;cause=0'], undefined],
    [['Q.850;cause=128', 'SIP;cause=404'], 1],
    [['Q.850;cause=abc'], undefined],
    [['Preemption;cause=1'], undefined],
    [['SIP;cause=999'], undefined],
    [[';;;,,,"'], undefined],
    [[], undefined],
  ];
  for (const [reasons, cause] of rows) assert.equal(causeSaid(bye(...reasons)), cause, reasons.join(' | '));
});
