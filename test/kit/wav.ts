import { readFileSync, writeFileSync } from 'node:fs';

/** Writes 16 bit mono PCM at 8 000 Hz. */
export function writeWav(path: string, samples: Int16Array): void {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(path, Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]));
}

/** Reads 16 bit mono PCM at 8 000 Hz; a length field that was never filled in (the writer was stopped) means: to the end. */
export function readWav(path: string): Int16Array {
  const bytes = readFileSync(path);
  let [at, channels, bits, rate] = [12, 0, 0, 0];
  while (at + 8 <= bytes.length) {
    const [name, size] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)];
    if (name === 'fmt ') [channels, rate, bits] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 12), bytes.readUInt16LE(at + 22)];
    if (name === 'data') {
      if (channels !== 1 || bits !== 16 || rate !== 8000) throw new Error(`${path}: ${channels} channels, ${bits} bit, ${rate} Hz`);
      const end = size === 0 ? bytes.length : Math.min(bytes.length, at + 8 + size);
      return Int16Array.from({ length: (end - at - 8) >> 1 }, (_, n) => bytes.readInt16LE(at + 8 + 2 * n));
    }
    at += 8 + size + (size & 1);
  }
  throw new Error(`${path} has no sound in it`);
}
