import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answeredInDialog,
  dialogFromInvite,
  dialogFromResponse,
  dialogKey,
  dialogKeyOf,
  nextHop,
  receiveInDialog,
  requestInDialog,
} from './dialog.ts';
import { header, headerAll } from './headers.ts';
import { noBody, type SipRequest } from './message.ts';
import { respond } from './respond.ts';

const invite = (routes: readonly string[] = []): SipRequest => ({
  type: 'request',
  method: 'INVITE',
  uri: 'sip:3000@parley.example',
  headers: [
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
    ...routes.map((route) => ['Record-Route', route] as const),
    ['From', '"Alice" <sip:alice@example.com>;tag=a1'],
    ['To', '<sip:3000@parley.example>'],
    ['Call-ID', 'call-1'],
    ['CSeq', '10 INVITE'],
    ['Contact', '<sip:alice@192.0.2.1:5070>'],
  ],
  body: noBody,
});
const ok = (request: SipRequest) => respond(request, 200, { toTag: 'p1', headers: [['Contact', '<sip:3000@192.0.2.9:5060>']] });
const uas = (routes?: readonly string[]) => {
  const request = invite(routes);
  return dialogFromInvite(request, ok(request)) ?? assert.fail();
};
const theirs = (method: string, number: number, more: readonly (readonly [string, string])[] = []): SipRequest => ({
  type: 'request',
  method,
  uri: 'sip:3000@192.0.2.9:5060',
  headers: [
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2'],
    ['From', '<sip:alice@example.com>;tag=a1'],
    ['To', '<sip:3000@parley.example>;tag=p1'],
    ['Call-ID', 'call-1'],
    ['CSeq', `${number} ${method}`],
    ...more,
  ],
  body: noBody,
});
const via = 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK3';

test('the called party’s dialog survives JSON and sends BYE to the Contact (RFC 3261 §12.1.1)', () => {
  const dialog = uas();
  assert.deepEqual(JSON.parse(JSON.stringify(dialog)), dialog);
  const { request, dialog: next } = requestInDialog(dialog, 'BYE', { via });
  assert.equal(request.uri, 'sip:alice@192.0.2.1:5070');
  assert.equal(header(request, 'From'), '<sip:3000@parley.example>;tag=p1');
  assert.equal(header(request, 'To'), '<sip:alice@example.com>;tag=a1');
  assert.equal(header(request, 'CSeq'), '1 BYE');
  assert.equal(next.localSequence, 1);
  assert.equal(nextHop(request), 'sip:alice@192.0.2.1:5070');
});

test('loose routes: as recorded for the called, reversed for the caller (RFC 3261 §12.1, §16.12.1.1)', () => {
  const routes = ['<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'];
  const called = requestInDialog(uas(routes), 'BYE', { via }).request;
  assert.deepEqual(headerAll(called, 'Route'), routes);
  assert.equal(called.uri, 'sip:alice@192.0.2.1:5070');
  assert.equal(nextHop(called), 'sip:p1.example.com;lr');
  const request = invite();
  const answer = ok(request);
  const caller =
    dialogFromResponse(request, { ...answer, headers: [...answer.headers, ['Record-Route', routes.join(', ')]] }) ?? assert.fail();
  const bye = requestInDialog(caller, 'BYE', { via }).request;
  assert.deepEqual(headerAll(bye, 'Route'), routes.toReversed());
  assert.equal(header(bye, 'CSeq'), '11 BYE');
  assert.equal(header(requestInDialog(caller, 'ACK', { via }).request, 'CSeq'), '10 ACK');
});

test('a strict router stands in the Request-URI and the target last in Route (RFC 3261 §12.2.1.1)', () => {
  const dialog = uas(['<sip:strict.example.com>', '<sip:p2.example.com;lr>']);
  const { request } = requestInDialog(dialog, 'BYE', { via });
  assert.equal(request.uri, 'sip:strict.example.com');
  assert.deepEqual(headerAll(request, 'Route'), ['<sip:p2.example.com;lr>', '<sip:alice@192.0.2.1:5070>']);
  assert.equal(nextHop(request, dialog), 'sip:strict.example.com');
});

test('requests out of order get 500, strangers 481, ACK repeats its number (RFC 3261 §12.2.2)', () => {
  const dialog = uas();
  assert.deepEqual(receiveInDialog(dialog, theirs('INFO', 10)), { refuse: 500 });
  assert.deepEqual(receiveInDialog(dialog, theirs('INFO', 9)), { refuse: 500 });
  assert.deepEqual(receiveInDialog(dialog, theirs('ACK', 10)), { dialog });
  assert.deepEqual(receiveInDialog(dialog, theirs('INFO', 12)), { dialog: { ...dialog, remoteSequence: 12 } });
  assert.deepEqual(receiveInDialog({ ...dialog, localTag: 'other' }, theirs('INFO', 12)), { refuse: 481 });
  assert.equal(dialogKeyOf(theirs('BYE', 11)), dialogKey(dialog));
  assert.equal(dialogKeyOf(invite()), undefined);
});

test('re-INVITE and UPDATE move the target, INFO does not, nor does a refusal (RFC 3261 §12.2)', () => {
  const dialog = uas();
  const contact = [['Contact', '<sip:alice@192.0.2.7:5080>']] as const;
  const target = (method: string) => {
    const received = receiveInDialog(dialog, theirs(method, 11, contact));
    return 'dialog' in received ? received.dialog.remoteTarget : received.refuse;
  };
  assert.equal(target('INVITE'), 'sip:alice@192.0.2.7:5080');
  assert.equal(target('UPDATE'), 'sip:alice@192.0.2.7:5080');
  assert.equal(target('INFO'), 'sip:alice@192.0.2.1:5070');
  const { request } = requestInDialog(dialog, 'INVITE', { via });
  assert.equal(answeredInDialog(dialog, respond(request, 200, { headers: contact })).remoteTarget, 'sip:alice@192.0.2.7:5080');
  assert.equal(answeredInDialog(dialog, respond(request, 491, { headers: contact })).remoteTarget, 'sip:alice@192.0.2.1:5070');
});
