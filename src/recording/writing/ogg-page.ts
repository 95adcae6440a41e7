/** Pages of Ogg (RFC 3533 §6). */

/** RFC 3533 §6: the polynomial 0x04c11db7, not mirrored, from 0. */
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000_0000 ? (value << 1) ^ 0x04c1_1db7 : value << 1;
  return value >>> 0;
});

/** The check sum of a page whose own field for it counts as 0. */
export function pageSum(bytes: Uint8Array, at = 0, length = bytes.length - at): number {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : bytes[at + i]!;
    sum = (sum << 8) ^ TABLE[((sum >>> 24) ^ byte) & 0xff]!;
  }
  return sum >>> 0;
}

const HEAD = 27;
const FIRST = 2;
const LAST = 4;

/** A page to be written. */
export interface OggPage {
  readonly serial: number;
  readonly sequence: number;
  /** Of Opus: samples of 48 kHz up to the end of the page, with those before the sound (RFC 7845 §4). */
  readonly granule: number;
  readonly packets: readonly Uint8Array[];
  readonly isFirst?: boolean;
  readonly isLast?: boolean;
}

/** Lacing values that a packet needs. */
export const segmentsOf = (packet: Uint8Array): number => Math.floor(packet.length / 255) + 1;

/** The bytes of a page. Its packets need at most 255 lacing values. */
export function oggPage({ serial, sequence, granule, packets, isFirst = false, isLast = false }: OggPage): Uint8Array {
  const segments = packets.reduce((sum, packet) => sum + segmentsOf(packet), 0);
  if (segments > 255) throw new RangeError('too much for one page');
  const bytes = new Uint8Array(HEAD + segments + packets.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53, 0, (isFirst ? FIRST : 0) | (isLast ? LAST : 0)]);
  view.setBigInt64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  bytes[26] = segments;
  let lace = HEAD;
  let at = HEAD + segments;
  for (const packet of packets) {
    bytes.fill(255, lace, lace + segmentsOf(packet) - 1);
    lace += segmentsOf(packet);
    bytes[lace - 1] = packet.length % 255;
    bytes.set(packet, at);
    at += packet.length;
  }
  view.setUint32(22, pageSum(bytes), true);
  return bytes;
}

/** What a whole and right page says of itself. */
export interface ReadPage {
  readonly bytes: number;
  readonly serial: number;
  readonly sequence: number;
  readonly granule: number;
  /** Packets that end in it. */
  readonly packets: number;
  readonly isLast: boolean;
}

/** Reads the page that begins there. Undefined: there is none, it is cut off, or its sum is wrong. */
export function readPage(bytes: Uint8Array, at: number): ReadPage | undefined {
  if (at + HEAD > bytes.length || bytes[at] !== 0x4f || bytes[at + 1] !== 0x67 || bytes[at + 2] !== 0x67 || bytes[at + 3] !== 0x53)
    return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const segments = view.getUint8(26);
  if (HEAD + segments > view.byteLength) return undefined;
  let length = HEAD + segments;
  let packets = 0;
  for (let i = 0; i < segments; i++) {
    const lace = view.getUint8(HEAD + i);
    length += lace;
    if (lace < 255) packets += 1;
  }
  if (length > view.byteLength || view.getUint32(22, true) !== pageSum(bytes, at, length)) return undefined;
  const granule = Number(view.getBigInt64(6, true));
  return {
    bytes: length,
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    granule,
    packets,
    isLast: (view.getUint8(5) & LAST) !== 0,
  };
}
