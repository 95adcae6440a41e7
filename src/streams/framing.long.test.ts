import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packedLeg, packingOf } from './framing.ts';
import type { Framing } from './options.ts';

const all: readonly Framing[] = ['pcm', 'sln', 'rtp', 'audiosocket'];
/** 20 ms at 8 kHz; the first samples tell the order of their bytes. */
const frame = Int16Array.from({ length: 160 }, (_, n) => (n === 0 ? 0x0102 : n === 1 ? -2 : 0));
const SOUND = `0201feff${'00'.repeat(316)}`;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text, 'hex');

test('sln and pcm are 320 bytes of signed 16 bit, little-endian', () => {
  for (const framing of ['sln', 'pcm'] as const) assert.equal(hex(packingOf(framing).pack(frame)), SOUND);
});

test('rtp has 12 bytes in front: version 2, payload type 96, SSRC 0, sequence from 1, timestamp in samples', () => {
  const packing = packingOf('rtp');
  assert.equal(hex(packing.pack(frame)), `8060${'0001'}${'00000000'}${'00000000'}${SOUND}`);
  assert.equal(hex(packing.pack(frame)), `8060${'0002'}${'000000a0'}${'00000000'}${SOUND}`);
  for (let n = 3; n <= 0x10000; n++) packing.pack(new Int16Array(160));
  assert.equal(hex(packing.pack(frame)).slice(0, 16), `8060${'0001'}00a00000`, 'the sequence number goes on from 0xffff to 0');
  assert.equal(packing.pack(frame).length, 332);
});

test('audiosocket has 3 bytes in front: kind 0x10 and the length in network order', () => {
  assert.equal(hex(packingOf('audiosocket').pack(frame)), `100140${SOUND}`);
});

test('one participant of many: number, flags, clock, little-endian', () => {
  assert.equal(hex(packedLeg(frame, { number: 0x0304, flags: 1, index: 0x01020304 })), `0403${'0100'}04030201${SOUND}`);
});

test('of rtp that comes only payload type 96 is sound; CSRCs, extensions and padding are not', () => {
  const { unpack } = packingOf('rtp');
  const heard = (text: string): string[] => unpack(bytes(text)).sound.map(hex);
  assert.deepEqual(heard('8060000100000000000000000102'), ['0102']);
  assert.deepEqual(heard('80e0000100000000000000000102'), ['0102'], 'with a marker');
  assert.deepEqual(heard('8000000100000000000000000102'), [], 'payload type 0');
  assert.deepEqual(heard('4060000100000000000000000102'), [], 'version 1');
  assert.deepEqual(heard('80600001000000000000'), [], 'too short');
  assert.deepEqual(heard('816000010000000000000000aabbccdd0102'), ['0102'], 'one CSRC');
  assert.deepEqual(heard('9060000100000000000000000000000111223344 0102'.replace(' ', '')), ['0102'], 'an extension');
});

test('audiosocket messages that come: slin is sound, 0 hangs up, others are passed over, a broken one ends the frame', () => {
  const { unpack } = packingOf('audiosocket');
  const heard = (text: string): [string[], boolean] => {
    const { sound, hangsUp } = unpack(bytes(text));
    return [sound.map(hex), hangsUp];
  };
  assert.deepEqual(heard('1000020102'), [['0102'], false]);
  assert.deepEqual(heard('10000201021000020304'), [['0102', '0304'], false]);
  assert.deepEqual(heard('01000411223344 1000020102'.replace(' ', '')), [['0102'], false]);
  assert.deepEqual(heard('10000201020000001000020304'), [['0102'], true]);
  assert.deepEqual(heard('10ffff0102'), [[], false]);
  assert.deepEqual(heard('10'), [[], false]);
});

test('whatever comes is understood or not, and never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.uint8Array({ maxLength: 400 }), (framing, frame) => {
      for (const sound of packingOf(framing).unpack(frame).sound) assert.ok(sound.length <= frame.length);
    }),
  );
});
