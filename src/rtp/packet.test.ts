import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRtp, printRtp, RtpView, writeHeader } from './packet.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

test('reads the fields of RFC 3550 §5.1 in place', () => {
  const view = new RtpView();
  const packet = bytes('ffff 80 e5 8001 fffffff0 deadbeef 010203 ff');
  assert.equal(view.read(packet, 2, 15), true);
  assert.deepEqual(
    { ...view },
    {
      reason: 'none',
      version: 2,
      marker: true,
      payloadType: 101,
      sequence: 0x8001,
      timestamp: 0xffff_fff0,
      ssrc: 0xdead_beef,
      payloadAt: 14,
      payloadLength: 3,
    },
  );
});

test('skips CSRCs, extension and padding', () => {
  const view = new RtpView();
  const packet = bytes('b2 00 0001 00000002 00000003 aaaaaaaa bbbbbbbb bede 0001 11223344 5566 000002');
  assert.equal(view.read(packet, 0, packet.length), true);
  assert.deepEqual([view.payloadAt, [...packet.subarray(view.payloadAt, view.payloadAt + view.payloadLength)]], [28, [0x55, 0x66, 0]]);
});

const torn: readonly (readonly [string, string])[] = [
  ['short', '80 00 0001 00000002 000000'],
  ['version', '40 00 0001 00000002 00000003'],
  ['csrc', '81 00 0001 00000002 00000003 aaaa'],
  ['extension', '90 00 0001 00000002 00000003 bede'],
  ['extension', '90 00 0001 00000002 00000003 bede 0002 11223344'],
  ['padding', 'a0 00 0001 00000002 00000003 03'],
  ['padding', 'a0 00 0001 00000002 00000003 5500'],
];

test('refuses torn packets and says why', () => {
  const view = new RtpView();
  for (const [reason, hex] of torn) {
    assert.equal(view.read(bytes(hex), 0, bytes(hex).length), false, hex);
    assert.equal(view.reason, reason, hex);
  }
  assert.equal(view.read(new Uint8Array(20), 10, 12), false, 'beyond the bytes');
});

const packets = fc.record({
  marker: fc.boolean(),
  payloadType: fc.integer({ min: 0, max: 127 }),
  sequence: fc.integer({ min: 0, max: 0xffff }),
  timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
  ssrc: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 200 }),
});

test('reads what it prints', () => {
  fc.assert(
    fc.property(packets, (packet) => {
      assert.deepEqual(parseRtp(printRtp(packet)), { ...packet });
      const into = new Uint8Array(20);
      assert.equal(writeHeader(into, 5, packet), 12);
      assert.deepEqual(into.subarray(5, 17), printRtp(packet).subarray(0, 12));
    }),
  );
});

test('never throws, and never points outside', () => {
  const view = new RtpView();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(70), fc.nat(70), fc.boolean(), (noise, at, length, valid) => {
      if (valid && at < noise.length) noise[at] = 0x80 | (noise[at]! & 0x3f);
      if (!view.read(noise, at, length)) return;
      assert.ok(view.payloadAt >= at + 12 && view.payloadLength >= 0 && view.payloadAt + view.payloadLength <= at + length);
    }),
    { numRuns: 2000 },
  );
});
