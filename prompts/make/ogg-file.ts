import { createHash } from 'node:crypto';
import { openEncoder } from '../../src/audio/index.ts';
import { oggPage } from '../../src/recording/writing/ogg-page.ts';

/** Samples of 48 kHz by which libopus delays speech. */
const DELAY = 312;
const PER_PAGE = 50;
/** Granules of a frame of 20 ms. */
const GRANULE = 960;

/** What is to become a file. */
export interface ToWrite {
  /** Whole frames of 20 ms. */
  readonly samples: Int16Array;
  readonly rate: 16_000 | 24_000;
  /** bit/s. */
  readonly bitrate: number;
  /** The file has this number for its stream: the same sound is the same file. */
  readonly name: string;
  /** It is played again and again: what comes before its beginning is its end. */
  readonly isLoop?: boolean;
}

/** A sound as a file of Ogg Opus (RFC 7845). Needs `loadCodecs()`. */
export function oggFile({ samples, rate, bitrate, name, isLoop = false }: ToWrite): Uint8Array {
  const frame = rate / 50;
  const frames = samples.length / frame;
  if (!Number.isInteger(frames)) throw new RangeError('the sound is no whole number of frames');
  // The encoder of a loop has heard its end when it comes to its beginning, as the player has.
  const lead = isLoop ? 25 : 0;
  const skip = lead * GRANULE + DELAY;
  const encoder = openEncoder({ name: 'opus', rate, clockRate: 48_000, complexity: 10, maxAverageBitrate: bitrate });
  const out = new Uint8Array(1275);
  const packets: Uint8Array[] = [];
  for (let index = -lead; index <= frames; index++) {
    const at = ((index + frames) % frames) * frame;
    const isSilence = !isLoop && index === frames;
    const length = encoder.encode(isSilence ? new Int16Array(frame) : samples.subarray(at, at + frame), frame, out, 0);
    packets.push(out.slice(0, length));
  }
  encoder.close();
  const serial = createHash('sha256').update(name).digest().readUInt32LE(0);
  const pages = [head({ serial, rate, skip }), tags(serial)];
  for (let from = 0; from < packets.length; from += PER_PAGE) {
    const some = packets.slice(from, from + PER_PAGE);
    const isLast = from + some.length === packets.length;
    const granule = isLast ? frames * GRANULE + skip : (from + some.length) * GRANULE;
    pages.push(oggPage({ serial, sequence: pages.length, granule, packets: some, isLast }));
  }
  return Buffer.concat(pages);
}

function head({ serial, rate, skip }: { readonly serial: number; readonly rate: number; readonly skip: number }): Uint8Array {
  const packet = Buffer.alloc(19);
  packet.write('OpusHead');
  packet[8] = 1;
  packet[9] = 1;
  packet.writeUInt16LE(skip, 10);
  packet.writeUInt32LE(rate, 12);
  return oggPage({ serial, sequence: 0, granule: 0, packets: [packet], isFirst: true });
}

function tags(serial: number): Uint8Array {
  const vendor = 'Parley';
  const packet = Buffer.alloc(16 + vendor.length);
  packet.write('OpusTags');
  packet.writeUInt32LE(vendor.length, 8);
  packet.write(vendor, 12);
  return oggPage({ serial, sequence: 1, granule: 0, packets: [packet] });
}
