import { loadCodecs, openDecoder, type SoundDecoder } from '../audio/index.ts';
import type { ByteStream } from './byte-stream.ts';
import { nextPage, type OggPage } from './ogg-pages.ts';
import { type SoundSource, unplayable } from './sound-source.ts';

const RATE = 48_000;
/** 120 ms: no packet is longer (RFC 6716 §3.2.5). */
const LONGEST = 5760;
/** Packets that do not end are given up here. */
const LONGEST_PACKET = 65_536;
/** At most so much is given at once. */
const PIECE = RATE / 4;

/** What `OpusHead` says, RFC 7845 §5.1. */
interface OpusHead {
  readonly preSkip: number;
  /** What all is multiplied by. */
  readonly gain: number;
}

const textOf = (bytes: Uint8Array, length: number): string => String.fromCharCode(...bytes.subarray(0, length));

/** Reads Ogg Opus, RFC 7845, as it comes: mono at 48 kHz; streams behind each other go on without a gap. */
export class OpusSource implements SoundSource {
  readonly rate = RATE;
  readonly #bytes: ByteStream;
  #decoder: SoundDecoder | undefined;
  #head: OpusHead | undefined;
  #serial: number | undefined;
  #hasTags = false;
  /** Samples at the beginning that are not played. */
  #skip = 0;
  /** Samples that were decoded of this stream, for the end. */
  #decoded = 0;
  #rest: Uint8Array | undefined;
  readonly #frame = new Int16Array(LONGEST);
  /** Decoded and not given yet. */
  #ready: Int16Array[] = [];
  #hasEnded = false;

  /** Reads the first header. */
  static async open(bytes: ByteStream): Promise<OpusSource> {
    await loadCodecs();
    const source = new OpusSource(bytes);
    while (source.#head === undefined) {
      const page = await nextPage(bytes);
      if (page === undefined || page === 'torn') throw unplayable('the Ogg file has no Opus in it');
      source.#read(page);
    }
    return source;
  }

  private constructor(bytes: ByteStream) {
    this.#bytes = bytes;
  }

  async next(): Promise<Int16Array | undefined> {
    let count = 0;
    while (count < PIECE && !this.#hasEnded) {
      const page = await nextPage(this.#bytes);
      if (page === undefined) this.#hasEnded = true;
      else if (page === 'torn') {
        this.#hasEnded = true;
        if (this.#ready.length === 0) throw unplayable('the Ogg file is cut off');
      } else this.#read(page);
      count = this.#ready.reduce((sum, each) => sum + each.length, 0);
    }
    return this.#give();
  }

  close(): void {
    this.#bytes.close();
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#hasEnded = true;
  }

  /** A piece of what is ready. */
  #give(): Int16Array | undefined {
    const first = this.#ready.shift();
    if (first === undefined) return undefined;
    const pieces = [first];
    let count = first.length;
    while (count < PIECE && this.#ready.length > 0) {
      const piece = this.#ready.shift()!;
      pieces.push(piece);
      count += piece.length;
    }
    const out = new Int16Array(count);
    let at = 0;
    for (const piece of pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  #read(page: OggPage): void {
    if (page.isFirst) this.#begin(page);
    if (page.isFirst || page.serial !== this.#serial) return;
    const before = this.#decoded;
    const ready = this.#ready.length;
    for (const [index, piece] of page.pieces.entries()) {
      const whole = this.#join(piece, index === 0 && page.isContinued, index === page.pieces.length - 1 && page.isOpen);
      if (whole !== undefined) this.#take(whole);
    }
    if (page.isLast && page.granule >= 0) this.#trim(page.granule, before, ready);
  }

  /** Another stream: of several at the same time only the first Opus is read. */
  #begin(page: OggPage): void {
    const first = page.pieces[0];
    if (first === undefined || textOf(first, 8) !== 'OpusHead') {
      if (this.#head === undefined && first !== undefined) nameOther(first);
      return;
    }
    this.#head = headOf(first);
    this.#serial = page.serial;
    this.#hasTags = false;
    this.#skip = this.#head.preSkip;
    this.#decoded = 0;
    this.#rest = undefined;
    this.#decoder?.close();
    this.#decoder = openDecoder({ name: 'opus', rate: RATE, clockRate: RATE });
  }

  /** Puts a packet together; undefined: it goes on in the next page, or its beginning is missing. */
  #join(piece: Uint8Array, isContinuing: boolean, isOpen: boolean): Uint8Array | undefined {
    const before = this.#rest;
    this.#rest = undefined;
    if (isContinuing && before === undefined) return undefined;
    const whole = isContinuing && before !== undefined ? Buffer.concat([before, piece]) : piece;
    if (!isOpen) return whole;
    if (whole.length <= LONGEST_PACKET) this.#rest = whole;
    return undefined;
  }

  #take(packet: Uint8Array): void {
    if (!this.#hasTags) {
      this.#hasTags = true;
      if (textOf(packet, 8) === 'OpusTags') return;
    }
    const count = this.#decoder?.decode(packet, 0, packet.length, this.#frame) ?? 0;
    if (count === 0) return;
    this.#decoded += count;
    const skipped = Math.min(count, this.#skip);
    this.#skip -= skipped;
    if (skipped < count) this.#ready.push(amplified(this.#frame.slice(skipped, count), this.#head?.gain ?? 1));
  }

  /** RFC 7845 §4.4: the last page says where the sound ends; what its packets have beyond is not played. */
  #trim(granule: number, before: number, ready: number): void {
    let over = Math.min(this.#decoded - granule, this.#decoded - before);
    while (over > 0 && this.#ready.length > ready) {
      const last = this.#ready.pop()!;
      if (last.length > over) this.#ready.push(last.subarray(0, last.length - over));
      over -= last.length;
    }
  }
}

function amplified(samples: Int16Array, gain: number): Int16Array {
  if (gain === 1) return samples;
  for (let index = 0; index < samples.length; index++) {
    samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(samples[index]! * gain)));
  }
  return samples;
}

function headOf(packet: Uint8Array): OpusHead {
  if (packet.length < 19 || packet[8]! >> 4 !== 0) throw unplayable('its Opus header is not one of RFC 7845');
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const channels = packet[9]!;
  if (packet[18] !== 0 || channels < 1 || channels > 2) throw unplayable(`it has ${channels} channels of Opus; one or two are played`);
  return { preSkip: view.getUint16(10, true), gain: 10 ** (view.getInt16(16, true) / (20 * 256)) };
}

function nameOther(packet: Uint8Array): void {
  const names: readonly (readonly [string, string])[] = [
    ['\x01vorbis', 'Ogg Vorbis'],
    ['\x7fFLAC', 'Ogg FLAC'],
    ['Speex   ', 'Ogg Speex'],
  ];
  const found = names.find(([mark]) => textOf(packet, mark.length) === mark);
  if (found !== undefined) throw unplayable(`it is ${found[1]}; WAV, Ogg Opus and MP3 are played`);
}
