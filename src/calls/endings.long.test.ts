import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { header } from '../../test/kit/sip-text.ts';
import type { LegId } from '../conference/index.ts';

type House = Awaited<ReturnType<typeof house>>;

/** A call that is up; gives its leg. */
async function up(at: House): Promise<LegId> {
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  return (await at.heardOf('call.answered'))['call'] as LegId;
}

test('the end of a call is told again until the domain has heard it', async () => {
  const clock = new FakeClock();
  let vain = 2;
  const at = await house({ clock, refuse: (name) => (name === 'call.ended' && vain-- > 0 ? new Error('disk full') : undefined) });
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  await at.heardOf('call.ended');
  for (const wait of [100, 200]) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(at.said.filter(([name]) => name === 'call.ended').length, 0);
    clock.advance(wait);
    assert.equal((await at.heardOf('call.ended'))['reason'], 'hung-up');
  }
  clock.advance(60_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(at.said.filter(([name]) => name === 'call.ended').length, 0, 'heard once, it is not told again');
  await leave(at);
  assert.equal(clock.armed, 0);
});

test('lost media, a dead thread and a kick end a call with a BYE that says why', async () => {
  const rows: [string, RegExp, (at: House, leg: LegId) => void][] = [
    ['media-lost', /^Q\.850;cause=31;/, (at, leg) => at.calls.engineEvent({ type: 'media-lost', leg, silentMs: 60_000 })],
    ['media-lost', /^Q\.850;cause=31;/, (at, leg) => at.calls.engineEvent({ type: 'thread-died', legs: [leg], reason: 'test' })],
    ['kicked', /^SIP;cause=603;/, (at, leg) => at.calls.hangUp(leg as never, 'kicked')],
  ];
  for (const [reason, text, end] of rows) {
    const at = await house();
    const leg = await up(at);
    end(at, leg);
    assert.match(header(await at.peer.served('BYE'), 'reason'), text);
    assert.equal((await at.heardOf('call.ended'))['reason'], reason);
    assert.deepEqual(at.ended, [leg]);
    await leave(at);
  }
});

test('a BYE that nobody answers holds a stop up for 1.5 s and no longer', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  await up(at);
  let closed = false;
  const closing = at.calls.close().then(() => {
    closed = true;
  });
  const bye = await at.peer.hear(({ method }) => method === 'BYE');
  assert.match(header(bye, 'reason'), /^SIP;cause=503;/);
  clock.advance(1_499);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, false);
  clock.advance(1);
  await closing;
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('one call too many is 503 with Retry-After', async () => {
  const at = await house({ limits: { maxCalls: 1 } });
  await up(at);
  at.peer.request('INVITE', { 'Call-ID': 'second' });
  const busy = await at.peer.answer('INVITE');
  assert.deepEqual([busy.status, header(busy, 'retry-after')], [503, '5']);
  const closed = at.calls.close();
  await at.peer.served('BYE');
  await closed;
  at.peer.close();
});

test('one transaction too many is 503 with Retry-After over the wire; BYE and CANCEL still get through', async () => {
  const at = await house({ limits: { maxTransactions: 2 }, auto: false });
  const first = at.peer.request('INVITE', { 'Call-ID': 'first' }, { body: peerSdp() });
  await at.heardOf('call.arrived');
  at.peer.request('INVITE', { 'Call-ID': 'second' }, { body: peerSdp() });
  await at.heardOf('call.arrived');
  for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'INFO']) {
    at.peer.request(method, { 'Call-ID': `more-${method}` });
    const busy = await at.peer.answer(method);
    assert.deepEqual([busy.status, header(busy, 'retry-after')], [503, '5'], method);
    assert.notEqual(header(busy, 'to').indexOf(';tag='), -1);
  }
  at.peer.request('BYE', { To: '<sip:3000@x>;tag=nobody', 'Call-ID': 'bye' });
  assert.equal((await at.peer.answer('BYE')).status, 481);
  at.peer.request('CANCEL', { Via: header(first, 'via'), 'Call-ID': 'first', CSeq: '1 CANCEL' });
  assert.equal((await at.peer.answer('CANCEL')).status, 200);
  assert.equal((await at.peer.answer('INVITE')).status, 487);
  assert.equal(at.calls.counts().calls, 1);
  await leave(at);
});
