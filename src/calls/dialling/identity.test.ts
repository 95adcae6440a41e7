import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerHeaders } from './identity.ts';

const wish = { user: 'us', host: 'far.test' };
const sent = { number: '+15550199', name: 'Ann', diverted: '+15550100', verstat: 'TN-Validation-Passed' };

test('whoever is trusted hears who calls, how sure that is, and from which number the call was sent on', () => {
  const { from, headers } = callerHeaders({ ...wish, callerId: sent, trusted: true });
  assert.equal(from, '"Ann" <sip:+15550199@far.test>');
  assert.deepEqual(headers, [
    ['P-Asserted-Identity', '"Ann" <sip:+15550199;verstat=TN-Validation-Passed@far.test>'],
    ['Diversion', '<sip:+15550100@far.test>;reason=unconditional'],
  ]);
});

test('nobody else hears of it, and who wants to stay unknown is in no header that others see (RFC 3325)', () => {
  assert.deepEqual(callerHeaders({ ...wish, callerId: sent, trusted: false }).headers, []);
  const { from, headers } = callerHeaders({ ...wish, callerId: { ...sent, hidden: true }, trusted: false });
  assert.equal(`${from} ${JSON.stringify(headers)}`.includes('5550199'), false);
  assert.deepEqual(headers, [['Privacy', 'id']]);
});

test('what callers say of themselves adds no header and no parameter', () => {
  const evil = { number: '1>\r\nX: y', name: 'A"\r\nVia: z', verstat: 'x>;y=\r\n', diverted: '2>\r\nQ: w' };
  const { from, headers } = callerHeaders({ ...wish, callerId: evil, trusted: true });
  for (const value of [from, ...headers.map(([, each]) => each)]) assert.doesNotMatch(value, /[\r\n]|verstat|[^"]>.*>/);
});
