import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { digestAnswer, header } from '../../test/kit/sip-text.ts';

test('a call: 100, 200 with our answer, ACK, digit by INFO, BYE', async () => {
  const at = await house();
  const answer = await dialled(at);
  assert.ok(at.peer.heard.some(({ status }) => status === 100));
  assert.match(answer.body, /m=audio 30000 RTP\/AVP 0 101\r\n/);
  assert.match(header(answer, 'contact'), /^<sip:c{32}@127\.0\.0\.1:\d+>;isfocus$/);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  at.peer.request(
    'INFO',
    { ...inside(answer, '2 INFO'), 'Content-Type': 'application/dtmf-relay' },
    { body: 'Signal=5\r\nDuration=100\r\n' },
  );
  assert.equal((await at.peer.answer('INFO')).status, 200);
  assert.equal((await at.heardOf('call.digit'))['digit'], '5');
  at.peer.request('BYE', inside(answer, '3 BYE'));
  assert.equal((await at.peer.answer('BYE')).status, 200);
  assert.equal((await at.heardOf('call.ended'))['reason'], 'hung-up');
  assert.equal(at.ended.length, 1);
  await leave(at);
  assert.equal(at.records.size, 0);
});

test('an offer in our 200 is answered in the ACK', async () => {
  const at = await house();
  const answer = await dialled(at, '');
  assert.match(answer.body, /RTP\/AVP 111 9 0 8 13 101 102\r\n/);
  at.peer.request('ACK', inside(answer, '1 ACK'), { body: peerSdp() });
  await at.heardOf('call.answered');
  assert.equal(at.changes.at(-1)?.remote?.port, 40_000);
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  await leave(at);
});

test('hold, resume and a new port by re-INVITE; a lower CSeq is 500', async () => {
  const at = await house();
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  at.peer.request('INVITE', inside(answer, '5 INVITE'), { body: peerSdp('a=sendonly') });
  const hold = await at.peer.answer('INVITE');
  assert.match(hold.body, /a=recvonly/);
  assert.match(hold.body, /o=- \d+ 2 IN/);
  at.peer.request('ACK', inside(answer, '5 ACK'));
  assert.equal((await at.heardOf('call.held'))['held'], true);
  at.peer.request('UPDATE', inside(answer, '6 UPDATE'), { body: peerSdp().replace('40000', '41000') });
  assert.match((await at.peer.answer('UPDATE')).body, /a=sendrecv/);
  assert.equal((await at.heardOf('call.held'))['held'], false);
  assert.equal(at.changes.at(-1)?.remote?.port, 41_000);
  at.peer.request('INFO', inside(answer, '2 INFO'));
  assert.equal((await at.peer.answer('INFO')).status, 500);
  at.peer.request('BYE', inside(answer, '7 BYE'));
  await at.peer.answer('BYE');
  await leave(at);
});

test('refusals, each with what the RFC wants beside it', async () => {
  const at = await house();
  const rows: [number, string, Record<string, string>, { uri?: string; body?: string }, [string, RegExp]?][] = [
    [405, 'MESSAGE', {}, {}, ['allow', /INVITE/]],
    [489, 'SUBSCRIBE', {}, {}],
    [501, 'FLY', {}, {}, ['allow', /INVITE/]],
    [200, 'OPTIONS', {}, {}, ['accept', /application\/sdp/]],
    [200, 'OPTIONS', { 'Max-Forwards': '0' }, {}],
    [400, 'REGISTER', { To: '<isbn:2983792873>' }, {}],
    [420, 'INVITE', { Require: '100rel' }, {}, ['unsupported', /100rel/]],
    [416, 'INVITE', {}, { uri: 'tel:3000' }],
    [415, 'INVITE', { 'Content-Type': 'text/plain' }, { body: 'hello' }, ['accept', /application\/sdp/]],
    [406, 'INVITE', { Accept: 'text/plain' }, { body: peerSdp() }, ['accept', /^application\/sdp$/]],
    [406, 'INVITE', { Accept: 'application/sdp;q=0, text/html' }, { body: peerSdp() }],
    [404, 'INVITE', { Accept: 'text/plain, Application/SDP;level=1' }, { uri: `sip:nobody@${at.peer.server}`, body: peerSdp() }],
    [404, 'INVITE', { Accept: 'application/*;q=0.5' }, { uri: `sip:nobody@${at.peer.server}`, body: peerSdp() }],
    [200, 'OPTIONS', { Accept: 'text/plain' }, {}],
    [481, 'BYE', { To: '<sip:3000@127.0.0.1>;tag=nobody' }, {}],
    [488, 'INVITE', {}, { body: peerSdp().replace('AVP 0 101', 'AVP 18') }, ['warning', /^305/]],
    [404, 'INVITE', {}, { uri: `sip:nobody@${at.peer.server}`, body: peerSdp() }],
    [404, 'INVITE', {}, { uri: 'sip:3000@elsewhere.test', body: peerSdp() }],
    [422, 'INVITE', { Supported: 'timer', 'Session-Expires': '60' }, { body: peerSdp() }, ['min-se', /^90$/]],
    [400, 'INVITE', { Contact: '' }, { body: peerSdp() }],
    [401, 'INVITE', { From: '<sip:desk@one.test>;tag=x' }, { body: peerSdp() }, ['www-authenticate', /SHA-256/]],
  ];
  for (const [n, [status, method, lines, what, [name, value] = []]] of rows.entries()) {
    at.peer.request(method, { 'Call-ID': `row-${n}`, ...lines }, what);
    const answer = await at.peer.answer(method);
    assert.equal(answer.status, status, `${method} row ${n}`);
    if (name !== undefined && value !== undefined) assert.match(header(answer, name), value);
  }
  await leave(at);
});

test('CANCEL while the domain thinks: 200 and 487', async () => {
  const at = await house({ auto: false });
  const invite = at.peer.request('INVITE', {}, { body: peerSdp() });
  await at.heardOf('call.arrived');
  at.peer.request('CANCEL', { Via: header(invite, 'via'), CSeq: '1 CANCEL' });
  assert.equal((await at.peer.answer('CANCEL')).status, 200);
  assert.equal((await at.peer.answer('INVITE')).status, 487);
  assert.equal((await at.heardOf('call.ended'))['reason'], 'hung-up');
  await leave(at);
});

test('a 200 without ACK is said again at 500, 1500, 3500 ms and given up with BYE at 32 s', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  await dialled(at);
  for (const wait of [500, 1_000, 2_000]) {
    clock.advance(wait);
    await at.peer.answer('INVITE');
  }
  clock.advance(28_500);
  await at.peer.served('BYE');
  assert.equal((await at.heardOf('call.ended'))['reason'], 'failed');
  await at.calls.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('REGISTER: challenge, wrong and unknown alike, binding, removal', async () => {
  const at = await house();
  const register = async (n: number, user: string, password: string, lines: Record<string, string> = {}) => {
    const uri = 'sip:one.test';
    const who = { From: `<sip:${user}@one.test>;tag=r`, To: `<sip:${user}@one.test>`, 'Call-ID': `reg-${user}`, ...lines };
    at.peer.request('REGISTER', { ...who, CSeq: `${n} REGISTER` }, { uri });
    const challenged = await at.peer.answer('REGISTER');
    assert.equal(challenged.status, 401);
    const Authorization = digestAnswer(header(challenged, 'www-authenticate'), { user, password, method: 'REGISTER', uri });
    at.peer.request('REGISTER', { ...who, CSeq: `${n + 1} REGISTER`, Authorization }, { uri });
    return at.peer.answer('REGISTER');
  };
  assert.equal((await register(1, 'desk', 'wrong')).status, 403);
  assert.equal((await register(1, 'ghost', 'wrong')).status, 403);
  assert.match(header(await register(3, 'desk', 'secret'), 'contact'), /;expires=300/);
  assert.equal(at.calls.counts().registrations, 1);
  const brief = await register(5, 'desk', 'secret', { Expires: '10' });
  assert.deepEqual([brief.status, header(brief, 'min-expires')], [423, '60']);
  assert.equal((await register(7, 'desk', 'secret', { Contact: '*', Expires: '0' })).status, 200);
  assert.deepEqual([at.calls.counts().registrations, at.registrations.size], [0, 0]);
  await leave(at);
});

test('close says BYE with reason shutdown and is done when it is answered', async () => {
  // A clock that stands still: nothing but the answer can end this.
  const at = await house({ clock: new FakeClock() });
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  const closed = at.calls.close();
  await at.peer.served('BYE');
  await closed;
  assert.equal((await at.heardOf('call.ended'))['reason'], 'shutdown');
  at.peer.close();
});
