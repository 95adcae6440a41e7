import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cancel } from './follow-up.ts';
import { header, headerAll, withHeader } from './headers.ts';
import { noBody, type SipRequest } from './message.ts';
import { respond } from './respond.ts';
import { cancelledKey, clientKey, serverKey } from './transaction-key.ts';

const request = (method: string, { via = 'SIP/2.0/UDP a.example.com;branch=z9hG4bK1', to = '<sip:b@c>' } = {}): SipRequest => ({
  type: 'request',
  method,
  uri: 'sip:b@c',
  headers: [
    ['Via', via],
    ['Via', 'SIP/2.0/UDP far.example.com;branch=z9hG4bK0'],
    ['Record-Route', '<sip:p1;lr>, <sip:p2;lr>'],
    ['Timestamp', '54'],
    ['From', '<sip:a@c>;tag=f'],
    ['To', to],
    ['Call-ID', 'x'],
    ['CSeq', `3 ${method}`],
  ],
  body: noBody,
});

test('an answer copies what RFC 3261 §8.2.6.2 names, in order, and adds the tag', () => {
  const { headers, reason } = respond(request('INVITE'), 180, { toTag: 't' });
  assert.equal(reason, 'Ringing');
  assert.deepEqual(headers, [
    ['Via', 'SIP/2.0/UDP a.example.com;branch=z9hG4bK1'],
    ['Via', 'SIP/2.0/UDP far.example.com;branch=z9hG4bK0'],
    ['Record-Route', '<sip:p1;lr>'],
    ['Record-Route', '<sip:p2;lr>'],
    ['From', '<sip:a@c>;tag=f'],
    ['To', '<sip:b@c>;tag=t'],
    ['Call-ID', 'x'],
    ['CSeq', '3 INVITE'],
  ]);
});

test('100 has no tag but the Timestamp; refusals have no Record-Route; a tag that is there stays', () => {
  const trying = respond(request('INVITE'), 100, { toTag: 't' });
  assert.equal(header(trying, 'To'), '<sip:b@c>');
  assert.equal(header(trying, 'Timestamp'), '54');
  assert.deepEqual(headerAll(respond(request('INVITE'), 404), 'Record-Route'), []);
  assert.equal(header(respond(request('INVITE', { to: '<sip:b@c>;tag=old' }), 200, { toTag: 't' }), 'To'), '<sip:b@c>;tag=old');
});

test('ACK and CANCEL find their INVITE; other methods, senders and branches do not (RFC 3261 §17.2.3)', () => {
  const invite = request('INVITE');
  assert.equal(serverKey(request('ACK', { to: '<sip:b@c>;tag=t' })), serverKey(invite));
  assert.equal(cancelledKey(request('CANCEL')), serverKey(invite));
  assert.notEqual(serverKey(request('CANCEL')), serverKey(invite));
  assert.notEqual(serverKey(request('INVITE', { via: 'SIP/2.0/UDP b.example.com;branch=z9hG4bK1' })), serverKey(invite));
  assert.notEqual(serverKey(request('INVITE', { via: 'SIP/2.0/UDP a.example.com;branch=z9hG4bK2' })), serverKey(invite));
});

test('phones older than RFC 3261 are matched without branch; "z9hG4bK" alone is no branch (RFC 4475 §3.2.1)', () => {
  for (const via of ['SIP/2.0/UDP a.example.com', 'SIP/2.0/UDP a.example.com;branch=z9hG4bK']) {
    const invite = request('INVITE', { via });
    assert.equal(serverKey(request('ACK', { via, to: '<sip:b@c>;tag=t' })), serverKey(invite));
    assert.notEqual(serverKey({ ...invite, headers: withHeader(invite.headers, 'Call-ID', 'y') }), serverKey(invite));
  }
});

test('a response finds the client transaction of its request (RFC 3261 §17.1.3)', () => {
  const invite = request('INVITE');
  assert.equal(clientKey(respond(invite, 200)), clientKey(invite));
  assert.notEqual(clientKey(respond(cancel(invite), 200)), clientKey(invite));
});

test('CANCEL has one Via, the number of its INVITE and no tag of its own (RFC 3261 §9.1)', () => {
  const cancelling = cancel(request('INVITE'));
  assert.deepEqual(headerAll(cancelling, 'Via'), ['SIP/2.0/UDP a.example.com;branch=z9hG4bK1']);
  assert.equal(header(cancelling, 'CSeq'), '3 CANCEL');
  assert.equal(header(cancelling, 'To'), '<sip:b@c>');
});

test('headers are changed by value', () => {
  const { headers } = request('INVITE');
  assert.deepEqual(headerAll({ headers: withHeader(headers, 'v', 'one') }, 'Via'), ['one']);
  assert.equal(headers.length, 8);
});
