import assert from 'node:assert/strict';
import { test } from 'node:test';
import { house, inside } from '../../test/kit/calls-house.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import type { LegId } from '../conference/index.ts';
import { isPrivate, silenceCause } from './silence-cause.ts';

const nothing = { why: 'nothing-came' } as const;
const strangers = (address: string) => ({ why: 'only-strangers', from: { address, port: 4000 }, count: 9 }) as const;

test('the likely cause, by what the addresses tell', () => {
  const rows = [
    [nothing, { described: '203.0.113.5', signalling: '203.0.113.5', ours: '10.0.0.4' }, /our SDP names 10\.0\.0\.4.*media\.advertise/],
    [nothing, { described: '192.168.1.7', signalling: '192.168.1.7', ours: '127.0.0.1' }, /our SDP names 127\.0\.0\.1/],
    [
      nothing,
      { described: '192.168.1.7', signalling: '203.0.113.5', ours: '198.51.100.2' },
      /names 192\.168\.1\.7 .*private.* from 203\.0\.113\.5/,
    ],
    [nothing, { described: undefined, signalling: '203.0.113.5', ours: '198.51.100.2' }, /names no address/],
    [nothing, { described: '203.0.113.5', signalling: '203.0.113.5', ours: '198.51.100.2' }, undefined],
    [nothing, { described: '10.0.0.9', signalling: '10.0.0.9', ours: '10.0.0.4' }, undefined],
    [
      strangers('203.0.113.5'),
      { described: '192.168.1.7', signalling: '203.0.113.5', ours: '198.51.100.2' },
      /the private 192\.168\.1\.7.*translator/,
    ],
    [
      strangers('192.0.2.99'),
      { described: '203.0.113.5', signalling: '203.0.113.5', ours: '198.51.100.2' },
      /another call's, or pass a media proxy/,
    ],
    [
      { why: 'malformed', from: { address: '203.0.113.5', port: 1 }, count: 1 },
      { described: undefined, signalling: 'x', ours: 'y' },
      undefined,
    ],
  ] as const;
  for (const [silence, call, words] of rows) {
    const cause = silenceCause(silence, call);
    if (words === undefined) assert.equal(cause, undefined);
    else assert.match(cause ?? '', words);
  }
});

test('which addresses lead nowhere from outside', () => {
  const inner = [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '::1',
    'fd00::1',
    'fe80::1',
  ];
  const outer = [
    '11.0.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '203.0.113.5',
    '2001:db8::1',
    'fec0::1',
  ];
  assert.deepEqual(
    inner.filter((each) => !isPrivate(each)),
    [],
  );
  assert.deepEqual(outer.filter(isPrivate), []);
});

test('a call of which nothing is heard is told to the domain with the reason and its likely cause, and goes on', async () => {
  const at = await house();
  at.peer.request('INVITE', {}, { body: peerSdp().replaceAll('127.0.0.1', '192.168.1.7') });
  const answer = await at.peer.answer('INVITE');
  at.peer.request('ACK', inside(answer, '1 ACK'));
  const { call } = await at.heardOf('call.answered');
  const leg = call as LegId;
  at.calls.engineEvent({ type: 'media-silent', leg, silentMs: 3_000, reason: 'nine packets came', ...strangers('127.0.0.1') });
  const told = await at.heardOf('call.silent');
  assert.equal(told['call'], call);
  assert.equal(
    told['reason'],
    'nine packets came; the telephone names the private 192.168.1.7 in its SDP but sends from 127.0.0.1, as its SIP does: an address translator is between us',
  );
  assert.equal(at.calls.counts().calls, 1);
  at.peer.request('BYE', inside(answer, '2 BYE'));
  await at.peer.answer('BYE');
  at.calls.engineEvent({ type: 'media-silent', leg, silentMs: 3_000, reason: 'late', why: 'nothing-came' });
  await at.calls.close();
  assert.equal(at.said.filter(([name]) => name === 'call.silent').length, 0);
  at.peer.close();
});
