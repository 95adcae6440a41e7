import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMalformed } from './malformed.ts';
import { parseRtcp } from './rtcp.ts';
import { printRtcp } from './rtcp-print.ts';
import type { ExtendedReport, VoipMetrics } from './voip-metrics.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (of: Uint8Array): string => Buffer.from(of).toString('hex');
const receiver = { type: 'receiver-report', ssrc: 1, blocks: [] } as const;
const first = '80c90001 00000001';

/** The block of RFC 3611 §4.7, field by field. */
const block = '07000008 deadbeef 05 0a 80 02 0064 2710 0078 0050 eb be 7f 10 5c 7f 2a 29 f5 00 003c 0050 00c8';
const metrics: VoipMetrics = {
  ssrc: 0xdead_beef,
  lossRate: 5 / 256,
  discardRate: 10 / 256,
  burstDensity: 0.5,
  gapDensity: 2 / 256,
  burstMs: 100,
  gapMs: 10_000,
  roundTripMs: 120,
  endSystemMs: 80,
  signalLevel: -21,
  noiseLevel: -66,
  echoReturnLoss: undefined,
  gmin: 16,
  rFactor: 92,
  externalRFactor: undefined,
  mosLq: 4.2,
  mosCq: 4.1,
  concealment: 'standard',
  buffer: 'adaptive',
  bufferRate: 5,
  bufferMs: 60,
  bufferMaxMs: 80,
  bufferLimitMs: 200,
};

test('reads and prints the VoIP metrics of RFC 3611 §4.7; other blocks are skipped', () => {
  const report: ExtendedReport = { type: 'extended-report', ssrc: 2, voipMetrics: [metrics] };
  const printed = `${first} 80cf000a 00000002 ${block}`.replaceAll(' ', '');
  assert.equal(hex(printRtcp([receiver, report])), printed);
  assert.deepEqual(parseRtcp(bytes(printed)), [receiver, report]);
  // A receiver reference time (§4.4) before it.
  const mixed = parseRtcp(bytes(`${first} 80cf000d 00000002 04000002 1111111122222222 ${block}`));
  assert.deepEqual(mixed, [receiver, report]);
});

test('torn blocks are refused, metrics of another length passed over', () => {
  for (const torn of ['80cf0000', '80cf0002 00000002 07000008', '80cf0002 00000002 04000001']) {
    const read = parseRtcp(bytes(first + torn));
    assert.ok(isMalformed(read) && read.malformed === 'body', torn);
  }
  assert.deepEqual(parseRtcp(bytes(`${first} 80cf0003 00000002 07000001 deadbeef`)), [
    receiver,
    { type: 'extended-report', ssrc: 2, voipMetrics: [] },
  ]);
});

test('what does not fit into its field is sent as the nearest that does', () => {
  const wild = { ...metrics, lossRate: 1, burstMs: 1e9, mosLq: 99, signalLevel: -500, rFactor: -3, bufferRate: 77 };
  const read = parseRtcp(printRtcp([receiver, { type: 'extended-report', ssrc: 2, voipMetrics: [wild] }]));
  assert.ok(!isMalformed(read) && read[1]?.type === 'extended-report');
  const { lossRate, burstMs, mosLq, signalLevel, rFactor, bufferRate } = read[1].voipMetrics[0]!;
  assert.deepEqual([lossRate, burstMs, mosLq, signalLevel, rFactor, bufferRate], [255 / 256, 65535, 5, -128, 0, 15]);
});

test('noise behind the header never throws', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
      const words = noise.subarray(0, noise.length & ~3);
      parseRtcp(Uint8Array.from([...bytes(first), 0x80, 0xcf, 0, words.length / 4, ...words]));
    }),
  );
});
