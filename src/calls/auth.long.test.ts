import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, device, dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { digestAnswer, header, type SipText } from '../../test/kit/sip-text.ts';

type House = Awaited<ReturnType<typeof house>>;

/** An INVITE from somebody of one.test; gives the answer and, after it, the request's credentials. */
async function invite(
  at: House,
  { user, cseq, authorization = '', host = 'one.test' }: { user: string; cseq: number; authorization?: string; host?: string },
): Promise<SipText> {
  const From = user === '' ? `<sip:${host}>;tag=x` : `<sip:${user}@${host}>;tag=x`;
  const lines = { From, 'Call-ID': `of-${user}-${host}`, CSeq: `${cseq} INVITE`, Authorization: authorization };
  at.peer.request('INVITE', lines, { body: peerSdp() });
  return final(at, lines.CSeq);
}

/** Refusals are resent until their ACK, so an answer is known by its number. */
const final = (at: House, cseq: string): Promise<SipText> =>
  at.peer.hear((message) => message.status >= 200 && header(message, 'cseq') === cseq);

const proof = (at: House, challenged: SipText, user: string, password: string): string =>
  digestAnswer(header(challenged, 'www-authenticate'), { user, password, method: 'INVITE', uri: `sip:3000@${at.peer.server}` });

/** What a stranger sees of an answer, without what is random in every answer. */
const face = ({ start, headers }: SipText) => [
  start,
  ...headers
    .filter(([name]) => !['via', 'cseq', 'from', 'to', 'call-id'].includes(name))
    .map(([name, value]) => `${name}: ${value.replace(/nonce="[^"]*"/, 'nonce')}`),
];

test('nobody finds out by INVITE whether a device exists', async () => {
  const at = await house();
  const seen = [];
  for (const user of ['desk', 'ghost']) {
    const challenged = await invite(at, { user, cseq: 1 });
    assert.equal(challenged.status, 401);
    const refused = await invite(at, { user, cseq: 2, authorization: proof(at, challenged, user, 'wrong') });
    assert.equal(refused.status, 403);
    seen.push([face(challenged), face(refused)]);
  }
  assert.deepEqual(seen[0], seen[1]);
  assert.equal((await invite(at, { user: '', cseq: 1 })).status, 401);
  assert.equal((await invite(at, { user: 'ghost', cseq: 1, host: 'ONE.test' })).status, 401);
  assert.equal(at.calls.counts().calls, 0);
  await leave(at);
});

test('a proved device comes in with its variables; a guest with the ones of the account that he dials', async () => {
  const at = await house();
  const challenged = await invite(at, { user: 'desk', cseq: 1 });
  const answer = await invite(at, { user: 'desk', cseq: 2, authorization: proof(at, challenged, 'desk', 'secret') });
  assert.equal(answer.status, 200);
  const { call } = (await at.heardOf('call.arrived')) as { call: { channelVars: Record<string, string>; callerNumber: string } };
  const common = { account_id: account.id, account_name: 'one', account_realm: 'one.test', is_conference: 'true' };
  assert.deepEqual(call.channelVars, {
    ...common,
    realm: 'one.test',
    username: 'desk',
    authorizing_id: device.id,
    authorizing_type: 'device',
    owner_id: device.owner,
  });
  const me = { From: '<sip:desk@one.test>;tag=x', 'Call-ID': 'of-desk-one.test' };
  at.peer.request('ACK', { ...inside(answer, '2 ACK'), ...me });
  await at.heardOf('call.answered');
  at.peer.request('BYE', { ...inside(answer, '3 BYE'), ...me });
  await at.peer.answer('BYE');
  const guest = await dialled(at);
  const guests = (await at.heardOf('call.arrived')) as { call: { channelVars: Record<string, string> } };
  assert.deepEqual(guests.call.channelVars, { ...common, realm: '127.0.0.1' });
  at.peer.request('ACK', inside(guest, '1 ACK'));
  at.peer.request('BYE', inside(guest, '2 BYE'));
  await at.peer.answer('BYE');
  await leave(at);
});

test('credentials are good once: replayed they are asked for again with a fresh nonce, stale=true', async () => {
  const at = await house({ auto: false });
  const challenged = await invite(at, { user: 'desk', cseq: 1 });
  const authorization = proof(at, challenged, 'desk', 'secret');
  const me = { From: '<sip:desk@one.test>;tag=x', 'Call-ID': 'of-desk-one.test' };
  at.peer.request('INVITE', { ...me, CSeq: '2 INVITE', Authorization: authorization }, { body: peerSdp() });
  await at.heardOf('call.arrived');
  const replayed = await invite(at, { user: 'desk', cseq: 3, authorization });
  assert.equal(replayed.status, 401);
  assert.match(header(replayed, 'www-authenticate'), /stale=true/);
  const wrong = await invite(at, { user: 'desk', cseq: 4, authorization: proof(at, challenged, 'desk', 'wrong') });
  assert.equal(wrong.status, 403, 'a wrong password learns nothing of nonces');
  const closed = at.calls.close();
  assert.equal((await final(at, '2 INVITE')).status, 503);
  await closed;
  at.peer.close();
});

test('an old nonce with the right password is asked again with stale=true', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  const challenged = await invite(at, { user: 'desk', cseq: 1 });
  clock.advance(301_000);
  const late = await invite(at, { user: 'desk', cseq: 2, authorization: proof(at, challenged, 'desk', 'secret') });
  assert.equal(late.status, 401);
  assert.match(header(late, 'www-authenticate'), /stale=true/);
  await leave(at);
});

/** A REGISTER of desk that proves itself. */
async function register(at: House, n: number, lines: Record<string, string> = {}): Promise<SipText> {
  const uri = 'sip:one.test';
  const who = { From: '<sip:desk@one.test>;tag=r', To: '<sip:desk@one.test>', 'Call-ID': 'reg', CSeq: `${2 * n} REGISTER`, ...lines };
  at.peer.request('REGISTER', who, { uri });
  const challenged = await at.peer.answer('REGISTER');
  assert.equal(challenged.status, 401);
  const Authorization = digestAnswer(header(challenged, 'www-authenticate'), {
    user: 'desk',
    password: 'secret',
    method: 'REGISTER',
    uri,
  });
  at.peer.request('REGISTER', { ...who, CSeq: `${2 * n + 1} REGISTER`, Authorization }, { uri });
  return at.peer.answer('REGISTER');
}

const bindings = ({ headers }: SipText): string[] =>
  headers
    .filter(([name]) => name === 'contact')
    .map(([, value]) => value)
    .toSorted();

test('several contacts with q and a life of their own end by the clock', async () => {
  const clock = new FakeClock();
  const at = await house({ clock });
  const both = await register(at, 1, { Contact: '<sip:a@192.0.2.1>;q=0.5;expires=60, <sip:b@192.0.2.2>;expires=120' });
  assert.deepEqual(bindings(both), ['<sip:a@192.0.2.1>;expires=60;q=0.5', '<sip:b@192.0.2.2>;expires=120']);
  clock.advance(59_000);
  assert.equal(at.calls.counts().registrations, 2);
  clock.advance(1_000);
  assert.equal(at.calls.counts().registrations, 1);
  assert.equal(at.registrations.size, 1);
  assert.deepEqual(bindings(await register(at, 2, { Contact: '' })), ['<sip:b@192.0.2.2>;expires=60'], 'no Contact asks only');
  clock.advance(60_000);
  assert.deepEqual([at.calls.counts().registrations, at.registrations.size], [0, 0]);
  await at.calls.close();
  at.peer.close();
  assert.equal(clock.armed, 0);
});

test('a REGISTER that comes late changes nothing; star ends all, only with Expires 0 and alone', async () => {
  const at = await house();
  const [a, b] = ['<sip:a@192.0.2.1>', '<sip:b@192.0.2.2>'];
  assert.equal((await register(at, 5, { Contact: `${a}, ${b}` })).status, 200);
  assert.equal((await register(at, 4, { Contact: a, Expires: '0' })).status, 500, 'same Call-ID, lower CSeq');
  assert.equal((await register(at, 3, { Contact: '*', Expires: '0' })).status, 500);
  assert.equal(at.calls.counts().registrations, 2);
  assert.equal((await register(at, 1, { 'Call-ID': 'rebooted', Contact: a })).status, 200, 'another Call-ID counts anew');
  assert.equal((await register(at, 6, { Contact: '*' })).status, 400);
  assert.equal((await register(at, 7, { Contact: '*', Expires: '60' })).status, 400);
  const mixed = await register(at, 9, { Contact: `${b};expires=0, <sip:c@192.0.2.3>;expires=30` });
  assert.equal(mixed.status, 423, 'all or nothing');
  assert.equal(at.calls.counts().registrations, 2);
  assert.deepEqual(bindings(await register(at, 10, { Contact: '*', Expires: '0' })), []);
  assert.deepEqual([at.calls.counts().registrations, at.registrations.size], [0, 0]);
  await leave(at);
});
