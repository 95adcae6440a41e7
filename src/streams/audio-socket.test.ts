import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goertzel } from '../../test/kit/measure.ts';
import { AudioSocketPacking, innerRate } from './audio-socket.ts';
import type { SoundRate } from './options.ts';

/** Asterisk's page on AudioSocket. */
const KINDS: readonly (readonly [SoundRate, number])[] = [
  [8000, 0x10],
  [12_000, 0x11],
  [16_000, 0x12],
  [24_000, 0x13],
  [32_000, 0x14],
  [44_100, 0x15],
  [48_000, 0x16],
  [96_000, 0x17],
  [192_000, 0x18],
];

const sine = (hz: number, rate: number, from: number, count: number): Int16Array =>
  Int16Array.from({ length: count }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * hz * (from + n)) / rate)));

/** Messages of a run of bytes. */
function messages(bytes: Uint8Array): { readonly kind: number; readonly samples: Int16Array }[] {
  const view = Buffer.from(bytes);
  const found = [];
  for (let at = 0; at < view.length; ) {
    const [kind, length] = [view[at]!, view.readUInt16BE(at + 1)];
    const samples = Int16Array.from({ length: length / 2 }, (_, n) => view.readInt16LE(at + 3 + 2 * n));
    found.push({ kind, samples });
    at += 3 + length;
  }
  return found;
}

const messageOf = (kind: number, samples: Int16Array): Uint8Array => {
  const bytes = Buffer.alloc(3 + 2 * samples.length);
  bytes[0] = kind;
  bytes.writeUInt16BE(2 * samples.length, 1);
  for (const [n, sample] of samples.entries()) bytes.writeInt16LE(sample, 3 + 2 * n);
  return bytes;
};

test('each rate has its kind, 20 ms in a message, and keeps the tone and the time', () => {
  for (const [rate, kind] of KINDS) {
    const inner = innerRate(rate);
    const packing = new AudioSocketPacking(inner, rate);
    const all: number[] = [];
    for (let n = 0; n < 100; n++) {
      for (const each of messages(packing.pack(sine(1000, inner, (n * inner) / 50, inner / 50)))) {
        assert.equal(each.kind, kind, `${rate}`);
        assert.equal(each.samples.length, rate / 50, `${rate}`);
        all.push(...each.samples);
      }
    }
    assert.ok(all.length >= 1.94 * rate && all.length <= 2 * rate, `${rate}: ${all.length}`);
    const middle = Int16Array.from(all.slice(rate / 2, rate / 2 + rate / 10));
    assert.ok(goertzel(middle, rate, 1000) > 10 * goertzel(middle, rate, 1500), `${rate}`);
  }
});

test('what comes has the rate that its kind says, whatever goes', () => {
  for (const [rate, kind] of KINDS) {
    for (const inner of [8000, 48_000] as const) {
      const packing = new AudioSocketPacking(inner);
      const all: number[] = [];
      for (let n = 0; n < 100; n++) {
        const { sound, hangsUp } = packing.unpack(messageOf(kind, sine(1000, rate, (n * rate) / 50, rate / 50)));
        assert.equal(hangsUp, false);
        for (const bytes of sound) for (let at = 0; at + 1 < bytes.length; at += 2) all.push(Buffer.from(bytes).readInt16LE(at));
      }
      assert.ok(Math.abs(all.length - 2 * inner) < inner / 20, `${rate} to ${inner}: ${all.length}`);
      const middle = Int16Array.from(all.slice(inner / 2, inner / 2 + inner / 10));
      assert.ok(goertzel(middle, inner, 1000) > 10 * goertzel(middle, inner, 1500), `${rate} to ${inner}`);
    }
  }
});

test('unknown kinds and odd bytes are passed over; 0x00 and 0xff hang up', () => {
  const packing = new AudioSocketPacking(8000);
  assert.deepEqual(packing.unpack(messageOf(0x19, sine(1000, 8000, 0, 160))), { sound: [], hangsUp: false });
  assert.deepEqual(packing.unpack(Uint8Array.of(0x12, 0, 3, 1, 2, 3)).hangsUp, false);
  assert.equal(packing.unpack(Uint8Array.of(0, 0, 0)).hangsUp, true);
  assert.equal(packing.unpack(Uint8Array.of(0xff, 0, 1, 4)).hangsUp, true);
});
