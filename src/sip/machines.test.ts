import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { type Machine, Runner } from '../base/index.ts';
import { acceptance } from './acceptance.machine.ts';
import { header } from './headers.ts';
import { inviteClient } from './invite-client.machine.ts';
import { inviteServer } from './invite-server.machine.ts';
import { noBody, type SipRequest } from './message.ts';
import { nonInviteClient } from './non-invite-client.machine.ts';
import { nonInviteServer } from './non-invite-server.machine.ts';
import { respond } from './respond.ts';

const request = (method: string): SipRequest => ({
  type: 'request',
  method,
  uri: 'sip:bob@example.com',
  headers: [
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc'],
    ['Route', '<sip:proxy.example.com;lr>'],
    ['From', '<sip:alice@example.com>;tag=1'],
    ['To', '<sip:bob@example.com>'],
    ['Call-ID', 'abc'],
    ['CSeq', `7 ${method}`],
  ],
  body: noBody,
});
const invite = request('INVITE');
const options = request('OPTIONS');
const answer = (status: number, to = invite) => respond(to, status, { toTag: 'bob' });

/** Runs a machine and notes every effect as `[ms, what]`. */
function play<State extends { at: string }, Input, Effect extends { do: string }>(machine: Machine<State, Input, Effect>, state: State) {
  const clock = new FakeClock();
  const log: (readonly [number, string])[] = [];
  const effects: Effect[] = [];
  const runner = new Runner(machine, state, clock, (effect) => {
    effects.push(effect);
    log.push([clock.now(), effect.do]);
  });
  return { clock, log, effects, runner };
}

const sends = (...at: number[]) => at.map((each) => [each, 'send'] as const);

test('an INVITE without answer is resent at 500, 1500, 3500 … and given up at 32 000 (timers A and B)', () => {
  const { clock, log, runner } = play(inviteClient, inviteClient.start(0, { reliable: false, request: invite }));
  clock.advance(60_000);
  assert.deepEqual(log, [...sends(500, 1_500, 3_500, 7_500, 15_500, 31_500), [32_000, 'fail']]);
  assert.equal(runner.state.at, 'terminated');
  assert.equal(clock.armed, 0);
});

test('over TCP an INVITE is not resent, but given up at 32 000', () => {
  const { clock, log } = play(inviteClient, inviteClient.start(0, { reliable: true, request: invite }));
  clock.advance(60_000);
  assert.deepEqual(log, [[32_000, 'fail']]);
  assert.equal(clock.armed, 0);
});

test('a provisional answer ends the resending of INVITE, however long the phone rings', () => {
  const { clock, log, runner } = play(inviteClient, inviteClient.start(0, { reliable: false, request: invite }));
  clock.advance(600);
  runner.feed({ type: 'response', message: answer(180) });
  clock.advance(600_000);
  assert.deepEqual(log, [
    [500, 'send'],
    [600, 'pass'],
  ]);
  assert.equal(runner.state.at, 'proceeding');
});

test('a refusal is acknowledged each time it comes, and told once; timer D ends it after 32 s', () => {
  const { clock, log, effects, runner } = play(inviteClient, inviteClient.start(0, { reliable: false, request: invite }));
  runner.feed({ type: 'response', message: answer(486) });
  runner.feed({ type: 'response', message: answer(486) });
  clock.advance(31_999);
  assert.equal(runner.state.at, 'completed');
  clock.advance(1);
  assert.equal(runner.state.at, 'terminated');
  assert.deepEqual(
    log.map(([, what]) => what),
    ['ack', 'pass', 'ack'],
  );
  const ack = effects[0]?.do === 'ack' ? effects[0].message : assert.fail();
  assert.deepEqual(
    ['Via', 'Route', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => header(ack, name)),
    [
      'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc',
      '<sip:proxy.example.com;lr>',
      '<sip:alice@example.com>;tag=1',
      '<sip:bob@example.com>;tag=bob',
      'abc',
      '7 ACK',
    ],
  );
  assert.equal(clock.armed, 0);
});

test('over TCP a refused INVITE ends at once', () => {
  const { clock, runner } = play(inviteClient, inviteClient.start(0, { reliable: true, request: invite }));
  runner.feed({ type: 'response', message: answer(486) });
  assert.equal(runner.state.at, 'terminated');
  assert.equal(clock.armed, 0);
});

test('every 2xx goes up for 64*T1 after the first (RFC 6026, timer M), and no ACK is made here', () => {
  const { clock, log, runner } = play(inviteClient, inviteClient.start(0, { reliable: false, request: invite }));
  runner.feed({ type: 'response', message: answer(200) });
  clock.advance(500);
  runner.feed({ type: 'response', message: answer(200) });
  runner.feed({ type: 'response', message: answer(486) });
  clock.advance(31_500);
  assert.deepEqual(log, [
    [0, 'pass'],
    [500, 'pass'],
  ]);
  assert.equal(runner.state.at, 'terminated');
  assert.equal(clock.armed, 0);
});

test('a refusal of ours is resent after T1, doubling up to T2, until timer H (timers G and H)', () => {
  const { clock, log } = play(inviteServer, inviteServer.start(0, { reliable: false }));
  const { clock: other, log: otherLog, runner } = play(inviteServer, inviteServer.start(0, { reliable: false }));
  runner.feed({ type: 'respond', message: answer(486) });
  other.advance(60_000);
  assert.deepEqual(otherLog, [...sends(0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500), [32_000, 'fail']]);
  assert.equal(other.armed, 0);
  clock.advance(60_000);
  assert.deepEqual(log, [], 'a phone may ring as long as it likes');
});

test('the ACK ends the resending; confirmed lasts T4 (timer I), over TCP no time at all', () => {
  for (const reliable of [false, true]) {
    const { clock, log, runner } = play(inviteServer, inviteServer.start(0, { reliable }));
    runner.feed({ type: 'respond', message: answer(486) });
    clock.advance(100);
    runner.feed({ type: 'request', message: request('ACK') });
    assert.equal(runner.state.at, reliable ? 'terminated' : 'confirmed');
    clock.advance(4_999);
    assert.equal(runner.state.at, reliable ? 'terminated' : 'confirmed');
    clock.advance(1);
    assert.equal(runner.state.at, 'terminated');
    assert.deepEqual(log, sends(0));
    assert.equal(clock.armed, 0);
  }
});

test('a resent INVITE gets the last answer again, and nothing once accepted (RFC 6026, timer L)', () => {
  const { clock, effects, runner } = play(inviteServer, inviteServer.start(0, { reliable: false }));
  runner.feed({ type: 'request', message: invite });
  assert.deepEqual(effects, []);
  const ringing = answer(180);
  runner.feed({ type: 'respond', message: ringing });
  runner.feed({ type: 'request', message: invite });
  assert.deepEqual(effects, [
    { do: 'send', message: ringing },
    { do: 'send', message: ringing },
  ]);
  runner.feed({ type: 'respond', message: answer(200) });
  runner.feed({ type: 'request', message: invite });
  assert.equal(effects.length, 3);
  const ack = request('ACK');
  runner.feed({ type: 'request', message: ack });
  assert.deepEqual(effects[3], { do: 'pass', message: ack });
  clock.advance(31_999);
  assert.equal(runner.state.at, 'accepted');
  clock.advance(1);
  assert.equal(runner.state.at, 'terminated');
  assert.equal(clock.armed, 0);
});

test('a request without answer is resent up to every T2 and given up at 32 000 (timers E and F)', () => {
  const { clock, log } = play(nonInviteClient, nonInviteClient.start(0, { reliable: false, request: options }));
  clock.advance(60_000);
  assert.deepEqual(log, [...sends(500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500), [32_000, 'fail']]);
  assert.equal(clock.armed, 0);
});

test('after a provisional answer a request is resent every T2; the final answer is told once, timer K absorbs the others', () => {
  const { clock, log, runner } = play(nonInviteClient, nonInviteClient.start(0, { reliable: false, request: options }));
  clock.advance(100);
  runner.feed({ type: 'response', message: answer(100, options) });
  clock.advance(8_000);
  runner.feed({ type: 'response', message: answer(200, options) });
  runner.feed({ type: 'response', message: answer(200, options) });
  assert.equal(runner.state.at, 'completed');
  clock.advance(5_000);
  assert.equal(runner.state.at, 'terminated');
  assert.deepEqual(log, [
    [100, 'pass'],
    [500, 'send'],
    [4_500, 'send'],
    [8_100, 'pass'],
  ]);
  assert.equal(clock.armed, 0);
});

test('a broken transport ends a client transaction', () => {
  const { clock, effects, runner } = play(nonInviteClient, nonInviteClient.start(0, { reliable: true, request: options }));
  runner.feed({ type: 'transport-failed' });
  assert.deepEqual(effects, [{ do: 'fail', why: 'transport' }]);
  assert.equal(clock.armed, 0);
});

test('a resent request gets the same final answer for 64*T1 (timer J), over TCP no time at all', () => {
  const { clock, log, runner } = play(nonInviteServer, nonInviteServer.start(0, { reliable: false }));
  runner.feed({ type: 'request', message: options });
  runner.feed({ type: 'respond', message: answer(200, options) });
  runner.feed({ type: 'respond', message: answer(500, options) });
  clock.advance(31_999);
  runner.feed({ type: 'request', message: options });
  clock.advance(1);
  assert.equal(runner.state.at, 'terminated');
  assert.deepEqual(log, sends(0, 31_999));
  assert.equal(clock.armed, 0);
  const tcp = play(nonInviteServer, nonInviteServer.start(0, { reliable: true }));
  tcp.runner.feed({ type: 'respond', message: answer(200, options) });
  assert.equal(tcp.runner.state.at, 'terminated');
});

test('a 2xx is resent until its ACK comes, and the call is given up after 64*T1', () => {
  const acked = play(acceptance, acceptance.start(0, { response: answer(200) }));
  acked.clock.advance(1_600);
  acked.runner.feed({ type: 'ack' });
  acked.clock.advance(60_000);
  assert.deepEqual(acked.log, sends(500, 1_500));
  assert.equal(acked.clock.armed, 0);
  const lost = play(acceptance, acceptance.start(0, { response: answer(200) }));
  lost.clock.advance(60_000);
  assert.deepEqual(lost.log.at(-1), [32_000, 'fail']);
  assert.equal(lost.log.length, 11);
  assert.equal(lost.clock.armed, 0);
});
