import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { House, startHouse } from '../kit/house.ts';
import { peerSdp, SipPeer, toOf } from '../kit/sip-peer.ts';

const encrypted = peerSdp(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(30, 7).toString('base64')}`).replace(
  'RTP/AVP',
  'RTP/SAVP',
);

test('keys travel in the clear only where the operator said so', async () => {
  for (const [setting, expected] of [
    ['off', 488],
    ['on', 200],
  ] as const) {
    await using house = await startHouse({ env: { PARLEY_SIP_KEYS_IN_CLEAR: setting } });
    const peer = await SipPeer.open(house.sip);
    peer.request('INVITE', {}, { body: encrypted });
    const answer = await peer.answer('INVITE');
    assert.equal(answer.status, expected, setting);
    if (expected === 200) {
      assert.match(answer.body, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:/m);
      peer.request('ACK', { To: toOf(answer), CSeq: '1 ACK' });
      peer.request('BYE', { To: toOf(answer), CSeq: '2 BYE' });
      assert.equal((await peer.answer('BYE')).status, 200);
    }
    peer.close();
  }
});

test('a file of trusted authorities that is none keeps the server from starting, and says so', async () => {
  const house = new House({ env: { PARLEY_SIP_TLS_TRUST: 'missing.pem' } });
  await assert.rejects(house.start(), /cannot read sip\.tls_trust .*missing\.pem/);
  const path = join(house.dataDir, 'empty.pem');
  writeFileSync(path, 'nothing');
  const other = new House({ env: { PARLEY_SIP_TLS_TRUST: path } });
  await assert.rejects(other.start(), /empty\.pem holds no certificate/);
  for (const each of [house, other]) rmSync(each.dataDir, { recursive: true, force: true });
});
