import type { Disk } from './disk.ts';

/** Bytes before the sound: RIFF, a place for the sizes of a file above 4 GB, the format, the beginning of the data. */
export const WAV_HEADER = 80;
/** Frames of 20 ms that a part holds before it writes them by itself. */
const HELD = 50;
/** A hole shorter than this many frames is written as zeros, not skipped. */
const SHORT = 5;
const MOST = 0xffff_ffff;

function tag(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = text.charCodeAt(i);
}

/**
 * The head of a WAV file with so many samples of one channel, 16 bit. Above 4 GB it is RF64 (EBU Tech 3306), for whose sizes every file keeps a place,
 * a chunk called JUNK that readers skip.
 */
export function wavHeader(rate: number, samples: number): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER);
  const view = new DataView(bytes.buffer);
  const sound = 2 * samples;
  const isLarge = sound + WAV_HEADER - 8 > MOST;
  tag(bytes, 0, isLarge ? 'RF64' : 'RIFF');
  view.setUint32(4, isLarge ? MOST : sound + WAV_HEADER - 8, true);
  tag(bytes, 8, 'WAVE');
  tag(bytes, 12, isLarge ? 'ds64' : 'JUNK');
  view.setUint32(16, 28, true);
  if (isLarge) {
    view.setBigUint64(20, BigInt(sound + WAV_HEADER - 8), true);
    view.setBigUint64(28, BigInt(sound), true);
    view.setBigUint64(36, BigInt(samples), true);
  }
  tag(bytes, 48, 'fmt ');
  view.setUint32(52, 16, true);
  view.setUint16(56, 1, true);
  view.setUint16(58, 1, true);
  view.setUint32(60, rate, true);
  view.setUint32(64, 2 * rate, true);
  view.setUint16(68, 2, true);
  view.setUint16(70, 16, true);
  tag(bytes, 72, 'data');
  view.setUint32(76, isLarge ? MOST : sound, true);
  return bytes;
}

/**
 * A WAV file in the making. Sound lies where its frame belongs; what was never written is zeros that take no place on the disk. Its head is right after
 * every flush, so that it plays whenever the server dies.
 */
export class WavPart {
  readonly rate: number;
  readonly #disk: Disk;
  readonly #file: number;
  readonly #held: Int16Array;
  readonly #heldBytes: Uint8Array;
  /** Where what is held begins, and how much it is, samples. */
  #from = 0;
  #count = 0;
  #samples = 0;

  constructor({ disk, path, rate }: { disk: Disk; path: string; rate: number }) {
    this.rate = rate;
    this.#disk = disk;
    this.#held = new Int16Array((HELD * rate) / 50);
    this.#heldBytes = new Uint8Array(this.#held.buffer);
    this.#file = disk.open(path);
    disk.write(this.#file, wavHeader(rate, 0), 0);
  }

  get file(): number {
    return this.#file;
  }

  /** One frame, the `frame`th of this file; frames come in order. Its samples are little-endian, as this machine's are. */
  write(frame: number, samples: Int16Array): void {
    const at = frame * samples.length;
    const skipped = at - this.#from - this.#count;
    const end = at - this.#from + samples.length;
    if (this.#count > 0 && (end > this.#held.length || skipped > SHORT * samples.length)) this.#put();
    if (this.#count === 0) this.#from = at;
    else this.#held.fill(0, this.#count, at - this.#from);
    this.#held.set(samples, at - this.#from);
    this.#count = at - this.#from + samples.length;
  }

  /** Writes what is held; at least so many frames long is the file then. Says whether anything was written. What throws is lost. */
  flush(frames = 0): boolean {
    const before = this.#samples;
    this.#put();
    const wanted = (frames * this.rate) / 50;
    if (wanted > this.#samples) {
      this.#disk.size(this.#file, WAV_HEADER + 2 * wanted);
      this.#samples = wanted;
    }
    if (this.#samples === before) return false;
    this.#disk.write(this.#file, wavHeader(this.rate, this.#samples), 0);
    return true;
  }

  #put(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#disk.write(this.#file, this.#heldBytes.subarray(0, 2 * count), WAV_HEADER + 2 * this.#from);
    this.#samples = Math.max(this.#samples, this.#from + count);
  }
}
