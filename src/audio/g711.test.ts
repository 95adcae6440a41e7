import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { toneAmplitude } from './tone.ts';

/** The reference of the ITU-T software tool library (G.191, g711.c), written out step by step as it is there. */
const reference = {
  ulaw(sample: number): number {
    const magnitude = Math.min((sample < 0 ? ~sample >> 2 : sample >> 2) + 33, 0x1fff);
    let segment = 1;
    for (let rest = magnitude >> 6; rest !== 0; rest >>= 1) segment++;
    const high = 8 - segment;
    const low = 15 - ((magnitude >> segment) & 15);
    return (high << 4) | low | (sample >= 0 ? 0x80 : 0);
  },
  alaw(sample: number): number {
    let magnitude = sample < 0 ? ~sample >> 4 : sample >> 4;
    if (magnitude > 15) {
      let exponent = 1;
      while (magnitude > 31) {
        magnitude >>= 1;
        exponent++;
      }
      magnitude += (exponent << 4) - 16;
    }
    return (magnitude | (sample >= 0 ? 0x80 : 0)) ^ 0x55;
  },
  fromUlaw(code: number): number {
    const inverted = ~code;
    const exponent = (inverted >> 4) & 7;
    const step = 4 << (exponent + 1);
    return (code < 0x80 ? -1 : 1) * ((0x80 << exponent) + step * (inverted & 15) + step / 2 - 4 * 33);
  },
  fromAlaw(code: number): number {
    const toggled = (code ^ 0x55) & 0x7f;
    const exponent = toggled >> 4;
    let magnitude = toggled & 15;
    if (exponent > 0) magnitude += 16;
    magnitude = (magnitude << 4) + 8;
    if (exponent > 1) magnitude <<= exponent - 1;
    return code > 127 ? magnitude : -magnitude;
  },
};

const everySample = Int16Array.from({ length: 65536 }, (_, index) => index - 32768);
const everyCode = Uint8Array.from({ length: 256 }, (_, index) => index);

test('encodes every 16-bit sample as the ITU-T reference does', () => {
  const codes = new Uint8Array(65536);
  encodeUlaw(everySample, 65536, codes, 0);
  assert.deepEqual(codes, Uint8Array.from(everySample, reference.ulaw));
  encodeAlaw(everySample, 65536, codes, 0);
  assert.deepEqual(codes, Uint8Array.from(everySample, reference.alaw));
});

test('decodes every code as the ITU-T reference does', () => {
  const samples = new Int16Array(256);
  decodeUlaw(everyCode, 0, 256, samples);
  assert.deepEqual(samples, Int16Array.from(everyCode, reference.fromUlaw));
  decodeAlaw(everyCode, 0, 256, samples);
  assert.deepEqual(samples, Int16Array.from(everyCode, reference.fromAlaw));
});

test('the values at the ends are those of tables 1 and 2 of G.711', () => {
  const samples = new Int16Array(6);
  // Table 2: y = 8031 and 0 of 14 bits, so 32124 and 0 of 16.
  decodeUlaw(Uint8Array.of(0x80, 0x00, 0xff, 0x7f, 0x8f, 0xfe), 0, 6, samples);
  assert.deepEqual([...samples], [32124, -32124, 0, 0, 16764, 8]);
  // Table 1: y = 4032 and 1 of 13 bits, so 32256 and 8 of 16; even bits are inverted.
  decodeAlaw(Uint8Array.of(0xff ^ 0x55, 0x7f ^ 0x55, 0x80 ^ 0x55, 0x00 ^ 0x55), 0, 4, samples);
  assert.deepEqual([...samples.subarray(0, 4)], [32256, -32256, 8, -8]);
});

test('every code comes back from its sample, but for the negative nought of μ-law', () => {
  const samples = new Int16Array(256);
  const codes = new Uint8Array(256);
  decodeAlaw(everyCode, 0, 256, samples);
  encodeAlaw(samples, 256, codes, 0);
  assert.deepEqual(codes, everyCode);
  decodeUlaw(everyCode, 0, 256, samples);
  encodeUlaw(samples, 256, codes, 0);
  assert.deepEqual(
    codes,
    everyCode.map((code) => (code === 0x7f ? 0xff : code)),
  );
});

test('the digital milliwatt of tables 5 and 6 is 1 kHz at 0 dBm0', () => {
  const sequences = [
    { decode: decodeAlaw, codes: [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4], overload: 3.14 },
    { decode: decodeUlaw, codes: [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e], overload: 3.17 },
  ];
  for (const { decode, codes, overload } of sequences) {
    const samples = new Int16Array(160);
    decode(
      Uint8Array.from({ length: 160 }, (_, index) => codes[index % 8]!),
      0,
      160,
      samples,
    );
    // The largest sine is 3.14 (A-law) or 3.17 (μ-law) dBm0.
    const dbm0 = 20 * Math.log10(toneAmplitude(samples, 8000, 1000) / 32768) + overload;
    assert.ok(Math.abs(dbm0) < 0.15, `${dbm0} dBm0`);
  }
});

test('reads and writes at offsets', () => {
  const out = new Uint8Array(4).fill(7);
  encodeUlaw(Int16Array.of(0, 0), 2, out, 1);
  assert.deepEqual([...out], [7, 0xff, 0xff, 7]);
  const samples = new Int16Array(2).fill(7);
  decodeAlaw(Uint8Array.of(0, 0xd5, 0), 1, 1, samples);
  assert.deepEqual([...samples], [8, 7]);
});
