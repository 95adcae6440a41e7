import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptAnswer,
  answerOffer,
  describe,
  type LocalMedia,
  makeOffer,
  parseSdp,
  type SessionDescription,
  type Wishes,
} from './index.ts';

const fixture = (name: string): string => readFileSync(new URL(`../../test/fixtures/sdp/${name}.sdp`, import.meta.url), 'utf8');
const NAMES = ['chromium-audio', 'chromium-video', 'firefox-audio'] as const;

const OURS = Array(32).fill('AB').join(':');

const local: LocalMedia = {
  address: '203.0.113.9',
  port: 20_000,
  sessionId: '42',
  ptime: 20,
  webrtc: {
    ufrag: 'ours1234',
    pwd: 'ourpasswordourpassword24',
    fingerprint: { hash: 'sha-256', value: OURS },
    ssrc: 4_000_000_000,
    addresses: ['203.0.113.9', '10.0.0.9'],
  },
};
const wishes: Wishes = { codecs: ['opus', 'G722', 'PCMU', 'PCMA'], order: 'theirs', encryption: 'offered' };

function read(text: string): SessionDescription {
  const parsed = parseSdp(text);
  if ('malformed' in parsed) throw new TypeError(parsed.malformed);
  return parsed;
}

function answered(text: string, ours = local, wished = wishes) {
  const negotiated = answerOffer(read(text), ours, wished);
  if ('refused' in negotiated) throw new TypeError(negotiated.refused);
  return { agreed: negotiated.agreed, lines: negotiated.print(1).trimEnd().split('\r\n') };
}

const refusal = (text: string, ours = local): string => {
  const negotiated = answerOffer(read(text), ours, wishes);
  return 'refused' in negotiated ? negotiated.refused : 'agreed';
};

test('Chromium is answered: ice-lite above the lines, passive, muxed, bundled, candidates of our addresses, one codec', () => {
  const { agreed, lines } = answered(fixture('chromium-audio'));
  const media = lines.findIndex((line) => line.startsWith('m='));
  // Chromium looks for it here and nowhere else (RFC 8839 §5.3).
  assert.deepEqual(
    lines.slice(0, media).filter((line) => line.startsWith('a=')),
    ['a=ice-lite', 'a=group:BUNDLE 0'],
  );
  assert.deepEqual(lines.slice(media), [
    'm=audio 20000 UDP/TLS/RTP/SAVPF 111 110',
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 useinbandfec=1',
    'a=rtpmap:110 telephone-event/48000',
    'a=fmtp:110 0-16',
    'a=rtcp-mux',
    'a=extmap:1/recvonly urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=ptime:20',
    'a=sendrecv',
    'a=mid:0',
    'a=ice-ufrag:ours1234',
    'a=ice-pwd:ourpasswordourpassword24',
    `a=fingerprint:sha-256 ${OURS}`,
    'a=setup:passive',
    'a=msid:parley sound',
    'a=ssrc:4000000000 cname:parley',
    // RFC 8445 §5.1.2.1 with 126 for hosts: (2^24)·126 + (2^8)·65535 + 255.
    'a=candidate:1 1 UDP 2130706431 203.0.113.9 20000 typ host',
    'a=candidate:2 1 UDP 2130706175 10.0.0.9 20000 typ host',
    'a=end-of-candidates',
  ]);
  assert.deepEqual(agreed.webrtc?.remote, { ufrag: 'EsAw', pwd: 'P2uYro0UCOQ4zxjKXaWCBui1' });
  assert.deepEqual([agreed.remote, agreed.crypto, agreed.rtcpMux, agreed.held, agreed.audioLevelId], [undefined, null, true, false, 1]);
});

test('video in front and a data channel behind are refused in place; what the bundle says once counts for the sound', () => {
  const { agreed, lines } = answered(fixture('chromium-video'));
  assert.deepEqual(
    lines.filter((line) => /^(m=|a=mid|a=group)/.test(line)),
    [
      'a=group:BUNDLE 1',
      'm=video 0 UDP/TLS/RTP/SAVPF 96 97 102 103',
      'a=mid:0',
      'm=audio 20000 UDP/TLS/RTP/SAVPF 111 110',
      'a=mid:1',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
      'a=mid:2',
    ],
  );
  assert.equal(agreed.webrtc?.remote.ufrag, '4Zcd');
  assert.equal(agreed.webrtc?.fingerprints[0]?.value.slice(0, 5), '7B:8B');
});

test('Firefox: the fingerprint stands above the lines, the address is not known yet, and that is no hold', () => {
  const { agreed } = answered(fixture('firefox-audio'));
  assert.equal(agreed.webrtc?.fingerprints[0]?.value.slice(0, 5), '3F:2D');
  assert.deepEqual(
    [agreed.held, agreed.direction, agreed.codec.payloadType, agreed.telephoneEvent?.payloadType],
    [false, 'sendrecv', 109, 101],
  );
  assert.equal(answered(fixture('firefox-audio').replace('a=sendrecv', 'a=sendonly')).agreed.held, true);
});

test('what cannot be answered says why', () => {
  const offer = fixture('chromium-audio');
  const without = (pattern: RegExp, instead = ''): string => refusal(offer.replace(pattern, instead));
  assert.equal(without(/^a=ice-ufrag.*\n/gm), 'no-ice');
  assert.equal(without(/^a=ice-pwd:.*/gm, 'a=ice-pwd:tooshort'), 'no-ice');
  assert.equal(without(/^a=fingerprint.*\n/gm), 'no-fingerprint');
  assert.equal(without(/^a=rtcp-mux\n/gm), 'mux-needed');
  assert.equal(without(/^a=group/m, 'a=ice-lite\na=group'), 'ice-lite');
  // We are the passive side of DTLS and cannot be another.
  assert.equal(without(/setup:actpass/, 'setup:passive'), 'dtls-role');
  assert.equal(without(/setup:actpass/, 'setup:active'), 'agreed');
  assert.equal(without(/^a=setup.*\n/m), 'agreed');
  assert.equal(without(/UDP\/TLS\/RTP\/SAVPF/, 'TCP/DTLS/RTP/SAVPF'), 'agreed', 'the default candidate may be TCP (RFC 8829 §5.3.1)');
  // A leg for browsers is none for telephones, and the other way round.
  const { webrtc: _, ...plain } = local;
  assert.equal(refusal(offer, plain), 'profile-unknown');
  assert.equal(refusal(fixture('polycom')), 'profile-unknown');
});

test('bombs: a thousand candidates, a huge text, lines without end', () => {
  const candidates = (count: number, words = ''): string =>
    fixture('chromium-audio').replace(
      /^a=mid:0$/m,
      Array.from({ length: count }, (_, n) => `a=candidate:${n} 1 udp 1 10.0.0.1 9 typ host${words}`).join('\n'),
    );
  const malformed = (text: string): string => {
    const parsed = parseSdp(text);
    return 'malformed' in parsed ? parsed.malformed : 'fine';
  };
  assert.equal(malformed(candidates(60)), 'fine');
  assert.equal(malformed(candidates(200)), 'too many candidates');
  assert.equal(malformed(candidates(1000)), 'too long');
  assert.equal(malformed(candidates(50, ' x'.repeat(2000))), 'too long');
  assert.equal(malformed(`v=0\n${'a=x\n'.repeat(1200)}`), 'too many lines');
});

test('our offers to browsers: actpass, and an active answer is what we need', () => {
  const offer = describe(undefined, makeOffer({ local, wishes }));
  const [line] = read(offer.body).media;
  assert.deepEqual(
    [line?.protocol, line?.setup, line?.mid, line?.rtcpMux, line?.crypto.length],
    ['UDP/TLS/RTP/SAVPF', 'actpass', '0', true, 0],
  );
  const theirs: LocalMedia = {
    ...local,
    webrtc: { ...local.webrtc!, ufrag: 'theirs12', fingerprint: { hash: 'sha-256', value: Array(32).fill('0F').join(':') } },
  };
  const answer = (setup: string): string =>
    answered(offer.body.replace('a=ice-lite\r\n', ''), theirs)
      .lines.filter((each) => each !== 'a=ice-lite')
      .join('\r\n')
      .replace('setup:passive', `setup:${setup}`);
  const agreed = acceptAnswer(read(answer('active')), offer, { ptime: 20 });
  assert.ok(!('refused' in agreed));
  assert.equal(agreed.webrtc?.remote.ufrag, 'theirs12');
  const other = acceptAnswer(read(answer('passive')), offer, { ptime: 20 });
  assert.equal('refused' in other && other.refused, 'dtls-role');
  // A later offer of ours keeps the mid and the line.
  const later = describe(offer, makeOffer({ local, wishes, previous: offer, direction: 'recvonly' }));
  assert.equal(later.version, 2);
  assert.match(later.body, /^a=group:BUNDLE 0\r$/m);
});

test('wounded offers of browsers never throw, and what is answered reads back with one live line', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NAMES),
      fc.array(fc.tuple(fc.nat(60), fc.string({ maxLength: 20 })), { maxLength: 6 }),
      (name, wounds) => {
        const lines = fixture(name).split('\n');
        for (const [at, text] of wounds) lines[at % lines.length] = `${lines[at % lines.length]?.slice(0, at % 9)}${text}`;
        const parsed = parseSdp(lines.join('\r\n'));
        if ('malformed' in parsed) return;
        const negotiated = answerOffer(parsed, local, wishes);
        if ('refused' in negotiated) return;
        const said = read(negotiated.print(1));
        assert.equal(said.media.length, parsed.media.length);
        assert.equal(said.media.filter(({ port }) => port !== 0).length, 1);
        assert.ok(negotiated.agreed.webrtc);
      },
    ),
    { numRuns: 400 },
  );
});
