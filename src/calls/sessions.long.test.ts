import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, inside } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, header } from '../../test/kit/sip-text.ts';

/** A call with a session timer of 90 s that we refresh. */
async function timed(lines: Record<string, string> = {}) {
  const clock = new FakeClock();
  const at = await house({ clock });
  at.peer.request('INVITE', { Supported: 'timer', 'Session-Expires': '90;refresher=uas', ...lines }, { body: peerSdp() });
  const answer = await at.peer.answer('INVITE');
  assert.match(header(answer, 'session-expires'), /^90;\s*refresher=uas$/);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  const stop = async () => {
    const closed = at.calls.close();
    clock.advance(1_500);
    await closed;
    at.peer.close();
    assert.equal(clock.armed, 0);
  };
  /** Everything that the peer said until now was taken: datagrams of one socket keep their order here. */
  const heeded = async () => {
    at.peer.request('OPTIONS', { 'Call-ID': 'heeded' });
    await at.peer.answer('OPTIONS');
  };
  return { ...at, answer, clock, stop, heeded };
}

test('we refresh at half time: UPDATE without SDP where the far end knows it', async () => {
  const at = await timed({ Allow: 'INVITE, UPDATE' });
  at.clock.advance(45_000);
  const update = await at.peer.hear(({ method }) => method === 'UPDATE');
  assert.equal(update.body, '');
  assert.match(header(update, 'session-expires'), /^90;\s*refresher=uac$/);
  at.peer.say(answerTo(update, '200 OK', { toTag: 'peer', lines: [['Session-Expires', '90;refresher=uac']] }));
  await at.heeded();
  at.clock.advance(44_000);
  assert.equal(at.calls.counts().calls, 1, 'the refresh moved the end');
  at.clock.advance(1_000);
  await at.peer.hear(({ method, headers }) => method === 'UPDATE' && headers.some(([, value]) => value === '2 UPDATE'));
  await at.stop();
});

test('a re-INVITE where UPDATE is unknown; its 200 is acknowledged', async () => {
  const at = await timed();
  at.clock.advance(45_000);
  const again = await at.peer.hear(({ method }) => method === 'INVITE');
  assert.equal(again.body, at.answer.body, 'nothing changes, not even the version in o= (RFC 4028 §7.4)');
  at.peer.say(
    answerTo(again, '200 OK', {
      toTag: 'peer',
      lines: [
        ['Contact', at.peer.contact],
        ['Session-Expires', '90;refresher=uac'],
      ],
      body: peerSdp(),
    }),
  );
  assert.equal(header(await at.peer.hear(({ method }) => method === 'ACK'), 'cseq'), '1 ACK');
  await at.stop();
});

test('a refresh that met a request of the far end (491) is tried again; a session that nobody refreshes ends with BYE before it expires', async () => {
  const at = await timed({ 'Session-Expires': '90;refresher=uas', Allow: 'UPDATE' });
  at.clock.advance(45_000);
  const update = await at.peer.hear(({ method }) => method === 'UPDATE');
  at.peer.say(answerTo(update, '491 Request Pending', { toTag: 'peer' }));
  await at.heeded();
  at.clock.advance(1_500);
  await at.peer.hear(({ headers }) => headers.some(([, value]) => value === '2 UPDATE'));
  at.clock.advance(13_500);
  await at.peer.hear(({ method }) => method === 'BYE');
  assert.equal((await at.heardOf('call.ended'))['reason'], 'failed');
  await at.stop();
});

test('a refresh that is too short for the far end (422) is tried again at once with the Min-SE that it names', async () => {
  const at = await timed({ Allow: 'UPDATE' });
  at.clock.advance(45_000);
  const update = await at.peer.hear(({ method }) => method === 'UPDATE');
  at.peer.say(answerTo(update, '422 Session Interval Too Small', { toTag: 'peer', lines: [['Min-SE', '600']] }));
  const longer = await at.peer.hear(({ method, headers }) => method === 'UPDATE' && headers.some(([, value]) => value === '2 UPDATE'));
  assert.deepEqual([header(longer, 'session-expires'), header(longer, 'min-se')], ['600;refresher=uac', '600']);
  at.peer.say(answerTo(longer, '200 OK', { toTag: 'peer', lines: [['Session-Expires', '600;refresher=uac']] }));
  await at.heeded();
  at.clock.advance(299_000);
  assert.equal(at.calls.counts().calls, 1);
  at.clock.advance(1_000);
  const next = await at.peer.hear(({ headers }) => headers.some(([, value]) => value === '3 UPDATE'));
  assert.equal(header(next, 'min-se'), '600', 'once named, it stays (RFC 4028 §7.4)');
  // Refused again and again, it is not asked again and again.
  at.peer.say(answerTo(next, '422 Session Interval Too Small', { toTag: 'peer', lines: [['Min-SE', '900']] }));
  const last = await at.peer.hear(({ headers }) => headers.some(([, value]) => value === '4 UPDATE'));
  at.peer.say(answerTo(last, '422 Session Interval Too Small', { toTag: 'peer', lines: [['Min-SE', '1200']] }));
  await at.heeded();
  assert.equal(at.peer.heard.filter(({ headers }) => headers.some(([, value]) => value === '5 UPDATE')).length, 0);
  await at.stop();
});

test('a refresh whose 422 names no Min-SE is left alone until the session expires', async () => {
  const at = await timed({ Allow: 'UPDATE' });
  at.clock.advance(45_000);
  const update = await at.peer.hear(({ method }) => method === 'UPDATE');
  at.peer.say(answerTo(update, '422 Session Interval Too Small', { toTag: 'peer' }));
  await at.heeded();
  assert.equal(at.calls.counts().calls, 1);
  at.clock.advance(15_000);
  await at.peer.hear(({ method }) => method === 'BYE');
  await at.stop();
});

test('a re-INVITE that takes the only audio away (port 0) is 488 and leaves the session as it was (RFC 3261 §14.2)', async () => {
  const at = await house();
  at.peer.request('INVITE', {}, { body: peerSdp() });
  const answer = await at.peer.answer('INVITE');
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  at.peer.request('INVITE', inside(answer, '2 INVITE'), { body: peerSdp().replace('40000', '0') });
  const zero = await at.peer.answer('INVITE');
  assert.equal(zero.status, 488);
  assert.equal(at.changes.at(-1)?.remote?.port, 40_000);
  assert.equal(at.calls.counts().calls, 1);
  at.peer.request('BYE', inside(answer, '3 BYE'));
  await at.peer.answer('BYE');
  await at.calls.close();
  at.peer.close();
});
