import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { house, inside, leave } from '../../test/kit/calls-house.ts';
import { selfSigned } from '../../test/kit/certificate.ts';
import { peerSdp } from '../../test/kit/sip-peer.ts';
import { header, parseSip, printSip, type SipText } from '../../test/kit/sip-text.ts';

const required = { encryption: { enforce_security: true, methods: ['srtp'] } };
const key = Buffer.alloc(30, 7).toString('base64');
const encrypted = peerSdp(`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`).replace('RTP/AVP', 'RTP/SAVP');
const ours = await selfSigned('pbx.test', ['127.0.0.1']);

/** Calls 3000 over TLS with this offer and gives the final answer. */
async function callOverTls(at: Awaited<ReturnType<typeof house>>, offer: string): Promise<SipText> {
  const [host = '', port] = (at.calls.tlsAddress ?? '').split(':');
  const socket = connect({ host, port: Number(port), ca: ours.cert });
  await once(socket, 'secureConnect');
  const lines: [string, string][] = [
    ['Via', 'SIP/2.0/TLS 192.0.2.1;branch=z9hG4bK-one'],
    ['Max-Forwards', '70'],
    ['From', '<sip:peer@example.org>;tag=peer'],
    ['To', '<sip:3000@x>'],
    ['Call-ID', 'tls'],
    ['CSeq', '1 INVITE'],
    ['Contact', '<sip:peer@192.0.2.1;transport=tls>'],
    ['Content-Type', 'application/sdp'],
  ];
  socket.write(printSip(`INVITE sip:3000@${host} SIP/2.0`, lines, offer));
  for (;;) {
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    const finals = bytes
      .toString()
      .split(/(?=SIP\/2\.0 \d{3} )/)
      .map((each) => parseSip(Buffer.from(each)));
    const final = finals.find((each) => each !== undefined && each.status >= 200);
    if (final === undefined) continue;
    socket.destroy();
    return final;
  }
}

test('who requires encryption gets it over TLS: SAVP, keys of both for the engine; a call in the clear is 488 in words', async () => {
  const at = await house({ tls: { port: 0, context: () => ours }, media: required });
  const answer = await callOverTls(at, encrypted);
  assert.equal(answer.status, 200);
  assert.match(answer.body, /^m=audio 30000 RTP\/SAVP 0 101\r$/m);
  const [, ourKey = ''] = /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:([A-Za-z0-9+/=]+)\r$/m.exec(answer.body) ?? [];
  const crypto = at.changes.at(-1)?.crypto;
  assert.equal(Buffer.from(crypto?.theirKey ?? []).toString('base64'), key);
  assert.equal(Buffer.from(crypto?.ourKey ?? []).toString('base64'), ourKey);
  await leave(at);
  const other = await house({ tls: { port: 0, context: () => ours }, media: required });
  const refused = await callOverTls(other, peerSdp());
  assert.equal(refused.status, 488);
  assert.match(header(refused, 'warning'), /^399 \S+ ".*encrypt/i);
  await leave(other);
});

test('a key with an MKI is taken, and the engine is told what stands in each packet', async () => {
  const at = await house({ tls: { port: 0, context: () => ours }, media: required });
  const answer = await callOverTls(at, encrypted.replace(/^(a=crypto:.*?)\r$/m, '$1|2^20|258:4\r'));
  assert.equal(answer.status, 200);
  assert.match(answer.body, /^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/=]+\r$/m, 'our own packets have none');
  assert.deepEqual(at.changes.at(-1)?.crypto?.theirMki, Uint8Array.of(0, 0, 1, 2));
  await leave(at);
});

test('keys do not travel where others read: required is 488 over UDP, an encrypted offer is refused, unless the operator says otherwise', async () => {
  const at = await house({ media: required });
  at.peer.request('INVITE', {}, { body: encrypted });
  const refused = await at.peer.answer('INVITE');
  assert.equal(refused.status, 488);
  assert.match(header(refused, 'warning'), /^399 \S+ "Encryption is required here and its keys need SIP over TLS"$/);
  await leave(at);
  const open = await house();
  open.peer.request('INVITE', {}, { body: encrypted });
  assert.equal((await open.peer.answer('INVITE')).status, 488);
  await leave(open);
  const bold = await house({ media: required, keysInClear: true });
  bold.peer.request('INVITE', {}, { body: encrypted });
  const answer = await bold.peer.answer('INVITE');
  assert.match(answer.body, /RTP\/SAVP/);
  bold.peer.request('ACK', inside(answer, '1 ACK'));
  bold.peer.request('BYE', inside(answer, '2 BYE'));
  await bold.peer.answer('BYE');
  await leave(bold);
});

test('the codec order of an account decides where it has one, else the caller’s', async () => {
  const offer = peerSdp().replace('RTP/AVP 0 101', 'RTP/AVP 0 8 9 101');
  for (const [media, chosen] of [
    [undefined, 'PCMU'],
    [{ audio: { codecs: ['G722', 'PCMA'] } }, 'G722'],
    [{ audio: { codecs: ['PCMA'] } }, 'PCMA'],
  ] as const) {
    const at = await house(media === undefined ? {} : { media });
    at.peer.request('INVITE', {}, { body: offer });
    const answer = await at.peer.answer('INVITE');
    assert.equal(at.changes.at(-1)?.codec?.name, chosen);
    at.peer.request('ACK', inside(answer, '1 ACK'));
    at.peer.request('BYE', inside(answer, '2 BYE'));
    await at.peer.answer('BYE');
    await leave(at);
  }
});
