import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, house, leave } from '../../../test/kit/calls-house.ts';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { peerSdp, SipPeer } from '../../../test/kit/sip-peer.ts';
import { header, printSip, type SipText } from '../../../test/kit/sip-text.ts';
import type { CallId, ConferenceId, DialTarget, LegId } from '../../conference/index.ts';
import type { DialRules } from './policy.ts';

const conference = 'c'.repeat(32) as ConferenceId;
const id = '7'.repeat(32) as CallId;

/** Calls the peer, unless another target is given. */
function dial({ calls, peer }: Awaited<ReturnType<typeof house>>, target: Partial<DialTarget> = {}): void {
  const uri = `sip:bob@${peer.address}:${peer.port}`;
  calls.dial({
    account: account.id,
    place: conference,
    call: {
      id,
      leg: id as string as LegId,
      sipCallId: 'our-call',
      direction: 'outbound',
      callerName: 'bob',
      callerNumber: 'bob',
      channelVars: {},
    },
    target: { dialled: uri, ways: [{ by: 'uri', uri }], callerId: { name: 'Room', number: '3000' }, ...target },
  });
}

const is = (method: string) => (message: SipText) => message.method === method;

/** Answers a request of the server. */
function say(
  peer: SipPeer,
  request: SipText,
  status: string,
  { tag = 'far', lines = {}, body = '' }: { tag?: string; lines?: Record<string, string>; body?: string } = {},
): void {
  const copied = request.headers
    .filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    .map(([name, value]): [string, string] => [name, value]);
  const headers: [string, string][] = [
    ...copied,
    ['To', `${header(request, 'to')}${header(request, 'to').includes('tag=') ? '' : `;tag=${tag}`}`],
    ...(body === '' ? [] : [['Content-Type', 'application/sdp'] as [string, string]]),
    ...Object.entries({ contact: peer.contact, ...lines }),
  ];
  peer.say(printSip(`SIP/2.0 ${status}`, headers, body));
}

test('a call that is answered is told to the domain, acknowledged, and ended by either side', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  assert.match(invite.uri, /^sip:bob@/);
  assert.match(header(invite, 'from'), /^"Room" <sip:3000@/);
  assert.equal(header(invite, 'call-id'), 'our-call');
  assert.match(header(invite, 'supported'), /100rel/);
  say(at.peer, invite, '180 Ringing');
  say(at.peer, invite, '200 OK', { body: peerSdp() });
  const ack = await at.peer.hear(is('ACK'));
  assert.match(header(ack, 'to'), /tag=far/);
  assert.deepEqual(await at.heardOf('call.answered'), { conference, call: id });
  at.calls.hangUp(id, 'kicked');
  const bye = await at.peer.served('BYE');
  assert.equal(header(bye, 'cseq'), '2 BYE');
  assert.equal((await at.heardOf('call.ended'))['reason'], 'kicked');
  await leave(at);
  assert.deepEqual(
    at.cdrs.map(({ direction, reason, calledNumber, callerNumber, sipStatus }) => ({
      direction,
      reason,
      calledNumber,
      callerNumber,
      sipStatus,
    })),
    [
      {
        direction: 'outbound',
        reason: 'kicked',
        calledNumber: `sip:bob@${at.peer.address}:${at.peer.port}`,
        callerNumber: '3000',
        sipStatus: 200,
      },
    ],
  );
});

const refusals: readonly [string, string][] = [
  ['486 Busy Here', 'dial_busy'],
  ['600 Busy Everywhere', 'dial_busy'],
  ['603 Decline', 'dial_declined'],
  ['404 Not Found', 'dial_unreachable'],
  ['503 Service Unavailable', 'dial_unreachable'],
  ['403 Forbidden', 'dial_refused'],
];
for (const [status, code] of refusals) {
  test(`a far end that says ${status} ends the call with ${code} and its status`, async () => {
    const at = await house();
    dial(at);
    say(at.peer, await at.peer.hear(is('INVITE')), status);
    await at.peer.hear(is('ACK'));
    const told = await at.heardOf('call.ended');
    const { code: said, status: number } = told['refusal'] as { code: string; status: number };
    assert.deepEqual([told['reason'], said, number], ['refused', code, Number(status.slice(0, 3))]);
    await leave(at);
    assert.equal(at.cdrs[0]?.sipStatus, Number(status.slice(0, 3)));
    assert.equal(at.cdrs[0]?.answeredAt, undefined);
  });
}

test('nobody answers: after the time of the target the call is cancelled, and a 200 that comes too late gets ACK and BYE', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  dial(at, { timeoutSeconds: 5 });
  const invite = await at.peer.hear(is('INVITE'));
  say(at.peer, invite, '180 Ringing');
  // The clock stands: what came over the wire is waited for.
  while (at.calls.counts().ringing > 0 && at.peer.heard.every((each) => each.method !== 'CANCEL')) {
    clock.advance(1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const cancel = await at.peer.hear(is('CANCEL'));
  assert.equal(header(cancel, 'cseq'), '1 CANCEL');
  assert.equal(header(cancel, 'via'), header(invite, 'via'));
  say(at.peer, cancel, '200 OK');
  const told = await at.heardOf('call.ended');
  assert.equal((told['refusal'] as { code: string }).code, 'dial_unanswered');
  say(at.peer, invite, '200 OK', { body: peerSdp() });
  await at.peer.hear(is('ACK'));
  const bye = await at.peer.served('BYE');
  assert.match(header(bye, 'to'), /tag=far/);
  assert.equal(
    at.said.some(([name]) => name === 'call.answered'),
    false,
  );
  await leave(at);
});

test('a CANCEL waits for the first provisional answer', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  at.calls.hangUp(id, 'kicked');
  await at.heardOf('call.ended');
  assert.equal(at.peer.heard.some(is('CANCEL')), false);
  say(at.peer, invite, '100 Trying');
  const cancel = await at.peer.hear(is('CANCEL'));
  say(at.peer, cancel, '200 OK');
  say(at.peer, invite, '487 Request Terminated');
  await at.peer.hear(is('ACK'));
  await leave(at);
});

test('a far end that asks for a password gets it once, by SHA-256 or MD5', async () => {
  const at = await house();
  const uri = `sip:bob@${at.peer.address}:${at.peer.port}`;
  dial(at, { ways: [{ by: 'uri', uri, username: 'us', password: 'secret' }] });
  const invite = await at.peer.hear(is('INVITE'));
  const challenge = 'Digest realm="far", nonce="abc", algorithm=SHA-256, qop="auth"';
  say(at.peer, invite, '407 Proxy Authentication Required', { lines: { 'Proxy-Authenticate': challenge } });
  await at.peer.hear(is('ACK'));
  const again = await at.peer.hear(is('INVITE'));
  assert.equal(header(again, 'cseq'), '2 INVITE');
  assert.equal(header(again, 'call-id'), header(invite, 'call-id'));
  assert.match(header(again, 'proxy-authorization'), /username="us".*algorithm=SHA-256/);
  say(at.peer, again, '407 Proxy Authentication Required', { lines: { 'Proxy-Authenticate': challenge } });
  assert.equal(((await at.heardOf('call.ended'))['refusal'] as { code: string }).code, 'dial_refused');
  await leave(at);
});

test('a reliable provisional answer gets its PRACK once, and early media is opened', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  const lines = { Require: '100rel', RSeq: '7' };
  say(at.peer, invite, '183 Session Progress', { lines, body: peerSdp() });
  const prack = await at.peer.served('PRACK');
  assert.equal(header(prack, 'rack'), '7 1 INVITE');
  assert.equal(header(prack, 'cseq'), '2 PRACK');
  say(at.peer, invite, '183 Session Progress', { lines, body: peerSdp() });
  assert.equal(at.changes.length >= 1, true, 'the engine listens to what comes early');
  say(at.peer, invite, '200 OK', {});
  assert.equal(header(await at.peer.hear(is('ACK')), 'cseq'), '1 ACK');
  await at.heardOf('call.answered');
  assert.equal(at.peer.heard.some(is('PRACK')), false);
  at.calls.hangUp(id, 'kicked');
  assert.equal(header(await at.peer.served('BYE'), 'cseq'), '3 BYE');
  await leave(at);
});

test('while it rings the far end moves its early media by UPDATE; nothing else that it asks changes anything', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  say(at.peer, invite, '183 Session Progress', { lines: { Require: '100rel', RSeq: '1' }, body: peerSdp() });
  await at.peer.served('PRACK');
  const inside = (cseq: string) => ({
    From: `${header(invite, 'to')};tag=far`,
    To: header(invite, 'from'),
    'Call-ID': header(invite, 'call-id'),
    CSeq: cseq,
  });
  const uri = /<([^>]+)>/.exec(header(invite, 'contact'))![1]!;
  const before = at.changes.length;
  at.peer.request('UPDATE', inside('1 UPDATE'), { uri, body: peerSdp().replace(/m=audio \d+/, 'm=audio 40404') });
  const answer = await at.peer.answer('UPDATE');
  assert.deepEqual([answer.status, /m=audio \d+/.test(answer.body)], [200, true]);
  assert.equal(at.changes.length, before + 1);
  assert.equal(at.changes.at(-1)?.remote?.port, 40404);
  for (const [method, n, status] of [
    ['INFO', 2, 200],
    ['INVITE', 3, 491],
    ['BYE', 4, 481],
    ['REFER', 5, 405],
  ] as const) {
    at.peer.request(method, inside(`${n} ${method}`), { uri });
    assert.equal((await at.peer.answer(method)).status, status, method);
  }
  // A number that was used already is no new request.
  at.peer.request('UPDATE', inside('1 UPDATE'), { uri });
  assert.equal((await at.peer.answer('UPDATE')).status, 500);
  say(at.peer, invite, '200 OK', { body: peerSdp() });
  await at.peer.hear(is('ACK'));
  await at.heardOf('call.answered');
  assert.equal(at.changes.at(-1)?.remote?.port, 40404, 'what was agreed early holds');
  at.peer.request('UPDATE', inside('6 UPDATE'), { uri });
  assert.equal((await at.peer.answer('UPDATE')).status, 200, 'and the call has the dialog now');
  await leave(at);
});

test('before an answer came reliably there is nothing to update yet', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  say(at.peer, invite, '180 Ringing');
  // The dialog is known as soon as its provisional answer was read.
  for (let left = 100; ; left--) {
    const from = { From: `${header(invite, 'to')};tag=far`, To: header(invite, 'from'), 'Call-ID': header(invite, 'call-id') };
    at.peer.request(
      'UPDATE',
      { ...from, CSeq: `${200 - left} UPDATE` },
      { uri: /<([^>]+)>/.exec(header(invite, 'contact'))![1]!, body: peerSdp() },
    );
    const { status } = await at.peer.answer('UPDATE');
    if (status === 481 && left > 0) continue;
    assert.equal(status, 491);
    break;
  }
  say(at.peer, invite, '486 Busy Here');
  await at.peer.hear(is('ACK'));
  await at.heardOf('call.ended');
  await leave(at);
});

test('a session of a call of ours is refreshed by whom both agreed on, and ends when it is not (RFC 4028)', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  assert.match(header(invite, 'session-expires'), /^\d+/);
  say(at.peer, invite, '422 Session Interval Too Small', { lines: { 'Min-SE': '3600' } });
  await at.peer.hear(is('ACK'));
  const again = await at.peer.hear(is('INVITE'));
  assert.deepEqual([header(again, 'min-se'), header(again, 'session-expires')], ['3600', '3600']);
  const lines = { Require: 'timer', 'Session-Expires': '3600;refresher=uac', Allow: 'INVITE, ACK, BYE, UPDATE' };
  say(at.peer, again, '200 OK', { lines, body: peerSdp() });
  await at.peer.hear(is('ACK'));
  await at.heardOf('call.answered');
  clock.advance(1_800_100);
  const update = await at.peer.hear(is('UPDATE'));
  assert.match(header(update, 'session-expires'), /^3600;refresher=uac$/);
  say(at.peer, update, '481 Call Does Not Exist');
  assert.equal((await at.heardOf('call.ended'))['reason'], 'failed');
  const closed = at.calls.close();
  clock.advance(40_000);
  await closed;
  at.peer.close();
});

test('of two forks the first has the call, the other gets ACK and BYE', async () => {
  const at = await house();
  dial(at);
  const invite = await at.peer.hear(is('INVITE'));
  say(at.peer, invite, '200 OK', { tag: 'one', body: peerSdp() });
  say(at.peer, invite, '200 OK', { tag: 'two', body: peerSdp() });
  const acks = [await at.peer.hear(is('ACK')), await at.peer.hear(is('ACK'))].map((each) => header(each, 'to'));
  assert.ok(acks.some((each) => each.endsWith('tag=one')) && acks.some((each) => each.endsWith('tag=two')));
  assert.match(header(await at.peer.served('BYE'), 'to'), /tag=two/);
  await at.heardOf('call.answered');
  // A 200 that comes again gets its ACK again.
  say(at.peer, invite, '200 OK', { tag: 'one', body: peerSdp() });
  assert.match(header(await at.peer.hear(is('ACK')), 'to'), /tag=one/);
  const closed = at.calls.close();
  assert.match(header(await at.peer.served('BYE'), 'to'), /tag=one/);
  await closed;
  at.peer.close();
});

test('a 302 sends the call on, where the rules allow it, and not for ever', async () => {
  const at = await house({ dialRules: { mayReach: (address) => (address === '127.0.0.1' ? undefined : 'a place that is not for us') } });
  const other = await SipPeer.open(at.calls.address);
  dial(at);
  const moved = `<sip:carol@${other.address}:${other.port}>`;
  say(at.peer, await at.peer.hear(is('INVITE')), '302 Moved Temporarily', { lines: { contact: `${moved}, <sip:x@192.0.2.1>` } });
  const invite = await other.hear(is('INVITE'));
  assert.match(invite.uri, /^sip:carol@/);
  // It names itself again and again.
  let rounds = 0;
  for (let last: SipText | undefined = invite; last !== undefined; rounds++) {
    say(other, last, '302 Moved Temporarily', { lines: { contact: moved } });
    const next = await Promise.race([other.hear(is('INVITE')), at.heardOf('call.ended').catch(() => undefined)]);
    last = next !== undefined && 'method' in next ? (next as SipText) : undefined;
  }
  assert.ok(rounds <= 6, `${rounds} rounds`);
  other.close();
  await leave(at);
});

test('a place that does not answer gives way to the next one within seconds', async () => {
  const clock = new FakeClock();
  const names = {
    addresses: async () => ['127.0.0.1'],
    services: async (name: string) =>
      name === '_sip._udp.far.test'
        ? [
            { host: 'dead.far.test', port: 9, priority: 1, weight: 0 },
            { host: 'alive.far.test', port: at.peer.port, priority: 2, weight: 0 },
          ]
        : [],
    pointers: async () => [],
  };
  const at = await house({ clock, names });
  dial(at, { ways: [{ by: 'uri', uri: 'sip:bob@far.test' }] });
  let invite: SipText | undefined;
  const heard = at.peer.hear(is('INVITE')).then((each) => {
    invite = each;
  });
  for (let second = 0; second < 10 && invite === undefined; second++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.advance(1000);
  }
  await heard;
  assert.equal(invite?.uri, 'sip:bob@far.test');
  say(at.peer, invite!, '486 Busy Here');
  assert.equal(((await at.heardOf('call.ended'))['refusal'] as { code: string }).code, 'dial_busy');
  // The silent place has until timer B.
  const closed = at.calls.close();
  clock.advance(40_000);
  await closed;
  at.peer.close();
});

test('a private address is refused by the rule that says so, and so is an unknown domain, and one call more than allowed', async () => {
  const refused = async (dialRules: DialRules, times = 1) => {
    const at = await house({ dialRules });
    for (let n = 0; n < times; n++) {
      at.calls.dial({
        account: account.id,
        place: conference,
        call: {
          id: `${n}`.repeat(32) as CallId,
          leg: `${n}`.repeat(32) as LegId,
          sipCallId: `c${n}`,
          direction: 'outbound',
          callerName: '',
          callerNumber: '',
          channelVars: {},
        },
        target: { dialled: 'x', ways: [{ by: 'uri', uri: `sip:bob@${at.peer.address}:${at.peer.port}` }] },
      });
    }
    const { code, words } = (await at.heardOf('call.ended'))['refusal'] as { code: string; words: string };
    const closed = at.calls.close();
    at.peer.close();
    await closed;
    return `${code}: ${words}`;
  };
  assert.match(await refused({ mayReach: () => 'a loopback address' }), /^dialling_denied: .*dial\.allow_networks/);
  assert.match(await refused({ domains: ['*.example.org'] }), /^dialling_denied: .*\*\.example\.org/);
  assert.match(await refused({ enabled: false }), /^dialling_denied: this account may not dial out/);
  assert.match(await refused({ concurrent: 1 }, 2), /^dial_limit: .*1 calls at once/);
  assert.match(await refused({ perHour: 2 }, 3), /^dial_limit: .*2 calls in an hour/);
});
