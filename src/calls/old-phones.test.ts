import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipRequest } from '../sip/index.ts';
import { OldPhones } from './old-phones.ts';

const asks = ({ user = 'ann', agent = 'Desk 1', host = '192.0.2.1', authorization = '' } = {}): SipRequest => {
  const headers: [string, string][] = [
    ['Via', `SIP/2.0/UDP ${host};branch=z9hG4bK1`],
    ['From', `<sip:${user}@one.test>;tag=1`],
    ['User-Agent', agent],
  ];
  if (authorization !== '') headers.push(['Authorization', authorization]);
  return { method: 'REGISTER', uri: 'sip:one.test', headers, body: new Uint8Array() } as unknown as SipRequest;
};

test('a telephone that answers what it is asked is always asked for the best first', () => {
  const phones = new OldPhones();
  for (let now = 0; now < 3_000_000; now += 300_000) {
    assert.equal(phones.algorithms(asks(), now), undefined);
    phones.proved(asks({ authorization: 'Digest' }));
  }
});

test('one that comes again with empty hands is asked for MD5 alone, and stays so', () => {
  const phones = new OldPhones();
  assert.equal(phones.algorithms(asks(), 0), undefined);
  assert.equal(phones.algorithms(asks(), 400), undefined, 'two calls of one telephone at once');
  assert.deepEqual(phones.algorithms(asks(), 30_000), ['MD5']);
  phones.proved(asks());
  assert.deepEqual(phones.algorithms(asks(), 330_000), ['MD5']);
  for (const other of [{ user: 'ben' }, { host: '192.0.2.2' }, { agent: 'Desk 2' }])
    assert.equal(phones.algorithms(asks(other), 30_000), undefined, JSON.stringify(other));
});

test('a wrong password is no sign of it; a telephone that is known for it is asked so at once', () => {
  const phones = new OldPhones();
  phones.algorithms(asks(), 0);
  assert.equal(phones.algorithms(asks({ authorization: 'Digest nonce="forged"' }), 30_000), undefined);
  assert.deepEqual(phones.algorithms(asks({ agent: 'baresip v1.0.0 (x86_64/linux)' }), 0), ['MD5']);
  assert.equal(phones.algorithms(asks({ agent: 'baresip v3.9.0 (x86_64/linux)' }), 0), undefined);
});

test('an hour later it may have learnt more; of many telephones the oldest is forgotten', () => {
  const phones = new OldPhones();
  phones.algorithms(asks(), 0);
  assert.equal(phones.algorithms(asks(), 3_700_000), undefined);
  for (let n = 0; n < 6000; n += 1) phones.algorithms(asks({ user: `u${n}` }), 3_700_001);
  assert.equal(phones.algorithms(asks(), 3_710_000), undefined);
});
