import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, device, dialled, house, inside, leave, participant } from '../../test/kit/calls-house.ts';
import { FakeClock } from '../../test/kit/fake-clock.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { answerTo, digestAnswer, header } from '../../test/kit/sip-text.ts';
import { Failure } from '../base/index.ts';
import type { CallHistory, CallId, CallRecord, Cdr } from '../conference/index.ts';
import type { LegMetrics } from '../media/index.ts';
import { CdrDraft } from './cdr.ts';

type House = Awaited<ReturnType<typeof house>>;

/** Lets everything happen that waits for nothing. */
async function turns(count = 50): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

/** The only record there is, once there is one. */
async function only(at: House): Promise<Cdr> {
  for (let left = 2000; left > 0 && at.cdrs.length === 0; left--) await turns(1);
  await turns();
  assert.equal(at.cdrs.length, 1, JSON.stringify(at.cdrs));
  return at.cdrs[0]!;
}

/** A call that is up; gives our 200. */
async function up(at: House) {
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  await turns();
  return answer;
}

const heard = { codec: 'PCMU', packetsIn: 500, packetsOut: 501, lost: 5, jitter: 1.23456, roundTrip: null, mosCq: 4.2888 } as LegMetrics;

test('a whole call: who, when, how it sounded', async () => {
  const clock = new FakeClock();
  const at = await house({ clock, heard });
  const begun = clock.epoch();
  const invite = await dialled(at);
  clock.advance(200);
  at.peer.request('ACK', inside(invite, '1 ACK'));
  await at.heardOf('call.answered');
  await turns();
  clock.advance(10_500);
  at.peer.request('BYE', inside(invite, '2 BYE'));
  await at.peer.answer('BYE');
  const { id, ...cdr } = await only(at);
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.deepEqual(cdr, {
    account: account.id,
    conference: 'c'.repeat(32),
    participant,
    role: 'member',
    direction: 'inbound',
    sipCallId: `call-${at.peer.port}`,
    callerName: 'Peer',
    callerNumber: 'peer',
    calledNumber: '3000',
    startedAt: begun,
    answeredAt: begun + 200,
    endedAt: begun + 10_700,
    reason: 'hung-up',
    sipStatus: 200,
    cause: 16,
    codec: 'PCMU',
    quality: { codec: 'PCMU', packetsIn: 500, packetsOut: 501, lost: 5, jitter: 1.23, roundTrip: null, mosCq: 4.29 },
    channelVars: {
      account_id: account.id,
      account_name: account.name,
      account_realm: account.realm,
      realm: '127.0.0.1',
      is_conference: 'true',
    },
  });
  await leave(at);
});

test('every end of an answered call is one record with its reason and cause; the Reason of a BYE wins', async () => {
  const rows: [string, number, (at: House, call: string, answer: Awaited<ReturnType<typeof up>>) => void][] = [
    ['hung-up', 34, (at, _, answer) => void at.peer.request('BYE', { ...inside(answer, '2 BYE'), Reason: 'Q.850;cause=34' })],
    ['kicked', 16, (at, call) => at.calls.hangUp(call as CallId, 'kicked')],
    ['conference-deleted', 16, (at, call) => at.calls.hangUp(call as CallId, 'conference-deleted')],
    ['media-lost', 31, (at, call) => at.calls.engineEvent({ type: 'media-lost', leg: call as never, silentMs: 60_000 })],
    ['media-lost', 31, (at, call) => at.calls.engineEvent({ type: 'thread-died', legs: [call as never], reason: 'test' })],
    ['failed', 41, (at, call) => at.calls.hangUp(call as CallId, 'failed')],
    ['shutdown', 41, (at) => void at.calls.close()],
  ];
  for (const [reason, cause, end] of rows) {
    const at = await house();
    const answer = await up(at);
    const [call = ''] = [...at.records.keys()];
    end(at, call, answer);
    if (reason !== 'hung-up') {
      // Both say BYE at once: it stays one record.
      at.peer.request('BYE', { ...inside(answer, '2 BYE'), Reason: 'Q.850;cause=99' });
      await at.peer.served('BYE');
    }
    const cdr = await only(at);
    assert.deepEqual([cdr.reason, cdr.cause, cdr.sipStatus, cdr.participant, cdr.id], [reason, cause, 200, participant, call], reason);
    await leave(at);
    assert.deepEqual([at.cdrs.length, at.records.size], [1, 0], reason);
  }
});

test('refused calls have a record as soon as it is known whose they are', async () => {
  const desk = { From: '<sip:desk@one.test>;tag=x' };
  const rows: [number, number, string, Record<string, string>, { uri?: string; body?: string }][] = [
    [404, 1, 'refused', {}, { uri: 'sip:9@one.test', body: peerSdp() }],
    [488, 88, 'refused', {}, { body: peerSdp().replace('AVP 0 101', 'AVP 18') }],
    [400, 41, 'refused', { Contact: '' }, { body: peerSdp() }],
    [415, 79, 'refused', { 'Content-Type': 'text/plain' }, { body: 'hello' }],
    [420, 127, 'refused', { Require: '100rel' }, {}],
  ];
  for (const [status, cause, reason, lines, what] of rows) {
    const at = await house();
    at.peer.request('INVITE', lines, what);
    assert.equal((await at.peer.answer('INVITE')).status, status);
    const cdr = await only(at);
    assert.deepEqual([cdr.sipStatus, cdr.cause, cdr.reason, cdr.answeredAt, cdr.conference], [status, cause, reason, undefined, undefined]);
    assert.equal(cdr.calledNumber, status === 404 ? '9' : '3000');
    await leave(at);
  }
  const at = await house();
  at.peer.request('INVITE', desk, { body: peerSdp() });
  const challenged = await at.peer.answer('INVITE');
  assert.equal(challenged.status, 401);
  const uri = `sip:3000@${at.peer.server}`;
  const wrong = digestAnswer(header(challenged, 'www-authenticate'), { user: 'desk', password: 'wrong', method: 'INVITE', uri });
  at.peer.request('INVITE', { ...desk, CSeq: '2 INVITE', Authorization: wrong }, { body: peerSdp() });
  assert.equal((await at.peer.answer('INVITE')).status, 403);
  const cdr = await only(at);
  assert.deepEqual([cdr.sipStatus, cdr.cause, cdr.account], [403, 21, account.id]);
  assert.equal(cdr.channelVars['authorizing_id'], undefined, 'who proved nothing is nobody');
  await leave(at);
});

test('what only asks for the INVITE in other words is no call, nor what is nobody’s', async () => {
  const at = await house();
  const rows: [number, Record<string, string>, { uri?: string; body?: string }][] = [
    [401, { From: `<sip:${device.username}@one.test>;tag=x` }, { body: peerSdp() }],
    [422, { Supported: 'timer', 'Session-Expires': '60' }, { body: peerSdp() }],
    [404, {}, { uri: 'sip:3000@elsewhere.test', body: peerSdp() }],
  ];
  for (const [n, [status, lines, what]] of rows.entries()) {
    at.peer.request('INVITE', { 'Call-ID': `row-${n}`, ...lines }, what);
    assert.equal((await at.peer.answer('INVITE')).status, status);
  }
  // The same INVITE by another way (RFC 3261 §8.2.2.2).
  at.peer.request('INVITE', { 'Call-ID': 'twice' }, { body: peerSdp() });
  assert.equal((await at.peer.answer('INVITE')).status, 200);
  at.peer.request('INVITE', { 'Call-ID': 'twice' }, { body: peerSdp() });
  assert.equal((await at.peer.answer('INVITE')).status, 482);
  await turns();
  assert.equal(at.cdrs.length, 0);
  await at.calls.close();
  at.peer.close();
  assert.deepEqual([at.cdrs.length, at.cdrs[0]?.sipCallId], [1, 'twice']);
});

test('the domain’s refusals: locked, and no place left; a dead engine', async () => {
  for (const [error, status, cause] of [
    [new Failure('denied', 'conference_locked', 'locked'), 403, 21],
    [new Failure('limit', 'conference_full', 'full'), 486, 17],
    [new Failure('unavailable', 'store_unavailable', 'no disk'), 503, 41],
  ] as const) {
    const at = await house({ refuse: (name) => (name === 'call.arrived' ? error : undefined) });
    at.peer.request('INVITE', {}, { body: peerSdp() });
    assert.equal((await at.peer.answer('INVITE')).status, status);
    const cdr = await only(at);
    assert.deepEqual([cdr.sipStatus, cdr.cause, cdr.reason, cdr.conference], [status, cause, 'refused', 'c'.repeat(32)]);
    await leave(at);
  }
});

test('CANCEL wherever it meets the call: one record, 487, and its Reason', async () => {
  for (const [where, refuse] of [
    ['call.arrived', undefined],
    ['call.route', undefined],
  ] as const) {
    const gate = Promise.withResolvers<void>();
    const at = await house({
      auto: false,
      ...(where === 'call.route' ? { route: () => gate.promise } : {}),
      ...(refuse ? { refuse } : {}),
    });
    const invite = at.peer.request('INVITE', {}, { body: peerSdp() });
    await at.heardOf(where);
    at.peer.request('CANCEL', {
      Via: header(invite, 'via'),
      CSeq: '1 CANCEL',
      Reason: 'SIP;cause=200;text="Call completed elsewhere"',
    });
    assert.equal((await at.peer.answer('INVITE')).status, 487);
    gate.resolve();
    const cdr = await only(at);
    assert.deepEqual([cdr.sipStatus, cdr.cause, cdr.reason, cdr.answeredAt], [487, 26, 'hung-up', undefined], where);
    await leave(at);
    assert.equal(at.cdrs.length, 1);
  }
});

test('a 200 that nobody acknowledges, and a BYE before the ACK, are calls that were never answered', async () => {
  const clock = new FakeClock();
  const late = await house({ clock });
  await dialled(late);
  clock.advance(32_000);
  const unheard = await only(late);
  assert.deepEqual([unheard.reason, unheard.sipStatus, unheard.answeredAt, unheard.cause], ['failed', 200, undefined, 41]);
  await late.peer.served('BYE');
  await leave(late);
  const early = await house();
  const answer = await dialled(early);
  early.peer.request('BYE', inside(answer, '2 BYE'));
  await early.peer.answer('BYE');
  const cdr = await only(early);
  assert.deepEqual([cdr.reason, cdr.answeredAt, cdr.participant], ['hung-up', undefined, undefined]);
  await leave(early);
});

test('a record that cannot be kept is tried again, and the call stays with the next start until it is', async () => {
  const clock = new FakeClock();
  let vain = 1;
  const at = await house({ clock, refuse: (name) => (name === 'history.add' && vain-- > 0 ? new Error('disk full') : undefined) });
  const answer = await up(at);
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  await turns();
  assert.deepEqual([at.cdrs.length, at.records.size], [0, 1]);
  clock.advance(100);
  await only(at);
  assert.equal(at.records.size, 0);
  await leave(at);
});

test('the first end of a leg counts, it is kept once, and nothing that comes later is in it', async () => {
  const clock = new FakeClock();
  const kept: Cdr[] = [];
  const history = { add: async (cdr: Cdr) => void kept.push(cdr) } as unknown as CallHistory;
  const insist = async (work: () => Promise<unknown>): Promise<void> => void (await work());
  const start = {
    id: '1' as CallId,
    account: account.id,
    direction: 'inbound',
    sipCallId: 'x',
    callerName: '',
    callerNumber: '1',
  } as const;
  const draft = new CdrDraft(
    { ...start, calledNumber: '2', startedAt: clock.epoch(), channelVars: {} },
    { clock, history, insist, kept: () => {}, floods: { hasRoom: () => true, takes: () => false, close: async () => {} } },
  );
  await draft.write();
  assert.equal(kept.length, 0, 'it is not over');
  draft.ended('kicked', 200);
  clock.advance(5_000);
  draft.ended('failed', 500);
  draft.answered();
  draft.speaks('opus');
  await Promise.all([draft.write(heard), draft.write()]);
  await draft.write();
  assert.deepEqual(
    kept.map(({ reason, sipStatus, endedAt, answeredAt, codec }) => [reason, sipStatus, endedAt, answeredAt, codec]),
    [['kicked', 200, clock.epoch() - 5_000, undefined, undefined]],
  );
});

/** The record of a call as the store has it when its server dies. */
async function crashed(at: House): Promise<CallRecord> {
  await up(at);
  const [record] = [...at.records.values()];
  const kept = structuredClone(record!);
  const closed = at.calls.close();
  await at.peer.served('BYE');
  await closed;
  at.cdrs.length = 0;
  at.records.set(kept.id, kept);
  return kept;
}

test('after a crash every call that was up has its record: reason restart, ended when the server was last alive', async () => {
  const clock = new FakeClock();
  const answered = clock.epoch();
  for (const [lastAlive, ended] of [
    [answered + 7_000, answered + 7_000],
    [undefined, answered],
    [answered - 5_000, answered],
    [answered + 9e9, answered + 60_000],
  ] as const) {
    const at = await house({ clock: new FakeClock(), ...(lastAlive === undefined ? {} : { lastAlive }) });
    const { id } = await crashed(at);
    const later = new FakeClock();
    later.advance(60_000);
    const again = await at.open(later);
    await again.recover();
    const cdr = at.cdrs[0]!;
    assert.deepEqual(
      [at.cdrs.length, cdr.id, cdr.reason, cdr.cause, cdr.sipStatus, cdr.answeredAt, cdr.endedAt, cdr.participant, cdr.codec],
      [1, id, 'restart', 41, 200, answered, ended, participant, 'PCMU'],
    );
    const bye = await at.peer.hear(({ method, headers }) => method === 'BYE' && JSON.stringify(headers).includes('Restart'));
    at.peer.moved(again.address);
    at.peer.say(answerTo(bye, '200 OK', { toTag: 'peer' }));
    await again.close();
    assert.equal(at.records.size, 0);
    at.peer.close();
  }
});
