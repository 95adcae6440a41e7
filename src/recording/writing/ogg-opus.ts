import { openEncoder, type SoundEncoder } from '../../audio/index.ts';
import type { Disk } from './disk.ts';
import { type OggPage, oggPage, segmentsOf } from './ogg-page.ts';

/** Samples of 48 kHz that libopus looks ahead when it encodes speech, and a player leaves out (RFC 7845 §4.2). */
export const PRE_SKIP = 312;
/** Samples of 48 kHz in a frame of 20 ms. */
export const GRANULE = 960;
/** 20 ms of silence: CELT, full band, one channel (RFC 6716 §3.1). No encoder is asked for it. */
export const SILENCE = Uint8Array.of(0xf8, 0xff, 0xfe);
/** Frames of zeros that are still encoded after a sound, so that all of it is out and the encoder's memory is empty. */
const FADE = 2;
const PER_PAGE = 50;
const LARGEST = 1275;

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** The two pages before the sound: the head (RFC 7845 §5.1) and the tags (§5.2). */
export function opusHeads(serial: number, inputRate: number): Uint8Array {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(text('OpusHead'));
  view.setUint8(8, 1);
  view.setUint8(9, 1);
  view.setUint16(10, PRE_SKIP, true);
  view.setUint32(12, inputRate, true);
  const vendor = text('Parley');
  const tags = new Uint8Array(16 + vendor.length);
  tags.set(text('OpusTags'));
  new DataView(tags.buffer).setUint32(8, vendor.length, true);
  tags.set(vendor, 12);
  const first = oggPage({ serial, sequence: 0, granule: 0, packets: [head], isFirst: true });
  const second = oggPage({ serial, sequence: 1, granule: 0, packets: [tags] });
  return Uint8Array.from([...first, ...second]);
}

/** Packets of Opus as pages of one stream. */
export class OpusPages {
  readonly #serial: number;
  /** Where the stream stands: its next page, and the frames before it. */
  sequence: number;
  frames: number;

  constructor({ serial, sequence = 2, frames = 0 }: { serial: number; sequence?: number; frames?: number }) {
    this.#serial = serial;
    this.sequence = sequence;
    this.frames = frames;
  }

  /** Each packet is a frame of 20 ms. */
  pages(packets: readonly Uint8Array[]): Uint8Array[] {
    const pages: Uint8Array[] = [];
    let some: Uint8Array[] = [];
    let segments = 0;
    const close = (): void => {
      if (some.length === 0) return;
      this.frames += some.length;
      pages.push(this.#page({ granule: this.frames * GRANULE, packets: some }));
      some = [];
      segments = 0;
    };
    for (const packet of packets) {
      if (some.length === PER_PAGE || segments + segmentsOf(packet) > 255) close();
      some.push(packet);
      segments += segmentsOf(packet);
    }
    close();
    return pages;
  }

  /** The last page: one packet more, for what a player leaves out at the beginning. */
  end(): Uint8Array {
    return this.#page({ granule: this.frames * GRANULE + PRE_SKIP, packets: [SILENCE], isLast: true });
  }

  #page(page: Pick<OggPage, 'granule' | 'packets' | 'isLast'>): Uint8Array {
    return oggPage({ serial: this.#serial, sequence: this.sequence++, ...page });
  }
}

/** A file of Ogg Opus in the making (RFC 7845), whole pages at every flush. */
export class OggPart {
  readonly #disk: Disk;
  readonly #file: number;
  readonly #pages: OpusPages;
  readonly #zeros = new Int16Array(GRANULE);
  readonly #out = new Uint8Array(LARGEST);
  #packets: Uint8Array[] = [];
  #at: number;
  #encoder: SoundEncoder | undefined;
  #rate = 0;
  #silent = FADE;

  constructor({ disk, path, serial, rate }: { disk: Disk; path: string; serial: number; rate: number }) {
    this.#disk = disk;
    this.#file = disk.open(path);
    const heads = opusHeads(serial, rate);
    disk.write(this.#file, heads, 0);
    this.#at = heads.length;
    this.#pages = new OpusPages({ serial });
  }

  get file(): number {
    return this.#file;
  }

  /** One frame, the `frame`th of this file; frames come in order. */
  write(frame: number, samples: Int16Array): void {
    this.#fill(frame);
    if (this.#encoder === undefined || this.#rate !== samples.length * 50) this.#open(samples.length * 50);
    else if (this.#silent >= FADE) this.#encoder.reset();
    this.#silent = 0;
    this.#encode(samples);
  }

  /** Writes what is held. What throws is lost: silence will stand in its place. */
  flush(frames = 0): boolean {
    this.#fill(frames);
    if (this.#packets.length === 0) return false;
    const { sequence, frames: before } = this.#pages;
    const pages = this.#pages.pages(this.#packets);
    this.#packets = [];
    const bytes = Buffer.concat(pages);
    try {
      this.#disk.write(this.#file, bytes, this.#at);
    } catch (error) {
      this.#pages.sequence = sequence;
      this.#pages.frames = before;
      throw error;
    }
    this.#at += bytes.length;
    return true;
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  /** Silence up to a frame. */
  #fill(frame: number): void {
    while (this.#pages.frames + this.#packets.length < frame) {
      this.#silent += 1;
      if (this.#silent <= FADE && this.#encoder !== undefined) this.#encode(this.#zeros.subarray(0, this.#rate / 50));
      else this.#packets.push(SILENCE);
    }
  }

  #encode(samples: Int16Array): void {
    const length = this.#encoder!.encode(samples, samples.length, this.#out, 0);
    this.#packets.push(length === 0 ? SILENCE : this.#out.slice(0, length));
  }

  #open(rate: number): void {
    this.#encoder?.close();
    this.#rate = rate;
    this.#encoder = openEncoder({ name: 'opus', rate, clockRate: 48_000, complexity: 3 });
  }
}
