import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Agreed,
  acceptAnswer,
  answerOffer,
  describe,
  keyRing,
  makeOffer,
  parseSdp,
  type RefusalReason,
  type SessionDescription,
  type Wishes,
} from './index.ts';

const local = { address: '192.0.2.1', port: 20_000, sessionId: '42', ptime: 20, keys: keyRing((length) => new Uint8Array(length).fill(1)) };
const far = { address: '198.51.100.7', port: 4000, sessionId: '7', ptime: 20, keys: keyRing((length) => new Uint8Array(length).fill(2)) };
const wide: Wishes = { codecs: ['opus', 'G722', 'PCMA', 'PCMU'], encryption: 'offered' };
const plain: Wishes = { codecs: ['PCMU', 'PCMA'], encryption: 'off', comfortNoise: false, rtcpMux: false, audioLevel: false };

function read(text: string): SessionDescription {
  const parsed = parseSdp(text);
  if ('malformed' in parsed) throw new TypeError(parsed.malformed);
  return parsed;
}

const lines = (text: string, start: string): string[] => text.split('\r\n').filter((line) => line.startsWith(start));

/** Our offer, the far end's answer, and what each of the two believes. */
function meet(ours: Wishes, theirs: Wishes): { readonly we: Agreed | RefusalReason; readonly they: Agreed | RefusalReason } {
  const offered = describe(undefined, makeOffer({ local, wishes: ours }));
  const answered = answerOffer(read(offered.body), far, theirs);
  if ('refused' in answered) return { we: answered.refused, they: answered.refused };
  const we = acceptAnswer(read(answered.print(1)), offered, local);
  return { we: 'refused' in we ? we.refused : we, they: answered.agreed };
}

const answered = (...media: string[]): SessionDescription =>
  read(['v=0', 'o=b 1 1 IN IP4 198.51.100.7', 's=-', 'c=IN IP4 198.51.100.7', 't=0 0', ...media].join('\r\n'));

test('an offer says everything that we can', () => {
  const { body, version } = describe(undefined, makeOffer({ local, wishes: { ...wide, suites: ['AES_CM_128_HMAC_SHA1_80'] } }));
  assert.equal(version, 1);
  assert.equal(
    body,
    [
      'v=0',
      'o=- 42 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 20000 RTP/AVP 111 9 8 0 13 101 102',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 useinbandfec=1',
      'a=rtpmap:9 G722/8000',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:13 CN/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=rtpmap:102 telephone-event/48000',
      'a=fmtp:102 0-16',
      `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${'AQEB'.repeat(10)}`,
      'a=rtcp-mux',
      'a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ].join('\r\n'),
  );
});

test('L16 has a payload type for each rate, and is offered only to those who wish it', () => {
  const { body } = describe(undefined, makeOffer({ local, wishes: { ...plain, codecs: ['L16', 'PCMU'] } }));
  assert.deepEqual(
    lines(body, 'a=rtpmap'),
    [
      'a=rtpmap:112 L16/48000',
      'a=rtpmap:113 L16/16000',
      'a=rtpmap:114 L16/8000',
      'a=rtpmap:0 PCMU/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      'a=rtpmap:102 telephone-event/48000',
    ].filter((line) => line.startsWith('a=rtpmap')),
  );
  assert.doesNotMatch(describe(undefined, makeOffer({ local, wishes: wide })).body, /L16/);
});

test('both ends come to the same agreement, with each other’s keys', () => {
  const { we, they } = meet(wide, { ...wide, codecs: ['G722'], suites: ['AEAD_AES_128_GCM'] });
  assert.ok(typeof we !== 'string' && typeof they !== 'string');
  assert.deepEqual([we.codec.name, they.codec.name, we.rtcpMux, they.rtcpMux], ['G722', 'G722', true, true]);
  assert.deepEqual(we.remote, { address: '198.51.100.7', port: 4000, rtcpPort: 4000 });
  assert.deepEqual(they.remote, { address: '192.0.2.1', port: 20_000, rtcpPort: 20_000 });
  assert.equal(we.crypto?.suite, 'AEAD_AES_128_GCM');
  assert.equal(we.crypto?.tag, they.crypto?.tag);
  assert.deepEqual(we.crypto?.ourKey, they.crypto?.theirKey);
  assert.deepEqual(we.crypto?.theirKey, they.crypto?.ourKey);
  assert.notDeepEqual(we.crypto?.ourKey, we.crypto?.theirKey);
  assert.deepEqual(we.telephoneEvent, { payloadType: 101, clockRate: 8000 });
});

test('policies meet: encrypted when both can and one wants, refused when one must and the other will not', () => {
  const outcome = (ours: Wishes['encryption'], theirs: Wishes['encryption']): string => {
    const { we } = meet({ ...wide, encryption: ours }, { ...wide, encryption: theirs });
    if (typeof we === 'string') return we;
    return we.crypto === null ? 'clear' : 'encrypted';
  };
  const rows = [
    ['required', 'required', 'encrypted'],
    ['required', 'offered', 'encrypted'],
    ['required', 'off', 'encryption-off'],
    ['offered', 'required', 'encrypted'],
    ['offered', 'offered', 'encrypted'],
    ['offered', 'off', 'clear'],
    ['off', 'required', 'encryption-required'],
    ['off', 'offered', 'clear'],
    ['off', 'off', 'clear'],
  ] as const;
  for (const [ours, theirs, expected] of rows) assert.equal(outcome(ours, theirs), expected, `${ours} meets ${theirs}`);
});

test('an answer can accept only what was offered', () => {
  const offered = describe(undefined, makeOffer({ local, wishes: { ...wide, codecs: ['PCMU', 'G722'], encryption: 'required' } }));
  const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';
  const accept = (...media: string[]) => {
    const agreed = acceptAnswer(answered(...media), offered, local);
    return 'refused' in agreed ? agreed.refused : agreed;
  };
  assert.equal(accept('m=audio 4000 RTP/SAVP 8', `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${key}`), 'no-usable-codec');
  assert.equal(accept('m=audio 4000 RTP/SAVP 0'), 'encryption-required');
  assert.equal(accept('m=audio 4000 RTP/AVP 0'), 'encryption-required');
  // Our third tag is AES_CM_128_HMAC_SHA1_80; under another tag it is not the key that we meant.
  assert.equal(accept('m=audio 4000 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`), 'no-usable-crypto');
  const agreed = accept(
    'm=audio 4000 RTP/SAVP 8 9 0',
    `a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:${key}`,
    'a=extmap:5 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  );
  assert.ok(typeof agreed !== 'string');
  assert.deepEqual([agreed.codec.name, agreed.rtcpMux, agreed.audioLevelId], ['G722', false, null]);
  assert.equal(accept('m=video 4000 RTP/AVP 34'), 'no-audio');
  assert.equal(accept(), 'no-audio');
});

test('Opus gets the event with its own clock, G.711 the other', () => {
  const event = (...formats: string[]) => {
    const agreed = acceptAnswer(
      answered(
        `m=audio 4000 RTP/AVP ${formats.join(' ')}`,
        'a=rtpmap:111 opus/48000/2',
        'a=rtpmap:101 telephone-event/8000',
        'a=rtpmap:102 telephone-event/48000',
      ),
      describe(undefined, makeOffer({ local, wishes: { ...wide, encryption: 'off' } })),
      local,
    );
    return 'refused' in agreed ? undefined : agreed.telephoneEvent;
  };
  assert.deepEqual(event('111', '101', '102'), { payloadType: 102, clockRate: 48_000 });
  assert.deepEqual(event('111', '101'), { payloadType: 101, clockRate: 8000 });
  assert.deepEqual(event('0', '102', '101'), { payloadType: 101, clockRate: 8000 });
  assert.equal(event('0', '102'), null);
});

test('a description that did not change keeps its version, one that did has the next (RFC 3264 §8)', () => {
  const first = describe(undefined, makeOffer({ local, wishes: plain }));
  const same = describe(first, makeOffer({ local, wishes: plain, previous: first }));
  assert.equal(same, first);
  const held = describe(same, makeOffer({ local, wishes: plain, direction: 'sendonly', previous: same }));
  assert.deepEqual([held.version, lines(held.body, 'o=')], [2, ['o=- 42 2 IN IP4 192.0.2.1']]);
  assert.equal(describe(held, makeOffer({ local, wishes: plain, previous: held })).version, 3);
});

test('a later offer keeps the lines of the first, and no payload type changes its meaning (RFC 3264 §8)', () => {
  const offer = read(
    [
      'v=0',
      'o=a 1 1 IN IP4 198.51.100.7',
      's=-',
      'c=IN IP4 198.51.100.7',
      't=0 0',
      'm=video 5000 RTP/AVP 34',
      'm=audio 4000 RTP/AVPF 96 111 97',
      'a=rtpmap:96 pcmu/8000',
      'a=rtpmap:111 telephone-event/8000',
      'a=rtpmap:97 opus/48000/2',
      'm=audio 4002 RTP/AVP 0',
    ].join('\r\n'),
  );
  const answer = answerOffer(offer, local, plain);
  assert.ok(!('refused' in answer));
  const first = describe(undefined, answer);
  assert.deepEqual(lines(first.body, 'm='), ['m=video 0 RTP/AVP 34', 'm=audio 20000 RTP/AVPF 96 111', 'm=audio 0 RTP/AVP 0']);
  const later = describe(first, makeOffer({ local, wishes: { ...wide, encryption: 'off', audioLevel: false }, previous: first }));
  // 111 is the event, so Opus, which likes 111, gets the next that is free.
  assert.deepEqual(lines(later.body, 'm='), [
    'm=video 0 RTP/AVP 34',
    'm=audio 20000 RTP/AVPF 112 9 8 96 13 111 102',
    'm=audio 0 RTP/AVP 0',
  ]);
  const agreed = acceptAnswer(
    answered('m=video 0 RTP/AVP 34', 'm=audio 4000 RTP/AVPF 112', 'a=rtpmap:112 opus/48000/2', 'm=audio 0 RTP/AVP 0'),
    later,
    local,
  );
  assert.ok(!('refused' in agreed));
  assert.equal(agreed.codec.name, 'opus');
});

test('an encrypted stream stays under its profile, with the same keys', () => {
  const { body } = describe(undefined, makeOffer({ local: far, wishes: { ...wide, encryption: 'required' } }));
  const answer = answerOffer(read(body), local, wide);
  assert.ok(!('refused' in answer));
  const first = describe(undefined, answer);
  const later = describe(first, makeOffer({ local, wishes: wide, previous: first }));
  assert.match(later.body, /^m=audio 20000 RTP\/SAVP /m);
  const key = answer.agreed.crypto && Buffer.from(answer.agreed.crypto.ourKey).toString('base64');
  assert.ok(lines(later.body, 'a=crypto').some((line) => line.endsWith(`AEAD_AES_256_GCM inline:${key}`)));
});

test('what baresip and linphone answer to our offers', () => {
  const accept = (name: string, encryption: Wishes['encryption']) => {
    const text = readFileSync(new URL(`../../test/fixtures/sdp/answers/${name}.sdp`, import.meta.url), 'utf8');
    const agreed = acceptAnswer(read(text), describe(undefined, makeOffer({ local, wishes: { ...wide, encryption } })), local);
    return 'refused' in agreed
      ? agreed.refused
      : [agreed.codec.name, agreed.telephoneEvent?.payloadType, agreed.rtcpMux, agreed.crypto?.suite, agreed.crypto?.tag];
  };
  assert.deepEqual(accept('baresip-srtp', 'offered'), ['opus', 101, true, 'AEAD_AES_256_GCM', 1]);
  assert.deepEqual(accept('linphone-plain', 'offered'), ['opus', 102, false, undefined, undefined]);
  assert.equal(accept('linphone-plain', 'required'), 'encryption-required');
  assert.deepEqual(accept('linphone-srtp', 'required'), ['opus', 102, false, 'AES_CM_128_HMAC_SHA1_80', 3]);
});
