import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, house, leave } from '../../test/kit/calls-house.ts';
import { peerSdp, SipPeer } from '../../test/kit/sip-peer.ts';
import { header, printSip, type SipText } from '../../test/kit/sip-text.ts';
import type { AccountDocument, DocumentId } from '../accounts/index.ts';
import type { JsonObject } from '../base/index.ts';
import type { CallId, ConferenceId, LegId } from '../conference/index.ts';

const is = (method: string) => (message: SipText) => message.method === method;
const id = '7'.repeat(32) as CallId;

/** A house with one trunk, whose far end the test plays. */
async function withTrunk(document: JsonObject) {
  const stored: AccountDocument[] = [];
  const at = await house({ documents: { all: async () => stored } });
  const far = await SipPeer.open(at.calls.address);
  const trunk = 'b'.repeat(32) as DocumentId;
  const make = (more: JsonObject = {}): AccountDocument => ({
    account: account.id,
    kind: 'trunk',
    id: trunk,
    document: { name: 'far', servers: [`${far.address}:${far.port}`], probe_seconds: 0, ...document, ...more },
    revision: 1,
    createdAt: 0,
    modifiedAt: 0,
  });
  stored.push(make());
  at.calls.trunksChanged();
  const close = async () => {
    await leave(at);
    far.close();
  };
  return { at, far, trunk, stored, make, close };
}

const answer = (far: SipPeer, request: SipText, status: string, lines: Record<string, string> = {}, body = ''): void => {
  const copied = request.headers
    .filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    .map((each) => [...each] as [string, string]);
  const headers: [string, string][] = [
    ...copied,
    ['To', `${header(request, 'to')};tag=far`],
    ...Object.entries({ Contact: far.contact, ...lines }),
  ];
  far.say(printSip(`SIP/2.0 ${status}`, body === '' ? headers : [...headers, ['Content-Type', 'application/sdp']], body));
};

const stateOf = async ({ at }: Awaited<ReturnType<typeof withTrunk>>, wanted: string) => {
  for (let left = 500; left > 0; left--) {
    if (at.calls.trunkStates(account.id)[0]?.registration === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`the trunk is not ${wanted}`);
};

test('a trunk registers with its password, for as long as the far end wants, and says goodbye', async () => {
  const it = await withTrunk({ register: true, username: 'us', password: 'secret', realm: 'far.test' });
  const first = await it.far.hear(is('REGISTER'));
  assert.equal(first.uri, 'sip:far.test');
  assert.match(header(first, 'to'), /sip:us@far\.test/);
  answer(it.far, first, '401 Unauthorized', { 'WWW-Authenticate': 'Digest realm="far.test", nonce="n", algorithm=MD5, qop="auth"' });
  const second = await it.far.hear(is('REGISTER'));
  assert.equal(header(second, 'call-id'), header(first, 'call-id'));
  assert.equal(header(second, 'cseq'), '2 REGISTER');
  assert.match(header(second, 'authorization'), /username="us"/);
  answer(it.far, second, '423 Interval Too Brief', { 'Min-Expires': '1200' });
  const third = await it.far.hear(is('REGISTER'));
  assert.equal(header(third, 'expires'), '1200');
  answer(it.far, third, '200 OK', { Expires: '1200' });
  await stateOf(it, 'registered');
  const closed = it.at.calls.close();
  const last = await it.far.hear(is('REGISTER'));
  assert.equal(header(last, 'expires'), '0');
  answer(it.far, last, '200 OK');
  await closed;
  it.at.peer.close();
  it.far.close();
});

test('a number goes out through the trunk by its rules, with who calls asserted to whom is trusted', async () => {
  const it = await withTrunk({
    outbound: [{ prefix: '+1', put: '001' }],
    trusted: true,
    realm: 'far.test',
    caller_id: { number: '+15550100' },
  });
  it.at.calls.dial({
    account: account.id,
    place: 'c'.repeat(32) as ConferenceId,
    call: { id, leg: id as string as LegId, sipCallId: 'out', direction: 'outbound', callerName: '', callerNumber: '', channelVars: {} },
    target: { dialled: '(415) 886-7900', ways: [{ by: 'trunk', number: '(415) 886-7900' }], callerId: { hidden: true } },
  });
  const invite = await it.far.hear(is('INVITE'));
  assert.match(invite.uri, /^sip:0014158867900@/);
  assert.match(header(invite, 'from'), /anonymous@anonymous\.invalid/);
  assert.equal(header(invite, 'p-asserted-identity'), '<sip:+15550100@far.test>');
  assert.equal(header(invite, 'privacy'), 'id');
  answer(it.far, invite, '200 OK', {}, peerSdp());
  await it.far.hear(is('ACK'));
  await it.at.heardOf('call.answered');
  assert.equal(it.at.calls.trunkStates()[0]?.calls, 1);
  it.at.calls.hangUp(id, 'kicked');
  await it.far.served('BYE');
  await it.close();
});

test('a call from a trunk’s address is the account’s, by its rules; only a trusted one is believed who calls', async () => {
  for (const trusted of [true, false]) {
    const it = await withTrunk({ addresses: ['127.0.0.1'], inbound: [{ prefix: '9', put: '' }], trusted });
    await new Promise((resolve) => setTimeout(resolve, 50));
    it.far.request(
      'INVITE',
      {
        From: '<sip:anonymous@anonymous.invalid>;tag=x',
        'P-Asserted-Identity': '"Ann" <sip:+15550199;verstat=TN-Validation-Passed@far.test>',
        Diversion: '<sip:+15550111@far.test>;reason=no-answer',
      },
      { uri: `sip:93000@elsewhere.test`, body: peerSdp() },
    );
    const { call, trunk, address } = (await it.at.heardOf('call.arrived')) as {
      call: { callerNumber: string; callerName: string; channelVars: Record<string, string> };
      trunk: string;
      address: string;
    };
    assert.deepEqual([trunk, address], [it.trunk, '127.0.0.1'], 'by which the PIN shield counts');
    const { verstat, diverted_by, authorizing_id } = call.channelVars;
    assert.deepEqual(
      [call.callerName, call.callerNumber, verstat, diverted_by],
      trusted ? ['Ann', '+15550199', 'TN-Validation-Passed', '+15550111'] : ['anonymous', 'anonymous', undefined, undefined],
    );
    assert.equal(authorizing_id, it.trunk);
    await it.close();
  }
});

test('a trunk that answers no OPTIONS is down, and up again when it does', async () => {
  const it = await withTrunk({ probe_seconds: 1 });
  answer(it.far, await it.far.hear(is('OPTIONS')), '503 Service Unavailable');
  const reachable = async (wanted: boolean) => {
    for (let left = 500; left > 0 && it.at.calls.trunkStates()[0]?.reachable !== wanted; left--)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(it.at.calls.trunkStates()[0]?.reachable, wanted);
  };
  await reachable(false);
  assert.equal(it.at.calls.trunkStates()[0]?.words, 'it answers 503');
  answer(it.far, await it.far.hear(is('OPTIONS')), '404 Not Found');
  await reachable(true);
  await it.close();
});
