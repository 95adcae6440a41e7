import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';

/** Sound of one channel, with its samples per second. */
export interface Sound {
  readonly rate: number;
  readonly samples: Int16Array;
}

/** Writes 16 bit mono PCM. */
export function writeWav(path: string, { rate, samples }: Sound): void {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(2 * rate, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(path, Buffer.concat([head, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)]));
}

/** Reads 16 bit PCM, of several channels the first; a length field that was never filled in (the writer was stopped) means: to the end. */
export function readWav(path: string): Sound {
  const bytes = readFileSync(path);
  let [at, channels, bits, rate] = [12, 0, 0, 0];
  while (at + 8 <= bytes.length) {
    const [name, size] = [bytes.toString('latin1', at, at + 4), bytes.readUInt32LE(at + 4)];
    if (name === 'fmt ') [channels, rate, bits] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 12), bytes.readUInt16LE(at + 22)];
    if (name === 'data') {
      if (channels === 0 || bits !== 16) throw new Error(`${path}: ${channels} channels, ${bits} bit, ${rate} Hz`);
      const end = size === 0 ? bytes.length : Math.min(bytes.length, at + 8 + size);
      const first = at + 8;
      const step = 2 * channels;
      return {
        rate,
        samples: Int16Array.from({ length: Math.floor((end - first) / step) }, (_, n) => bytes.readInt16LE(first + step * n)),
      };
    }
    at += 8 + size + (size & 1);
  }
  throw new Error(`${path} has no sound in it`);
}

/** How much sound is in a file, in seconds, also while somebody writes it; none in one that is not there or has just begun. */
export function secondsOf(path: string | undefined): number {
  if (path === undefined) return 0;
  const size = statSync(path).size - 44;
  if (size <= 0) return 0;
  const head = Buffer.alloc(44);
  const file = openSync(path, 'r');
  readSync(file, head);
  closeSync(file);
  return size / head.readUInt32LE(28);
}
