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
      extensionAt: 0,
      extensionLength: 0,
      extensionProfile: 0,
      voice: false,
    },
  );
});

test('skips CSRCs, extension and padding', () => {
  const view = new RtpView();
  const packet = bytes('b2 00 0001 00000002 00000003 aaaaaaaa bbbbbbbb bede 0001 11223344 5566 000002');
  assert.equal(view.read(packet, 0, packet.length), true);
  assert.deepEqual([view.payloadAt, [...packet.subarray(view.payloadAt, view.payloadAt + view.payloadLength)]], [28, [0x55, 0x66, 0]]);
});

test('reads elements of the header extension in both forms of RFC 8285', () => {
  const view = new RtpView();
  const read = (hex: string): Uint8Array => {
    const packet = bytes(`00 90 00 0001 00000002 00000003 ${hex}`);
    assert.equal(view.read(packet, 1, packet.length - 1), true, hex);
    return packet;
  };
  // The figure of RFC 8285 §4.2: elements of one, two and (behind padding) four bytes.
  let packet = read('bede 0003 10 aa 21 bbbb 0000 33 cccccccc 55');
  assert.deepEqual(
    [1, 2, 3, 4].map((id) => packet[view.element(packet, id)]),
    [0xaa, 0xbb, 0xcc, undefined],
  );
  assert.equal(view.payloadLength, 1);
  // The figure of §4.3: an element without data is there but says nothing.
  packet = read('1000 0003 01 00 02 01 bb 00 03 04 cccccccc');
  assert.deepEqual(
    [1, 2, 3].map((id) => view.element(packet, id) >= 0),
    [false, true, true],
  );
  assert.equal(packet[view.element(packet, 3)], 0xcc);
  // Behind id 15 nothing is read; an element that would end behind the extension is none; another profile is not ours.
  for (const hex of [
    'bede 0001 f0 00 10 aa',
    'bede 0001 13 aa bb cc',
    'bede 0001 00000013',
    '1000 0001 00 00 00 01',
    '1000 0001 01 03 aa bb',
    'beef 0001 10 aa 0000',
  ]) {
    packet = read(hex);
    assert.equal(view.element(packet, 1), -1, hex);
  }
});

test('tells the audio level of RFC 6464, and that a packet without one has none', () => {
  const view = new RtpView();
  const loud = bytes('90 00 0001 00000002 00000003 bede 0001 10 85 0000 55');
  assert.equal(view.read(loud, 0, loud.length), true);
  assert.deepEqual([view.audioLevel(loud, 1), view.voice, view.audioLevel(loud, 2)], [5, true, -1]);
  const silent = bytes('90 00 0001 00000002 00000003 bede 0001 10 7f 0000 55');
  view.read(silent, 0, silent.length);
  assert.deepEqual([view.audioLevel(silent, 1), view.voice], [127, false]);
  const plain = bytes('80 00 0001 00000002 00000003 55');
  view.read(plain, 0, plain.length);
  assert.equal(view.audioLevel(plain, 1), -1);
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
      if (valid && at < noise.length) noise[at] = 0x80 | (noise[at]! & 0x30);
      if (valid && at + 16 <= noise.length) noise.set([0xbe, 0xde, 0, noise[at + 15]! & 3], at + 12);
      if (!view.read(noise, at, length)) return;
      const element = view.element(noise, 1);
      assert.ok(element === -1 || (element >= view.extensionAt && element < view.extensionAt + view.extensionLength));
      assert.ok(view.payloadAt >= at + 12 && view.payloadLength >= 0 && view.payloadAt + view.payloadLength <= at + length);
    }),
    { numRuns: 2000 },
  );
});
