import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { speech } from '../../test/kit/speech.ts';
import type { CodecSpec } from './codec.ts';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { isStateful, loadCodecs, openDecoder, openEncoder } from './open-codec.ts';

const SPECS: readonly CodecSpec[] = [
  { name: 'PCMU', rate: 8000, clockRate: 8000 },
  { name: 'PCMA', rate: 8000, clockRate: 8000 },
  { name: 'G722', rate: 16000, clockRate: 8000 },
  { name: 'L16', rate: 8000, clockRate: 8000 },
  { name: 'L16', rate: 16000, clockRate: 16000 },
  { name: 'L16', rate: 48000, clockRate: 48000 },
  { name: 'opus', rate: 8000, clockRate: 48000 },
  { name: 'opus', rate: 16000, clockRate: 48000 },
  { name: 'opus', rate: 48000, clockRate: 48000 },
];

test('Opus before loadCodecs says what is missing; the others need nothing', async () => {
  assert.throws(() => openDecoder(SPECS[6]!), /loadCodecs/);
  openDecoder(SPECS[0]!).close();
  openEncoder(SPECS[2]!).close();
  await loadCodecs();
  await loadCodecs();
  openDecoder(SPECS[6]!).close();
});

test('every codec gives 20 ms for 20 ms, at its rate, at offsets, and says so beforehand', async () => {
  await loadCodecs();
  for (const spec of SPECS) {
    const [encoder, decoder] = [openEncoder(spec), openDecoder(spec)];
    assert.equal(encoder.rate, spec.rate);
    assert.equal(decoder.rate, spec.rate);
    const count = spec.rate / 50;
    const out = new Uint8Array(2100).fill(7);
    const bytes = encoder.encode(speech({ rate: spec.rate, seconds: 0.02 }), count, out, 12);
    assert.ok(bytes > 0 && out.subarray(0, 12).every((byte) => byte === 7) && out.subarray(12 + bytes).every((byte) => byte === 7));
    assert.equal(decoder.samples(out, 12, bytes), count);
    const sound = new Int16Array(count + 1).fill(7);
    assert.equal(decoder.decode(out, 12, bytes, sound), count);
    assert.equal(sound[count], 7);
    encoder.close();
    decoder.close();
  }
});

test('a rate that the codec has not is refused', async () => {
  await loadCodecs();
  for (const spec of [
    { name: 'PCMU', rate: 16000, clockRate: 8000 },
    { name: 'G722', rate: 8000, clockRate: 8000 },
    { name: 'opus', rate: 44100, clockRate: 48000 },
  ] as const) {
    assert.throws(() => openDecoder(spec), RangeError);
    assert.throws(() => openEncoder(spec), RangeError);
  }
});

test('only codecs whose frames hang together are stateful', () => {
  assert.deepEqual(
    (['PCMU', 'PCMA', 'G722', 'opus', 'L16'] as const).filter((name) => isStateful(name)),
    ['G722', 'opus'],
  );
});

test('G.711 is that of the tables', () => {
  const sound = speech({ rate: 8000, seconds: 0.02 });
  for (const [name, write, read] of [
    ['PCMU', encodeUlaw, decodeUlaw],
    ['PCMA', encodeAlaw, decodeAlaw],
  ] as const) {
    const spec = { name, rate: 8000, clockRate: 8000 } as const;
    const [bytes, expected] = [new Uint8Array(160), new Uint8Array(160)];
    openEncoder(spec).encode(sound, 160, bytes, 0);
    write(sound, 160, expected, 0);
    assert.deepEqual(bytes, expected);
    const [heard, meant] = [new Int16Array(160), new Int16Array(160)];
    openDecoder(spec).decode(bytes, 0, 160, heard);
    read(bytes, 0, 160, meant);
    assert.deepEqual(heard, meant);
  }
});

test('L16 has the most significant byte first, RFC 3551 §4.5.11, and loses nothing', () => {
  const spec = { name: 'L16', rate: 16000, clockRate: 16000 } as const;
  const bytes = new Uint8Array(8);
  assert.equal(openEncoder(spec).encode(Int16Array.of(1, -2, 0x1234, -32768), 4, bytes, 0), 8);
  assert.deepEqual([...bytes], [0, 1, 0xff, 0xfe, 0x12, 0x34, 0x80, 0]);
  const out = new Int16Array(4);
  assert.equal(openDecoder(spec).decode(bytes, 0, 8, out), 4);
  assert.deepEqual([...out], [1, -2, 0x1234, -32768]);
  assert.equal(openDecoder(spec).decode(bytes, 0, 7, out), 0);
});

test('no decoder throws, writes beyond its sound or contradicts itself, whatever comes', async () => {
  await loadCodecs();
  const decoders = SPECS.map(openDecoder);
  const payload = fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0, 80, 160, 320, 960, 5760));
  fc.assert(
    fc.property(payload, ([at, bytes, room]) => {
      const from = Math.min(at, bytes.length);
      for (const decoder of decoders) {
        const out = new Int16Array(room + 1).fill(7);
        const sound = out.subarray(0, room);
        const told = decoder.samples(bytes, from, bytes.length - from);
        const count = decoder.decode(bytes, from, bytes.length - from, sound);
        assert.ok(count === 0 || (count === told && count <= room), `${decoder.rate} Hz: ${count} of ${told} in ${room}`);
        assert.ok(decoder.recover(bytes, from, bytes.length - from, room, sound) <= room);
        decoder.conceal(sound, room);
        assert.equal(out[room], 7);
      }
    }),
    { numRuns: 300 },
  );
  for (const decoder of decoders) decoder.close();
});
