import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { OpusPacket } from './opus-packet.ts';
import { type OpusModule, openWasmOpus } from './opus-wasm.ts';

let library: OpusModule;
before(async () => {
  library = (await openWasmOpus()).module;
});

/** What libopus itself says; the functions are those behind the package's `getPacketInfo`. */
interface Judge {
  _oc_packet_parse(packet: number, length: number): number;
  _oc_packet_get_nb_samples(packet: number, length: number, rate: number): number;
}

/** Samples at 48 kHz, or 0 for no valid packet, by libopus. */
function judged(bytes: Uint8Array): number {
  const judge = library as unknown as Judge;
  const at = library._malloc(bytes.length + 1);
  library.HEAPU8.set(bytes, at);
  const frames = judge._oc_packet_parse(at, bytes.length);
  const samples = frames > 0 ? judge._oc_packet_get_nb_samples(at, bytes.length, 48000) : 0;
  library._free(at);
  return Math.max(0, samples);
}

function samplesOf(bytes: Uint8Array): number {
  const packet = new OpusPacket();
  return packet.read(bytes, 0, bytes.length) ? packet.samples(48000) : 0;
}

/** The TOC byte of RFC 6716 §3.1. */
const toc = (configuration: number, code: number, stereo = 0): number => (configuration << 3) | (stereo << 2) | code;

test('durations are those of table 2 of RFC 6716', () => {
  const table = [...Array(3).fill([10, 20, 40, 60]).flat(), 10, 20, 10, 20, ...Array(4).fill([2.5, 5, 10, 20]).flat()];
  table.forEach((ms, configuration) => {
    assert.equal(samplesOf(Uint8Array.of(toc(configuration, 0), 1, 2, 3)), ms * 48);
    assert.equal(samplesOf(Uint8Array.of(toc(configuration, 1), 1, 2)), 2 * ms * 48);
    const packet = new OpusPacket();
    packet.read(Uint8Array.of(toc(configuration, 0), 1), 0, 2);
    assert.equal(packet.samples(8000), ms * 8);
    assert.equal(packet.celt, configuration >= 16);
  });
});

test('malformed packets of §3.4 are refused', () => {
  const malformed = {
    'R1: no byte': [],
    'R2: a frame of 1276 bytes': [toc(9, 0), ...Array(1276).fill(1)],
    'R3: code 1 with an odd rest': [toc(9, 1), 1, 2, 3],
    'R4: code 2 without a length': [toc(9, 2)],
    'R4: code 2 with half a length': [toc(9, 2), 252],
    'R4: code 2, longer than the packet': [toc(9, 2), 3, 1, 2],
    'R5: code 3 without frames': [toc(9, 3), 0],
    'R5: code 3, 140 ms': [toc(9, 3), 7, ...Array(7).fill(1)],
    'R6: code 3, 2 frames of one length from 3 bytes': [toc(9, 3), 2, 1, 2, 3],
    'R6: more padding than bytes': [toc(9, 3), 64 | 1, 3, 0, 0],
    'R7: lengths beyond the end': [toc(9, 3), 128 | 2, 5, 1, 2],
  };
  for (const [rule, bytes] of Object.entries(malformed)) assert.equal(samplesOf(Uint8Array.from(bytes)), 0, rule);
});

test('padding, lengths and zero bytes are where §3.2 puts them', () => {
  const packet = new OpusPacket();
  // Two frames of 3 and 2 bytes, one byte of padding, at an offset.
  const bytes = Uint8Array.of(9, 9, toc(9, 3), 128 | 64 | 2, 1, 3, 0xa, 0xb, 0xc, 0xd, 0xe, 0, 9);
  assert.ok(packet.read(bytes, 2, 10));
  assert.deepEqual([packet.frames, packet.first, packet.firstLength, packet.samples(16000)], [2, 6, 3, 640]);
  // 254 + 10 bytes of padding, of which 255 says the first part, and two bytes of sound.
  assert.ok(packet.read(Uint8Array.of(toc(9, 3), 64 | 1, 255, 10, 0xa, 0xb, ...new Uint8Array(264)), 0, 270));
  assert.deepEqual([packet.first, packet.firstLength], [4, 2]);
  // DTX: the TOC byte alone.
  assert.ok(packet.read(Uint8Array.of(toc(9, 0)), 0, 1));
  assert.deepEqual([packet.frames, packet.firstLength], [1, 0]);
});

test('FEC is told by the bit after the speech flags, §4.2.3', () => {
  const fec = (bytes: readonly number[]): boolean => {
    const packet = new OpusPacket();
    packet.read(Uint8Array.from(bytes), 0, bytes.length);
    return packet.hasFec(Uint8Array.from(bytes));
  };
  assert.ok(fec([toc(9, 0), 0b0100_0000])); // one frame of 20 ms: speech, FEC
  assert.ok(!fec([toc(9, 0), 0b1011_1111]));
  assert.ok(fec([toc(10, 0), 0b0010_0000])); // 40 ms: two speech flags
  assert.ok(fec([toc(11, 0), 0b0001_0000])); // 60 ms: three
  assert.ok(fec([toc(9, 0, 1), 0b0001_0000])); // the side channel's
  assert.ok(!fec([toc(9, 0, 1), 0b1010_1111]));
  assert.ok(!fec([toc(25, 0), 0xff])); // CELT
  assert.ok(!fec([toc(9, 0)]));
});

test('libopus agrees about any bytes', () => {
  const bytes = fc
    .tuple(
      fc.nat(31),
      fc.nat(3),
      fc.constantFrom([], [65, 255], [195, 255, 255]),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(0, 0, 250, 1275, 1290),
    )
    .map(([configuration, code, head, rest, more]) =>
      Uint8Array.from([toc(configuration, code), ...head, ...rest, ...new Uint8Array(more)]),
    );
  fc.assert(
    fc.property(bytes, (packet) => {
      assert.equal(samplesOf(packet), judged(packet));
    }),
    { numRuns: 3000 },
  );
});
