import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, inside, leave } from '../kit/calls-house.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { peerSdp } from '../kit/sip-peer.ts';
import { header } from '../kit/sip-text.ts';

/** A call that is up with this timer, on a clock that only a test moves. */
async function aCall(expires: string, more: Record<string, string> = {}) {
  const clock = new FakeClock();
  const at = await house({ clock });
  at.peer.request('INVITE', { Supported: 'timer', 'Session-Expires': expires, ...more }, { body: peerSdp() });
  const answer = await at.peer.answer('INVITE');
  assert.equal(answer.status, 200);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  return { at, clock, answer };
}

test('90 s agreed and nobody refreshes: BYE a third, but at most 32 s, before the end (RFC 4028 §10)', async () => {
  const { at, clock, answer } = await aCall('90;refresher=uac');
  assert.match(header(answer, 'session-expires'), /^90;refresher=uac$/);
  clock.advance(59_900);
  assert.ok(!at.said.some(([name]) => name === 'call.ended'), 'not before');
  clock.advance(200);
  await at.peer.served('BYE');
  const { reason } = await at.heardOf('call.ended');
  assert.equal(reason, 'failed');
  await leave(at);
});

test('a refresh by UPDATE begins the time anew', async () => {
  const { at, clock, answer } = await aCall('90;refresher=uac');
  clock.advance(50_000);
  at.peer.request('UPDATE', { ...inside(answer, '2 UPDATE'), Supported: 'timer', 'Session-Expires': '90;refresher=uac' });
  assert.equal((await at.peer.answer('UPDATE')).status, 200);
  clock.advance(59_900);
  assert.ok(!at.said.some(([name]) => name === 'call.ended'), 'the old time is forgotten');
  clock.advance(200);
  await at.peer.served('BYE');
  await leave(at);
});

test('where we refresh, it happens at half of the time, and an answer keeps the call', async () => {
  const { at, clock } = await aCall('90;refresher=uas', { Allow: 'INVITE, ACK, BYE, UPDATE' });
  clock.advance(45_100);
  const update = await at.peer.served('UPDATE');
  assert.match(header(update, 'session-expires'), /^90;refresher=uac$/);
  assert.ok(!at.said.some(([name]) => name === 'call.ended'));
  const closed = at.calls.close();
  await at.peer.served('BYE');
  await closed;
  at.peer.close();
});
