import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, device, dialled, house, inside, leave } from '../../test/kit/calls-house.ts';
import { aConference } from '../../test/kit/conference-fakes.ts';
import { peerSdp, SipPeer, toOf } from '../../test/kit/sip-peer.ts';
import { digestAnswer, header, printSip, type SipText } from '../../test/kit/sip-text.ts';
import type { AccountDocument, DocumentId } from '../accounts/index.ts';
import type { ConferenceView } from '../conference/index.ts';

const is = (method: string) => (message: SipText) => message.method === method;

/** A trunk at the peer's address makes it somebody who is known. */
const known = {
  all: async (): Promise<readonly AccountDocument[]> => [
    {
      account: account.id,
      kind: 'trunk',
      id: 'b'.repeat(32) as DocumentId,
      document: { name: 'far', servers: [], addresses: ['127.0.0.1'], probe_seconds: 0 },
      revision: 1,
      createdAt: 0,
      modifiedAt: 0,
    },
  ],
};

/** A call that is up. */
async function up(at: Awaited<ReturnType<typeof house>>): Promise<SipText> {
  const answer = await dialled(at);
  at.peer.request('ACK', inside(answer, '1 ACK'));
  await at.heardOf('call.answered');
  return answer;
}

test('who is transferred is called into the conference, and the phone that asked is told how it goes', async () => {
  const at = await house({ documents: known });
  const other = await SipPeer.open(at.calls.address);
  const answer = await up(at);
  at.peer.request('REFER', {
    ...inside(answer, '2 REFER'),
    'Refer-To': `<sip:bob@${other.address}:${other.port}?Replaces=old%3Bto-tag%3Da%3Bfrom-tag%3Db>`,
  });
  assert.equal((await at.peer.answer('REFER')).status, 202);
  const first = await at.peer.served('NOTIFY');
  assert.match(header(first, 'event'), /^refer/);
  assert.match(first.body, /^SIP\/2\.0 100 /);
  const dial = await at.heardOf('call.dial');
  assert.equal(dial['conference'], 'c'.repeat(32));
  const invite = await other.hear(is('INVITE'));
  assert.match(invite.uri, /^sip:bob@[^?]*$/);
  assert.equal(header(invite, 'replaces'), 'old;to-tag=a;from-tag=b');
  const copied = invite.headers
    .filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    .map((each) => [...each] as [string, string]);
  other.say(printSip('SIP/2.0 486 Busy Here', [...copied, ['To', `${header(invite, 'to')};tag=b`]]));
  const last = await at.peer.served('NOTIFY');
  assert.match(last.body, /^SIP\/2\.0 486 /);
  assert.match(header(last, 'subscription-state'), /^terminated/);
  other.close();
  await leave(at);
});

test('who is transferred reads the caller id that was set for this run of the room', async () => {
  const { room, ...rest } = aConference({ people: 1 });
  const conference = { ...rest, room: { ...room!, set: { callerNumber: '+15550100' } } };
  const view = (): ConferenceView => ({ conference, at: 0, levels: new Map(), floor: undefined });
  const at = await house({ documents: known, view });
  const other = await SipPeer.open(at.calls.address);
  at.peer.request('REFER', { ...inside(await up(at), '2 REFER'), 'Refer-To': `<sip:bob@${other.address}:${other.port}>` });
  assert.equal((await at.peer.answer('REFER')).status, 202);
  const invite = await other.hear(is('INVITE'));
  assert.match(header(invite, 'from'), /<sip:\+15550100@/);
  const copied = invite.headers
    .filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    .map((each) => [...each] as [string, string]);
  other.say(printSip('SIP/2.0 486 Busy Here', [...copied, ['To', `${header(invite, 'to')};tag=b`]]));
  other.close();
  await leave(at);
});

test('a guest transfers nobody', async () => {
  const at = await house();
  const answer = await up(at);
  at.peer.request('REFER', { ...inside(answer, '2 REFER'), 'Refer-To': '<sip:bob@192.0.2.1>' });
  assert.equal((await at.peer.answer('REFER')).status, 403);
  assert.equal(
    at.said.some(([name]) => name === 'call.dial'),
    false,
  );
  await leave(at);
});

test('an INVITE with Replaces takes the place of a call; of none it is 481, from a guest 403', async () => {
  for (const [documents, status] of [
    [known, 200],
    [undefined, 403],
  ] as const) {
    const at = await house(documents === undefined ? {} : { documents });
    const answer = await up(at);
    const tag = /tag=([^;]+)/.exec(toOf(answer))?.[1];
    const invite = (replaces: string, callId: string) =>
      at.peer.request('INVITE', { 'Call-ID': callId, Replaces: replaces, Require: 'replaces' }, { body: peerSdp() });
    invite('nobody;to-tag=x;from-tag=y', 'second');
    assert.equal((await at.peer.answer('INVITE')).status, 481);
    invite(`${header(answer, 'call-id')};to-tag=${tag};from-tag=peer`, 'third');
    const taken = await at.peer.answer('INVITE');
    assert.equal(taken.status, status);
    if (status === 200) {
      at.peer.request('ACK', { ...inside(taken, '1 ACK'), 'Call-ID': 'third' });
      const bye = await at.peer.served('BYE');
      assert.equal(header(bye, 'call-id'), header(answer, 'call-id'));
    }
    await leave(at);
  }
});

test('REFER with method=BYE sends somebody away, where a moderator asks; of nobody it is 404 (RFC 4579 §5.11)', async () => {
  const people = (role: 'moderator' | 'member') => [
    { id: 'p1', role, call: { id: '', callerNumber: 'peer', channelVars: {} } },
    { id: 'p2', role: 'member', call: { id: 'other', callerNumber: '+15550199', channelVars: { username: 'bob' } } },
  ];
  for (const [role, who, status, kicked] of [
    ['moderator', 'bob', 200, 'p2'],
    ['moderator', '+15550199', 200, 'p2'],
    ['moderator', 'nobody', 404, undefined],
    ['member', 'bob', 403, undefined],
  ] as const) {
    const all = people(role);
    const view = () => ({ conference: { id: 'c'.repeat(32), room: { participants: all } } }) as never;
    const at = await house({ documents: known, view });
    const answer = await dialled(at);
    at.peer.request('ACK', inside(answer, '1 ACK'));
    all[0]!.call.id = String((await at.heardOf('call.answered'))['call']);
    at.peer.request('REFER', { ...inside(answer, '2 REFER'), 'Refer-To': `<sip:${who}@127.0.0.1;method=BYE>` });
    assert.equal((await at.peer.answer('REFER')).status, 202);
    await at.peer.served('NOTIFY');
    assert.match((await at.peer.served('NOTIFY')).body, new RegExp(`^SIP/2\\.0 ${status} `), `${role} ${who}`);
    assert.equal(at.said.find(([name]) => name === 'participants.kick')?.[1]['which'], kicked);
    await leave(at);
  }
});

/** A REFER of the device `desk` outside of every dialog; gives its answer. */
async function outside(at: Awaited<ReturnType<typeof house>>, lines: Record<string, string>): Promise<SipText> {
  const uri = `sip:3000@${at.peer.server}`;
  const all = { From: '<sip:desk@one.test>;tag=desk', To: '<sip:3000@127.0.0.1>', 'Call-ID': 'refer', ...lines };
  at.peer.request('REFER', { ...all, CSeq: '1 REFER' }, { uri });
  const challenged = await at.peer.answer('REFER');
  assert.equal(challenged.status, 401);
  const who = { user: 'desk', password: 'secret', method: 'REFER', uri };
  const Authorization = digestAnswer(header(challenged, 'www-authenticate'), who);
  at.peer.request('REFER', { ...all, Authorization, CSeq: '2 REFER' }, { uri });
  return at.peer.answer('REFER');
}

test('a REFER outside of every dialog: the conference calls whoever is named, and tells how it goes; only for a device that proves itself', async () => {
  const at = await house();
  const other = await SipPeer.open(at.calls.address);
  const answer = await outside(at, { 'Refer-To': `<sip:bob@${other.address}:${other.port}>` });
  assert.equal(answer.status, 202);
  assert.match(header(answer, 'contact'), /^</);
  const first = await at.peer.served('NOTIFY');
  assert.deepEqual([header(first, 'call-id'), header(first, 'event')], ['refer', 'refer;id=2']);
  assert.equal(header(first, 'from'), header(answer, 'to'));
  assert.match(first.body, /^SIP\/2\.0 100 /);
  const dial = await at.heardOf('call.dial');
  assert.equal(dial['conference'], 'c'.repeat(32));
  const invite = await other.hear(is('INVITE'));
  const copied = invite.headers
    .filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    .map((each) => [...each] as [string, string]);
  other.say(printSip('SIP/2.0 603 Decline', [...copied, ['To', `${header(invite, 'to')};tag=b`]]));
  assert.match((await at.peer.served('NOTIFY')).body, /^SIP\/2\.0 603 /);
  other.close();
  await leave(at);
});

test('outside of every dialog too only a moderator sends others away; what is none, or wants to hear nothing, is answered so', async () => {
  for (const [role, status, kicked] of [
    ['moderator', 200, 'p2'],
    ['member', 403, undefined],
  ] as const) {
    const people = [
      { id: 'p1', role, call: { id: 'his', callerNumber: '1001', channelVars: { authorizing_id: device.id } } },
      { id: 'p2', role: 'member', call: { id: 'other', callerNumber: '+15550199', channelVars: { username: 'bob' } } },
    ];
    const view = () => ({ conference: { id: 'c'.repeat(32), room: { participants: people } } }) as never;
    const at = await house({ view });
    assert.equal((await outside(at, { 'Refer-To': '<sip:bob@127.0.0.1;method=BYE>' })).status, 202);
    await at.peer.served('NOTIFY');
    assert.match((await at.peer.served('NOTIFY')).body, new RegExp(`^SIP/2\\.0 ${status} `), role);
    assert.equal(at.said.find(([name]) => name === 'participants.kick')?.[1]['which'], kicked);
    await leave(at);
  }
  const at = await house();
  assert.equal((await outside(at, { 'Refer-To': 'nonsense', 'Call-ID': 'a' })).status, 400);
  assert.equal((await outside(at, { 'Refer-To': '<sip:bob@127.0.0.1;method=MESSAGE>', 'Call-ID': 'b' })).status, 501);
  const silent = await outside(at, { 'Refer-To': '<sip:bob@127.0.0.1;method=BYE>', 'Refer-Sub': 'false', 'Call-ID': 'c' });
  assert.deepEqual([silent.status, header(silent, 'refer-sub')], [202, 'false']);
  await leave(at);
  assert.equal(
    at.peer.heard.some(({ method }) => method === 'NOTIFY'),
    false,
  );
});
