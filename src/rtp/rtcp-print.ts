import type { Bye, Description, OtherRtcp, ReceiverReport, ReportBlock, RtcpPacket, SenderReport } from './rtcp.ts';
import { type ExtendedReport, extendedReportLength, writeExtendedReport, XR } from './voip-metrics.ts';

type Printable = Exclude<RtcpPacket, OtherRtcp>;

const encoder = new TextEncoder();
const utf8 = (text: string): Uint8Array => encoder.encode(text).subarray(0, 255);
const noItem = new Uint8Array(0);
const toWords = (length: number): number => (length + 3) & ~3;

/** A packet with its common header; `length` is a multiple of four, header included. */
function packet(payloadType: number, count: number, length: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, payloadType);
  view.setUint16(2, length / 4 - 1);
  return { bytes, view };
}

function writeBlocks(view: DataView, at: number, blocks: readonly ReportBlock[]): void {
  blocks.forEach((block, index) => {
    const start = at + index * 24;
    view.setUint32(start, block.ssrc);
    view.setUint32(start + 4, ((block.fractionLost << 24) | (block.lost & 0xffffff)) >>> 0);
    view.setUint32(start + 8, block.extendedHighest);
    view.setUint32(start + 12, block.jitter);
    view.setUint32(start + 16, block.lastSenderReport);
    view.setUint32(start + 20, block.delaySinceSenderReport);
  });
}

function printSenderReport({ ssrc, ntp, timestamp, packets, octets, blocks }: SenderReport): Uint8Array {
  const { bytes, view } = packet(200, blocks.length, 28 + blocks.length * 24);
  [ssrc, ntp.seconds, ntp.fraction, timestamp, packets, octets].forEach((value, index) => {
    view.setUint32(4 + index * 4, value);
  });
  writeBlocks(view, 28, blocks);
  return bytes;
}

function printReceiverReport({ ssrc, blocks }: ReceiverReport): Uint8Array {
  const { bytes, view } = packet(201, blocks.length, 8 + blocks.length * 24);
  view.setUint32(4, ssrc);
  writeBlocks(view, 8, blocks);
  return bytes;
}

/** CNAME is item 1. */
function itemOf(cname: string): Uint8Array {
  const text = utf8(cname);
  const item = new Uint8Array(2 + text.length);
  item[0] = 1;
  item[1] = text.length;
  item.set(text, 2);
  return item;
}

function printDescription({ chunks }: Description): Uint8Array {
  const items = chunks.map(({ cname }) => (cname === undefined ? noItem : itemOf(cname)));
  // At least one zero byte ends the items of a chunk.
  const length = items.reduce((sum, item) => sum + 4 + toWords(item.length + 1), 4);
  const { bytes, view } = packet(202, chunks.length, length);
  let at = 4;
  chunks.forEach(({ ssrc }, index) => {
    view.setUint32(at, ssrc);
    bytes.set(items[index]!, at + 4);
    at += 4 + toWords(items[index]!.length + 1);
  });
  return bytes;
}

function printBye({ ssrcs, reason }: Bye): Uint8Array {
  const text = reason === undefined ? undefined : utf8(reason);
  const { bytes, view } = packet(203, ssrcs.length, 4 + ssrcs.length * 4 + (text === undefined ? 0 : toWords(text.length + 1)));
  ssrcs.forEach((ssrc, index) => {
    view.setUint32(4 + index * 4, ssrc);
  });
  if (text !== undefined) {
    bytes[4 + ssrcs.length * 4] = text.length;
    bytes.set(text, 5 + ssrcs.length * 4);
  }
  return bytes;
}

function printExtendedReport(report: ExtendedReport): Uint8Array {
  const { bytes, view } = packet(XR, 0, extendedReportLength(report));
  writeExtendedReport(view, report);
  return bytes;
}

function print(each: Printable): Uint8Array {
  switch (each.type) {
    case 'sender-report':
      return printSenderReport(each);
    case 'receiver-report':
      return printReceiverReport(each);
    case 'description':
      return printDescription(each);
    case 'bye':
      return printBye(each);
    case 'extended-report':
      return printExtendedReport(each);
  }
}

/** The bytes of a compound packet. It should begin with a report (RFC 3550 §6.1); at most 31 blocks, chunks or SSRCs each. */
export function printRtcp(packets: readonly Printable[]): Uint8Array {
  const printed = packets.map(print);
  const bytes = new Uint8Array(printed.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of printed) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}
