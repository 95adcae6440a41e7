import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../../test/kit/fake-clock.ts';
import { SeededChance } from '../../../test/kit/seeded-chance.ts';
import { type AccountId, openAccounts, openDocuments } from '../../accounts/index.ts';
import { noLog } from '../../base/index.ts';
import type { CallId, Cdr } from '../../conference/index.ts';
import { parseMessage, type SipMessage } from '../../sip/index.ts';
import { MemoryStore } from '../../store/index.ts';
import { Traces } from './traces.ts';

const sip = (first: string, { call = 'c1@phone', fromTag = 'far', toTag = '', cseq = '1 INVITE' } = {}): SipMessage =>
  parseMessage(
    Buffer.from(
      `${first}\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nFrom: <sip:ann@x>;tag=${fromTag}\r\nTo: <sip:3000@x>${toTag && `;tag=${toTag}`}\r\nCall-ID: ${call}\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`,
    ),
  ) as SipMessage;

const FLOW = { transport: 'UDP', address: '192.0.2.9', port: 5060 } as const;
const OURS = { address: '192.0.2.1', port: 5060 };
const ID = `${'0'.repeat(31)}1`;

async function open(keptFor = 3_600_000) {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const chance = new SeededChance(3);
  const first = await openAccounts({ store: store.accounts, clock, chance }).createFirst();
  const account = first?.account_id as AccountId;
  const documents = openDocuments({ store: store.documents, clock, chance });
  const traces = new Traces({ clock, log: noLog, documents, keptFor, accounts: async () => [account] });
  const note = (message: SipMessage, sent = false) => traces.note({ message, flow: FLOW, sent, ours: OURS });
  const claim = (more: object = {}) =>
    traces.claim({
      id: ID as CallId,
      account,
      sipCallId: 'c1@phone',
      direction: 'inbound',
      callerName: 'Ann',
      callerNumber: '1001',
      calledNumber: '3000',
      startedAt: clock.epoch(),
      tag: 'far',
      ...more,
    });
  const end = () => traces.ended({ id: ID, account, endedAt: clock.epoch(), reason: 'hung-up' } as unknown as Cdr);
  return { clock, traces, note, claim, end, account, documents };
}

const labels = (trace: { messages: readonly { text: string; sent: boolean }[] } | undefined) =>
  trace?.messages.map(({ text, sent }) => `${sent ? '>' : '<'} ${text.split('\r\n')[0]}`);

test('a call has every message of its dialog, from the first INVITE on, also the one that was challenged', async () => {
  const { traces, note, claim, account } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  note(sip('SIP/2.0 401 Unauthorized', { toTag: 'us' }), true);
  note(sip('ACK sip:3000@x SIP/2.0', { toTag: 'us', cseq: '1 ACK' }));
  note(sip('INVITE sip:3000@x SIP/2.0', { cseq: '2 INVITE' }));
  claim();
  note(sip('SIP/2.0 200 OK', { toTag: 'us2', cseq: '2 INVITE' }), true);
  note(sip('BYE sip:ann@x SIP/2.0', { fromTag: 'us2', toTag: 'far', cseq: '9 BYE' }), true);
  note(sip('OPTIONS sip:x SIP/2.0', { call: 'other', cseq: '1 OPTIONS' }));
  assert.deepEqual(labels(await traces.find(account, 'c1@phone')), [
    '< INVITE sip:3000@x SIP/2.0',
    '> SIP/2.0 401 Unauthorized',
    '< ACK sip:3000@x SIP/2.0',
    '< INVITE sip:3000@x SIP/2.0',
    '> SIP/2.0 200 OK',
    '> BYE sip:ann@x SIP/2.0',
  ]);
});

test('who takes a Call-ID that somebody else has sees nothing of his messages', async () => {
  const { traces, note, claim, account } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  claim();
  note(sip('INVITE sip:secret@x SIP/2.0', { fromTag: 'thief' }));
  traces.claim({
    id: 'f'.repeat(32) as CallId,
    account: 'b'.repeat(32) as AccountId,
    sipCallId: 'c1@phone',
    direction: 'inbound',
    callerName: '',
    callerNumber: '',
    calledNumber: '',
    startedAt: 0,
    tag: 'thief',
  });
  note(sip('SIP/2.0 200 OK', { toTag: 'us' }), true);
  assert.deepEqual(labels(await traces.find('b'.repeat(32) as AccountId, 'c1@phone')), ['< INVITE sip:secret@x SIP/2.0']);
  assert.equal((await traces.find(account, 'c1@phone'))?.messages.length, 2);
  assert.equal(await traces.find(account, 'f'.repeat(32)), undefined);
});

test('it is kept with what was said last, for its time, and found by id and Call-ID', async () => {
  const { traces, note, claim, end, account, clock, documents } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  claim();
  traces.happened(ID as CallId, { type: 'codec', text: 'PCMU, 20 ms, sendrecv' });
  end();
  note(sip('SIP/2.0 200 OK', { toTag: 'us', cseq: '9 BYE' }), true);
  clock.advance(2001);
  await new Promise((resolve) => setImmediate(resolve));
  const kept = await traces.find(account, ID);
  assert.equal(kept?.messages.length, 2);
  assert.deepEqual(
    kept?.happenings.map(({ type }) => type),
    ['codec'],
  );
  assert.equal((await traces.find(account, 'c1@phone'))?.id, ID);
  assert.equal(kept?.keptUntil, clock.epoch() - 1 + 3_600_000);
  clock.advance(3_600_001);
  assert.equal(await traces.find(account, ID), undefined, 'its time is over');
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(700_000);
  await new Promise((resolve) => setImmediate(resolve));
  await traces.close();
  assert.deepEqual(await documents.list({ account, kind: 'call-trace' }), []);
});

test('a flood within a call is counted, not kept: how it began and how it ended is', async () => {
  const { traces, note, claim, account } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  claim();
  for (let i = 1; i <= 1000; i += 1) note(sip('INFO sip:3000@x SIP/2.0', { toTag: 'us', cseq: `${i} INFO` }));
  const trace = await traces.find(account, ID);
  assert.equal(trace?.messages.length, 200);
  assert.equal(trace?.dropped, 801);
  assert.match(trace?.messages[0]?.text ?? '', /^INVITE/);
  assert.match(trace?.messages.at(-1)?.text ?? '', /CSeq: 1000 INFO/);
});

test('scanners leave nothing behind', async () => {
  const { traces, note, claim, account } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  for (let i = 0; i < 5000; i += 1) note(sip('INVITE sip:x@x SIP/2.0', { call: `scan-${i}` }));
  claim();
  assert.equal((await traces.find(account, ID))?.messages.length, 0, 'the oldest that nobody claimed is forgotten first');
});

test('losses that follow one another are one; what is erased is gone; a stop keeps what is over', async () => {
  const { traces, note, claim, end, account, clock } = await open();
  note(sip('INVITE sip:3000@x SIP/2.0'));
  claim();
  const start = clock.epoch();
  clock.advance(10_000);
  traces.lost(ID as CallId, 10_000, { text: '5 of 500', values: { lost: 5, all: 500 } });
  clock.advance(10_000);
  traces.lost(ID as CallId, 20_000, { text: '14 of 1000', values: { lost: 14, all: 1000 } });
  const first = { at: start, until: clock.epoch(), type: 'loss', text: '14 of 1000', values: { lost: 14, all: 1000 } };
  assert.deepEqual(traces.happenings(ID as CallId), [first]);
  clock.advance(20_000);
  const later = clock.epoch() - 10_000;
  traces.lost(ID as CallId, 10_000, { text: '6 of 500', values: { lost: 6, all: 500 } });
  assert.deepEqual(traces.happenings(ID as CallId), [
    first,
    { at: later, until: clock.epoch(), type: 'loss', text: '6 of 500', values: { lost: 6, all: 500 } },
  ]);
  end();
  await traces.close();
  assert.ok(await traces.find(account, ID));
  assert.equal(await traces.erase(account, '9999'), 0);
  assert.equal(await traces.erase(account, '1001'), 1);
  assert.equal(await traces.find(account, ID), undefined);
});
