import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMalformed } from './malformed.ts';
import { isRtcp, middleOfNtp, ntpOf, parseRtcp, roundTripMs } from './rtcp.ts';
import { printRtcp } from './rtcp-print.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const block = {
  ssrc: 0x1122_3344,
  fractionLost: 64,
  lost: -2,
  extendedHighest: 0x0001_fffe,
  jitter: 12,
  lastSenderReport: 0xb705_2000,
  delaySinceSenderReport: 0x0005_4000,
};

test('reads a receiver report with CNAME and BYE, byte by byte as RFC 3550 §6 draws them', () => {
  const compound = bytes(
    '81c90007 0000abcd 11223344 40fffffe 0001fffe 0000000c b7052000 00054000' +
      '81ca0003 0000abcd 01036140 62000000' +
      '81cb0003 0000abcd 07627965 62796521',
  );
  assert.deepEqual(parseRtcp(compound), [
    { type: 'receiver-report', ssrc: 0xabcd, blocks: [block] },
    { type: 'description', chunks: [{ ssrc: 0xabcd, cname: 'a@b' }] },
    { type: 'bye', ssrcs: [0xabcd], reason: 'byebye!' },
  ]);
});

test('prints a sender report as RFC 3550 §6.4.1 draws it', () => {
  const printed = printRtcp([
    { type: 'sender-report', ssrc: 1, ntp: { seconds: 0xb705_0000, fraction: 2 }, timestamp: 3, packets: 4, octets: 5, blocks: [] },
    { type: 'description', chunks: [{ ssrc: 1, cname: 'abc' }] },
  ]);
  assert.equal(
    Buffer.from(printed).toString('hex'),
    '80c80006000000 01b705000000000002000000030000000400000005 81ca0003 00000001 01036162 63000000'.replaceAll(' ', ''),
  );
});

const number = fc.integer({ min: 0, max: 0xffff_ffff });
const blocks = fc.array(
  fc.record({
    ssrc: number,
    fractionLost: fc.integer({ min: 0, max: 255 }),
    lost: fc.integer({ min: -0x80_0000, max: 0x7f_ffff }),
    extendedHighest: number,
    jitter: number,
    lastSenderReport: number,
    delaySinceSenderReport: number,
  }),
  { maxLength: 31 },
);
const reports = fc.oneof(
  fc.record({ type: fc.constant('receiver-report' as const), ssrc: number, blocks }),
  fc.record({
    type: fc.constant('sender-report' as const),
    ssrc: number,
    ntp: fc.record({ seconds: number, fraction: number }),
    timestamp: number,
    packets: number,
    octets: number,
    blocks,
  }),
);
const others = fc.oneof(
  fc.record({
    type: fc.constant('description' as const),
    chunks: fc.array(fc.record({ ssrc: number, cname: fc.option(fc.string({ maxLength: 60 }), { nil: undefined }) }), { maxLength: 31 }),
  }),
  fc.record({
    type: fc.constant('bye' as const),
    ssrcs: fc.array(number, { maxLength: 31 }),
    reason: fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined }),
  }),
);

test('reads what it prints', () => {
  fc.assert(
    fc.property(reports, fc.array(others, { maxLength: 3 }), (first, rest) => {
      assert.deepEqual(parseRtcp(printRtcp([first, ...rest])), structuredClone([first, ...rest]));
    }),
  );
});

test('makes the checks of RFC 3550 A.2', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['short', '80c90000'],
    ['first', '81ca0001 0000abcd'],
    ['version', '40c90001 0000abcd'],
    ['length', '80c90002 0000abcd'],
    ['padding', 'a0c90002 0000abcd 00000004'],
    ['padding', '80c90001 0000abcd a0cb0000 80cb0000'],
    ['body', '81c90001 0000abcd'],
    ['body', '80c90001 0000abcd 81ca0002 0000abcd 01ff6162'],
    ['short', '80c90001 0000abcd 80cb'],
  ];
  for (const [malformed, hex] of cases) {
    const read = parseRtcp(bytes(hex));
    assert.ok(isMalformed(read) && read.malformed === malformed, `${hex}: ${JSON.stringify(read)}`);
  }
});

test('the last packet may be padded, unknown types are passed over', () => {
  assert.deepEqual(parseRtcp(bytes('80c90001 0000abcd 80cd0000 a1cb0002 0000abcd 00000004')), [
    { type: 'receiver-report', ssrc: 0xabcd, blocks: [] },
    { type: 'other', payloadType: 205 },
    { type: 'bye', ssrcs: [0xabcd], reason: undefined },
  ]);
});

test('never throws on noise', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 120 }), fc.boolean(), (noise, likely) => {
      if (likely) {
        noise[0] = 0x80 | (noise[0]! & 3);
        noise[1] = 200 + (noise[1]! & 1);
        noise[2] = 0;
        noise[3] = noise[3]! & 15;
      }
      parseRtcp(noise);
    }),
    { numRuns: 3000 },
  );
  const valid = printRtcp([
    { type: 'receiver-report', ssrc: 1, blocks: [block] },
    { type: 'description', chunks: [{ ssrc: 1, cname: 'someone@example.org' }] },
    { type: 'bye', ssrcs: [1], reason: 'gone' },
  ]);
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length), (at, value, length) => {
      const changed = valid.slice(0, length);
      if (at < length) changed[at] = value;
      parseRtcp(changed);
    }),
    { numRuns: 3000 },
  );
});

test('tells RTCP from RTP on one port, RFC 5761 §4', () => {
  assert.equal(isRtcp(bytes('00 80c80006'), 1, 4), true);
  for (const hex of ['80000001', '80e50001', '80650001', '40c80001', '80c8']) assert.equal(isRtcp(bytes(hex), 0, bytes(hex).length), false);
});

test('round trip as in the example of RFC 3550 figure 2', () => {
  assert.equal(middleOfNtp({ seconds: 0xb44d_b705, fraction: 0x2000_0000 }), 0xb705_2000);
  // A = b710:8000, LSR = b705:2000, DLSR = 0005:4000; the way is 6.125 s. The epoch below has the middle b710:8000.
  const epoch = (0xb44d_b710 - 2_208_988_800) * 1000 + 500;
  assert.equal(middleOfNtp(ntpOf(epoch)), 0xb710_8000);
  assert.equal(roundTripMs(block, epoch), 6125);
  assert.equal(roundTripMs({ ...block, lastSenderReport: 0 }, epoch), undefined);
});
