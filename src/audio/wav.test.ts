import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readWav, writeWav } from './wav.ts';

test('writes the 44 bytes of a RIFF header, little-endian', () => {
  const bytes = writeWav({ rate: 8000, channels: 1, samples: Int16Array.of(1, -2) });
  assert.equal(
    Buffer.from(bytes).toString('hex'),
    '5249464628000000 57415645 666d7420 10000000 0100 0100 401f0000 803e0000 0200 1000 64617461 04000000 0100 feff'.replaceAll(' ', ''),
  );
});

test('reads what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 96000 }), fc.integer({ min: 1, max: 8 }), fc.int16Array(), (rate, channels, samples) => {
      assert.deepEqual(readWav(writeWav({ rate, channels, samples })), { rate, channels, samples });
    }),
  );
});

test('skips other chunks, and takes what is there of a file that was never finished', () => {
  const plain = writeWav({ rate: 16000, channels: 2, samples: Int16Array.of(1, 2, 3, 4) });
  const list = Uint8Array.from(Buffer.from('4c495354 03000000 41424300'.replaceAll(' ', ''), 'hex'));
  const more = Uint8Array.from([...plain.subarray(0, 36), ...list, ...plain.subarray(36)]);
  assert.deepEqual(readWav(more), { rate: 16000, channels: 2, samples: Int16Array.of(1, 2, 3, 4) });
  for (const length of [0, 0xff]) {
    const open = plain.slice();
    open.fill(length, 40, 44);
    assert.deepEqual(readWav(open), { rate: 16000, channels: 2, samples: Int16Array.of(1, 2, 3, 4) });
  }
});

test('says why it does not read', () => {
  const plain = writeWav({ rate: 8000, channels: 1, samples: Int16Array.of(1) });
  const eightBit = plain.slice();
  eightBit[34] = 8;
  assert.deepEqual(readWav(eightBit), { malformed: 'not-pcm16', at: 12 });
  assert.deepEqual(readWav(plain.subarray(0, 36)), { malformed: 'no-samples', at: 36 });
  assert.deepEqual(readWav(new Uint8Array(3)), { malformed: 'not-riff', at: 0 });
  assert.deepEqual(readWav(Uint8Array.from([...plain.subarray(0, 12), ...plain.subarray(36)])), { malformed: 'no-format', at: 12 });
});

test('never throws on noise', () => {
  const plain = writeWav({ rate: 8000, channels: 1, samples: new Int16Array(8) });
  fc.assert(
    fc.property(fc.nat(plain.length - 1), fc.nat(255), fc.nat(plain.length), (at, value, length) => {
      const changed = plain.slice(0, length);
      if (at < length) changed[at] = value;
      readWav(changed);
    }),
    { numRuns: 2000 },
  );
});
