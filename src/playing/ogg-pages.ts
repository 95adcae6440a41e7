import type { ByteStream } from './byte-stream.ts';

/** A page of an Ogg stream, RFC 3533 §6. */
export interface OggPage {
  readonly serial: number;
  readonly sequence: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** The packet before goes on in this page. */
  readonly isContinued: boolean;
  /** Samples at 48 kHz up to the last packet that ends here (RFC 7845 §4); -1: none ends. */
  readonly granule: number;
  /** Pieces of packets; all but perhaps the last are ends of packets. */
  readonly pieces: readonly Uint8Array[];
  /** The last piece goes on in the next page. */
  readonly isOpen: boolean;
}

const HEADER = 27;
/** So far it is looked for the next page at once. */
const LOOK = 4096;
const MARK = [0x4f, 0x67, 0x67, 0x53];
const POLYNOMIAL = 0x04c1_1db7;

/** RFC 3533 §6: the CRC runs from the highest bit, begins with 0 and is not inverted. */
const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/** The checksum of a page whose own checksum counts as 0. */
export function oggCrc(page: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < page.length; at++) {
    const byte = at >= 22 && at < 26 ? 0 : page[at]!;
    crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 0xff]!;
  }
  return crc >>> 0;
}

/** Goes to the next page and takes it; what is no page, or broken, is skipped. Undefined: the end. `torn`: the bytes end within a page. */
export async function nextPage(bytes: ByteStream): Promise<OggPage | 'torn' | undefined> {
  while (await bytes.has(HEADER)) {
    if (!isMark(bytes.peek(4))) {
      const next = bytes.peek(LOOK).indexOf(MARK[0]!, 1);
      bytes.take(next < 0 ? bytes.peek(LOOK).length : next);
      continue;
    }
    const length = await pageLength(bytes);
    if (length === undefined || !(await bytes.has(length))) return 'torn';
    const page = bytes.peek(length);
    if (new DataView(page.buffer, page.byteOffset).getUint32(22, true) === oggCrc(page)) return readPage(bytes.take(length).slice());
    bytes.take(1);
  }
  return bytes.waiting === 0 ? undefined : 'torn';
}

/** Header, table of segments and segments; undefined: the table is cut off. */
async function pageLength(bytes: ByteStream): Promise<number | undefined> {
  const head = HEADER + bytes.peek(HEADER)[26]!;
  if (!(await bytes.has(head))) return undefined;
  return bytes
    .peek(head)
    .subarray(HEADER)
    .reduce((sum, each) => sum + each, head);
}

const isMark = (bytes: Uint8Array): boolean => MARK.every((each, index) => bytes[index] === each);

function readPage(page: Uint8Array): OggPage {
  const lacing = page.subarray(HEADER, HEADER + page[26]!);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const flags = page[5]!;
  const pieces: Uint8Array[] = [];
  let from = HEADER + lacing.length;
  let to = from;
  for (const length of lacing) {
    to += length;
    if (length === 255) continue;
    pieces.push(page.subarray(from, to));
    from = to;
  }
  const isOpen = to > from || lacing.at(-1) === 255;
  if (isOpen) pieces.push(page.subarray(from, to));
  return {
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    granule: Number(view.getBigInt64(6, true)),
    pieces,
    isOpen,
  };
}
