import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acceptAnswer,
  answerOffer,
  type CryptoSuite,
  describe,
  keyRing,
  makeOffer,
  type Negotiated,
  parseSdp,
  type RefusalReason,
  type SessionDescription,
  type Wishes,
} from './index.ts';

const FOLDER = new URL('../../test/fixtures/sdp/', import.meta.url);
const offers = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sdp'))
    .map((name) => [name.slice(0, -4), readFileSync(new URL(name, FOLDER), 'utf8')] as const),
);

const local = { address: '192.0.2.1', port: 20_000, sessionId: '42', ptime: 20, keys: keyRing((length) => new Uint8Array(length).fill(7)) };

const WIDE: Wishes = { codecs: ['opus', 'G722', 'PCMA', 'PCMU'], encryption: 'offered' };
const WISHES = {
  offered: WIDE,
  required: { ...WIDE, encryption: 'required' },
  off: { ...WIDE, encryption: 'off' },
  /** Two codecs in the clear, the far end chooses. */
  narrow: { codecs: ['PCMU', 'PCMA'], order: 'theirs', encryption: 'off' },
} as const satisfies Record<string, Wishes>;
type Policy = keyof typeof WISHES;

/** What is agreed, in short. */
interface Deal {
  /** Name, payload type, ms per packet. */
  readonly codec: readonly [string, number, number];
  readonly event: readonly [payloadType: number, clockRate: number] | null;
  readonly noise?: number;
  readonly mux?: true;
  readonly crypto?: readonly [tag: number, CryptoSuite];
}

const SHA80 = 'AES_CM_128_HMAC_SHA1_80';

function read(text: string): SessionDescription {
  const parsed = parseSdp(text);
  if ('malformed' in parsed) throw new TypeError(parsed.malformed);
  return parsed;
}

function answer(name: string, wishes: Wishes): Negotiated | RefusalReason {
  const negotiated = answerOffer(read(offers.get(name) ?? ''), local, wishes);
  return 'refused' in negotiated ? negotiated.refused : negotiated;
}

function deal(name: string, policy: Policy): Deal | RefusalReason {
  const negotiated = answer(name, WISHES[policy]);
  if (typeof negotiated === 'string') return negotiated;
  const { codec, telephoneEvent, comfortNoise, rtcpMux, crypto } = negotiated.agreed;
  return {
    codec: [codec.name, codec.payloadType, codec.ptime],
    event: telephoneEvent && [telephoneEvent.payloadType, telephoneEvent.clockRate],
    ...(comfortNoise === null ? {} : { noise: comfortNoise }),
    ...(rtcpMux ? { mux: true } : {}),
    ...(crypto === null ? {} : { crypto: [crypto.tag, crypto.suite] }),
  };
}

const baresip: Deal = { codec: ['opus', 96, 20], event: [105, 8000] };
const muxed: Deal = { codec: ['opus', 96, 40], event: [101, 8000], mux: true };
const linphone: Deal = { codec: ['opus', 96, 20], event: [99, 48_000] };
const freeswitch: Deal = { codec: ['opus', 102, 20], event: [103, 48_000] };
const asterisk: Deal = { codec: ['opus', 107, 20], event: [101, 8000] };
const cisco: Deal = { codec: ['opus', 114, 20], event: [101, 8000] };
const yealink: Deal = { codec: ['G722', 9, 20], event: [101, 8000], crypto: [1, SHA80] };
const polycom: Deal = { codec: ['G722', 9, 20], event: [127, 8000] };

/** From RFC 3264 §6 (who chooses, in place), RFC 4568 §5.1.2 (first acceptable key), RFC 4733 (the event with the codec's clock). */
const EXPECTED: Readonly<Record<string, Readonly<Record<Policy, Deal | RefusalReason>>>> = {
  'baresip-srtp': {
    offered: { ...baresip, crypto: [1, SHA80] },
    required: { ...baresip, crypto: [1, SHA80] },
    off: baresip,
    narrow: { codec: ['PCMU', 0, 20], event: [105, 8000] },
  },
  'baresip-srtp-mand': {
    offered: { ...baresip, crypto: [1, SHA80] },
    required: { ...baresip, crypto: [1, SHA80] },
    off: 'encryption-off',
    narrow: 'encryption-off',
  },
  'baresip-mux': {
    offered: { ...muxed, crypto: [1, SHA80] },
    required: { ...muxed, crypto: [1, SHA80] },
    off: muxed,
    narrow: { ...muxed, codec: ['PCMU', 0, 40] },
  },
  'linphone-plain': {
    offered: linphone,
    required: 'encryption-required',
    off: linphone,
    narrow: { codec: ['PCMU', 0, 20], event: [101, 8000] },
  },
  'linphone-srtp': {
    offered: { ...linphone, crypto: [1, SHA80] },
    required: { ...linphone, crypto: [1, SHA80] },
    off: 'encryption-off',
    narrow: 'encryption-off',
  },
  'linphone-video': {
    offered: { ...linphone, mux: true },
    required: 'encryption-required',
    off: { ...linphone, mux: true },
    narrow: { codec: ['PCMU', 0, 20], event: [101, 8000], mux: true },
  },
  // A leg for telephones cannot answer browsers; `browsers.test.ts` has one that can.
  'chromium-video': { offered: 'profile-unknown', required: 'profile-unknown', off: 'profile-unknown', narrow: 'profile-unknown' },
  'firefox-audio': { offered: 'profile-unknown', required: 'profile-unknown', off: 'profile-unknown', narrow: 'profile-unknown' },
  'chromium-audio': { offered: 'profile-unknown', required: 'profile-unknown', off: 'profile-unknown', narrow: 'profile-unknown' },
  'freeswitch-optional-srtp': {
    offered: { ...freeswitch, crypto: [3, SHA80] },
    required: { ...freeswitch, crypto: [3, SHA80] },
    off: freeswitch,
    narrow: { codec: ['PCMU', 0, 20], event: [101, 8000], noise: 13 },
  },
  asterisk: { offered: asterisk, required: 'encryption-required', off: asterisk, narrow: { ...asterisk, codec: ['PCMA', 8, 20] } },
  'cisco-video': { offered: cisco, required: 'encryption-required', off: cisco, narrow: { ...cisco, codec: ['PCMU', 0, 20] } },
  'yealink-srtp': { offered: yealink, required: yealink, off: 'encryption-off', narrow: 'encryption-off' },
  // Its only key comes with an MKI.
  polycom: {
    offered: { ...polycom, crypto: [1, SHA80] },
    required: { ...polycom, crypto: [1, SHA80] },
    off: polycom,
    narrow: { ...polycom, codec: ['PCMU', 0, 20] },
  },
};

test('every offer of the field is agreed on as the RFCs say, under every policy', () => {
  assert.deepEqual([...offers.keys()].sort(), Object.keys(EXPECTED).sort());
  for (const [name, row] of Object.entries(EXPECTED)) {
    for (const policy of Object.keys(row) as Policy[]) assert.deepEqual(deal(name, policy), row[policy], `${name}, ${policy}`);
  }
});

test('answers have the m= lines of the offer, in its order and under its profiles', () => {
  const lines = (name: string, policy: Policy): string[] => {
    const negotiated = answer(name, WISHES[policy]);
    assert.ok(typeof negotiated !== 'string');
    return negotiated
      .print(1)
      .split('\r\n')
      .filter((line) => line.startsWith('m='));
  };
  assert.deepEqual(lines('linphone-video', 'offered'), ['m=audio 20000 RTP/AVPF 96 99', 'm=video 0 RTP/AVPF 96 97']);
  assert.deepEqual(lines('cisco-video', 'narrow'), [
    'm=audio 20000 RTP/AVP 0 101',
    'm=video 0 RTP/AVP 100 126 97',
    'm=application 0 UDP/BFCP *',
  ]);
  assert.deepEqual(lines('baresip-srtp', 'offered'), ['m=audio 20000 RTP/AVP 96 105']);
  assert.deepEqual(lines('freeswitch-optional-srtp', 'offered'), [
    'm=audio 20000 RTP/SAVP 102 103',
    'm=audio 0 RTP/AVP 102 9 0 8 103 101 13',
  ]);
  assert.deepEqual(lines('freeswitch-optional-srtp', 'narrow'), [
    'm=audio 0 RTP/SAVP 102 9 0 8 103 101 13',
    'm=audio 20000 RTP/AVP 0 13 101',
  ]);
});

test('the key is theirs byte for byte, ours stands in the answer under their tag', () => {
  const negotiated = answer('yealink-srtp', WIDE);
  assert.ok(typeof negotiated !== 'string');
  const { crypto } = negotiated.agreed;
  assert.equal(Buffer.from(crypto?.theirKey ?? []).toString('base64'), 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj');
  const lines = negotiated.print(1).split('\r\n');
  // 30 bytes of 7 are 40 times "BwcH" in threes.
  assert.deepEqual(
    lines.filter((line) => line.startsWith('a=crypto')),
    [`a=crypto:1 ${SHA80} inline:${'BwcH'.repeat(10)}`],
  );
});

test('a line that promises encryption is never answered in the clear', () => {
  for (const name of ['yealink-srtp', 'baresip-srtp-mand', 'linphone-srtp']) {
    const text = (offers.get(name) ?? '').replaceAll(/^a=crypto:.*\n/gm, '');
    const negotiated = answerOffer(read(text), local, WIDE);
    assert.equal('refused' in negotiated && negotiated.refused, 'no-usable-crypto', name);
  }
  assert.equal(answer('yealink-srtp', { ...WIDE, suites: ['AEAD_AES_256_GCM'] }), 'no-usable-crypto');
});

test('a key with an MKI is taken, and answered with one without', () => {
  const negotiated = answer('polycom', WISHES.required);
  assert.ok(typeof negotiated !== 'string');
  const { crypto } = negotiated.agreed;
  assert.deepEqual([crypto?.theirMki, crypto?.theirLifetime], [Uint8Array.of(0, 0, 0, 1), 1_048_576]);
  assert.match(negotiated.print(1), /^a=crypto:\d+ \S+ inline:[A-Za-z0-9+/=]+\r$/m);
});

test("Cisco's wishes for Opus, and its c= below the m= line", () => {
  const negotiated = answer('cisco-video', WIDE);
  assert.ok(typeof negotiated !== 'string');
  assert.deepEqual(negotiated.agreed.codec.opus, {
    useInbandFec: false,
    useDtx: false,
    cbr: false,
    maxAverageBitrate: 64_000,
    maxPlaybackRate: 16_000,
    maxCaptureRate: 16_000,
  });
  assert.deepEqual(negotiated.agreed.remote, { address: '198.51.100.30', port: 20_654, rtcpPort: 20_655 });
});

test('what a browser needs is read', () => {
  const line = read(offers.get('chromium-audio') ?? '').media[0];
  assert.equal(line?.mid, '0');
  assert.deepEqual(line?.ice, { ufrag: 'EsAw', pwd: 'P2uYro0UCOQ4zxjKXaWCBui1' });
  assert.equal(line?.setup, 'actpass');
  assert.deepEqual(
    line?.fingerprints?.map(({ hash, value }) => [hash, value.length]),
    [['sha-256', 32 * 3 - 1]],
  );
  assert.deepEqual(line?.audioLevel, { id: 1, sends: true });
  assert.deepEqual(
    line?.codecs.map((each) => [each.name, each.payloadType]),
    [
      ['opus', 111],
      ['G722', 9],
      ['PCMU', 0],
      ['PCMA', 8],
    ],
  );
  const [, ufrag] = [line, read(offers.get('linphone-video') ?? '').media[0]?.ice?.ufrag];
  assert.equal(ufrag, '73c1ab64', 'said once for all lines');
});

/** One wound: a line lost, doubled, moved, torn, or a few characters replaced. */
const wound = fc.record({
  at: fc.nat(60),
  to: fc.nat(60),
  how: fc.constantFrom('lose', 'double', 'move', 'tear', 'replace', 'grow'),
  text: fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('-1', '99999999999', '\0', ':', '/', '2^99', '|', '::1', ' ', '=', 'é')),
});
type Wound = typeof wound extends fc.Arbitrary<infer Each> ? Each : never;

function wounded(lines: string[], { at, to, how, text }: Wound): string[] {
  const index = at % Math.max(lines.length, 1);
  const line = lines[index] ?? '';
  const middle = to % Math.max(line.length, 1);
  const cuts = {
    lose: [],
    double: [line, line],
    move: [lines[to % lines.length] ?? '', line],
    tear: [line.slice(0, middle)],
    replace: [line.slice(0, middle) + text + line.slice(middle + text.length)],
    grow: [line + ` ${text || '7'}`.repeat(700)],
  };
  return lines.toSpliced(index, 1, ...cuts[how]);
}

test('wounded offers of the field never throw, and whatever is answered reads back and is accepted by the rules', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...offers.values()),
      fc.array(wound, { maxLength: 8 }),
      fc.constantFrom(...Object.values(WISHES)),
      (text, wounds, wishes) => {
        const parsed = parseSdp(wounds.reduce(wounded, text.split('\n')).join('\r\n'));
        if ('malformed' in parsed) return;
        const negotiated = answerOffer(parsed, local, wishes);
        if ('refused' in negotiated) return;
        const said = read(negotiated.print(1));
        assert.equal(said.media.length, parsed.media.length);
        assert.equal(said.media.filter(({ port }) => port !== 0).length, 1);
        if (wishes.encryption === 'required') assert.ok(negotiated.agreed.crypto);
        const { ptime } = negotiated.agreed.codec;
        assert.ok(ptime >= 10 && ptime <= 120 && ptime % 10 === 0, `${ptime}`);
        // As the answer to an offer of ours the same text must do no harm either.
        acceptAnswer(parsed, describe(undefined, makeOffer({ local, wishes })), local);
      },
    ),
    { numRuns: 400 },
  );
});
