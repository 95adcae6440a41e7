import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMessage, type SipMessage } from '../../sip/index.ts';
import { MASK, maskedText } from './mask.ts';

const parsed = (text: string): SipMessage => {
  const message = parseMessage(Buffer.from(text.replaceAll('\n', '\r\n')));
  assert.notEqual(message.type, 'malformed', JSON.stringify(message));
  return message as SipMessage;
};

const withBody = (first: string, headers: readonly string[], body = '', type = 'application/sdp'): SipMessage =>
  parsed(
    [
      first,
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
      'From: "Ann" <sip:ann@parley.test>;tag=f1',
      'To: <sip:3000@parley.test>',
      'Call-ID: call-1@192.0.2.1',
      `CSeq: 7 ${first.startsWith('SIP/') ? 'INVITE' : first.split(' ')[0]}`,
      ...headers,
      ...(body === '' ? [] : [`Content-Type: ${type}`]),
      `Content-Length: ${Buffer.byteLength(body.replaceAll('\n', '\r\n'))}`,
      '',
      body,
    ].join('\n'),
  );

const secret = fc.stringMatching(/^[A-Za-z0-9]{9,24}$/).map((each) => `Zq${each}`);
const pin = fc.stringMatching(/^[0-9]{7,12}$/).map((each) => `9${each}`);

/** Every place where somebody's secret has been seen. */
const places: Readonly<Record<string, (secret: string) => SipMessage>> = {
  authorization: (s) =>
    withBody('INVITE sip:3000@parley.test SIP/2.0', [
      `Authorization: Digest username="ann", realm="r", nonce="n", uri="sip:x", response="${s}"`,
    ]),
  'proxy authorization': (s) =>
    withBody('INVITE sip:3000@parley.test SIP/2.0', [`Proxy-Authorization: Digest username="a", response="${s}", cnonce="${s}"`]),
  'authorization in lower case, folded': (s) =>
    withBody('REGISTER sip:parley.test SIP/2.0', [`authorization: Digest username="a",\n response="${s}"`]),
  bearer: (s) => withBody('INVITE sip:3000@parley.test SIP/2.0', [`Authorization: Bearer ${s}`]),
  'an answer to it': (s) => withBody('SIP/2.0 200 OK', [`Authentication-Info: rspauth="${s}"`]),
  'a header of somebody’s own': (s) =>
    withBody('INVITE sip:3000@parley.test SIP/2.0', [`X-Auth-Token: ${s}`, `X-Api-Key: ${s}`, `X-Conf-PIN: ${s}`, `Cookie: a=${s}`]),
  'keys of SRTP': (s) =>
    withBody(
      'INVITE sip:3000@parley.test SIP/2.0',
      [],
      `v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${s}|2^20|1:32\n`,
    ),
  'two keys in one line': (s) => withBody('SIP/2.0 200 OK', [], `v=0\na=crypto:1 X inline:${s}|1:1;inline:${s}\n`),
  'a password of ICE': (s) => withBody('SIP/2.0 183 Session Progress', [], `v=0\na=ice-ufrag:abcd\na=ice-pwd:${s}\n`),
  'a key of RFC 4566': (s) => withBody('INVITE sip:3000@parley.test SIP/2.0', [], `v=0\nk=clear:${s}\na=key-mgmt:mikey ${s}\n`),
  'a description among other parts': (s) =>
    withBody(
      'INVITE sip:3000@parley.test SIP/2.0',
      [],
      `--b\nContent-Type: application/sdp\n\na=crypto:1 X inline:${s}\n--b--\n`,
      'multipart/mixed;boundary=b',
    ),
  'a password in a URI': (s) => withBody(`INVITE sip:ann:${s}@parley.test SIP/2.0`, [`Contact: <sip:ann:${s}@192.0.2.1>`]),
  'a parameter of a URI': (s) =>
    withBody(`INVITE sip:3000@parley.test;pin=${s} SIP/2.0`, [`Refer-To: <sip:3000@parley.test?X-PIN=${s}&token=${s}>`]),
  'an answer to a challenge that stands in another header': (s) =>
    withBody('INVITE sip:3000@parley.test SIP/2.0', [`X-Copy: Digest username="ann", response="${s}", cnonce=${s}`]),
  'an answer to a challenge in a nested message': (s) =>
    withBody('NOTIFY sip:ann@192.0.2.1 SIP/2.0', [], `SIP/2.0 200 OK\nX-Copy: rspauth="${s}"`, 'message/sipfrag'),
  'words of a chat': (s) => withBody('MESSAGE sip:3000@parley.test SIP/2.0', [], `my PIN is ${s}`, 'text/plain'),
  'an unknown body': (s) =>
    withBody('NOTIFY sip:ann@192.0.2.1 SIP/2.0', [], `<kpml-response digits="${s}"/>`, 'application/kpml-response+xml'),
  'a nested message': (s) =>
    withBody('NOTIFY sip:ann@192.0.2.1 SIP/2.0', [], `SIP/2.0 200 OK\nContact: <sip:a:${s}@b;pin=${s}>`, 'message/sipfrag'),
};
const digits: Readonly<Record<string, (secret: string) => SipMessage>> = {
  'keys by INFO': (s) => withBody('INFO sip:3000@parley.test SIP/2.0', [], `Signal=${s}\nDuration=160\n`, 'application/dtmf-relay'),
  'keys by INFO, bare': (s) => withBody('INFO sip:3000@parley.test SIP/2.0', [], s, 'application/dtmf'),
  'keys by INFO that says it is a description': (s) =>
    withBody('INFO sip:3000@parley.test SIP/2.0', [], `Signal=${s}\nDuration=160\n`, 'application/sdp'),
  'a PIN after the number': (s) => withBody(`INVITE sip:3000*${s}#@parley.test SIP/2.0`, [`Diversion: <tel:+49303000,,${s}#>`]),
  'a PIN behind escapes': (s) => withBody(`INVITE sip:3000%2C%2C${s}%23@parley.test SIP/2.0`, []),
  'a PIN as post-dial digits': (s) =>
    withBody(`INVITE sip:3000;postd=pp${s}@parley.test SIP/2.0`, [`P-Called-Party-ID: <tel:+49303000;postd=${s}>`]),
};

for (const [name, build] of Object.entries(places)) {
  test(`${name}: nothing of the secret is kept`, () => {
    fc.assert(
      fc.property(secret, (each) => !maskedText(build(each)).includes(each) && maskedText(build(each)).includes(MASK)),
      { numRuns: 60 },
    );
  });
}
for (const [name, build] of Object.entries(digits)) {
  test(`${name}: nothing of it is kept`, () => {
    fc.assert(
      fc.property(pin, (each) => !maskedText(build(each)).includes(each)),
      { numRuns: 60 },
    );
  });
}

test('what is no secret stays as it was', () => {
  const message = withBody(
    'INVITE sip:3000@parley.test;transport=tcp SIP/2.0',
    [
      'Contact: <sip:ann@192.0.2.1:5062;transport=tcp>',
      'User-Agent: Phone 1.0',
      'Supported: timer, replaces',
      'X-Ping: yes',
      'WWW-Authenticate: Digest realm="parley", nonce="abc"',
    ],
    'v=0\no=- 1 1 IN IP4 192.0.2.1\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\n',
  );
  const text = maskedText(message);
  assert.ok(!text.includes(MASK), text);
  for (const each of ['sip:3000@parley.test;transport=tcp', 'm=audio 4000', 'realm="parley"', 'Phone 1.0', 'call-1@192.0.2.1'])
    assert.ok(text.includes(each), each);
});

test('whatever comes, it is written down and nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.uint8Array({ maxLength: 300 }), (value, body) => {
      const message: SipMessage = {
        type: 'request',
        method: 'INVITE',
        uri: `sip:${value}`,
        headers: [
          ['X-A', value],
          ['Content-Type', 'application/sdp'],
          ['CSeq', value],
        ],
        body,
      };
      const once = maskedText(message);
      assert.equal(typeof once, 'string');
    }),
  );
});
