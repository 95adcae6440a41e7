import type { Malformed } from './malformed.ts';
import { type ExtendedReport, readExtendedReport, XR } from './voip-metrics.ts';

/** What a receiver tells about one sender, RFC 3550 §6.4.1. */
export interface ReportBlock {
  readonly ssrc: number;
  /** In 256ths, since the last report. */
  readonly fractionLost: number;
  /** Since the beginning, 24 bits with sign. */
  readonly lost: number;
  readonly extendedHighest: number;
  /** Timestamp units. */
  readonly jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report; 0: none came. */
  readonly lastSenderReport: number;
  /** Units of 1/65536 s. */
  readonly delaySinceSenderReport: number;
}

/** An NTP timestamp: seconds since 1900 and their fraction in units of 2^-32 s. */
export interface Ntp {
  readonly seconds: number;
  readonly fraction: number;
}

export interface SenderReport {
  readonly type: 'sender-report';
  readonly ssrc: number;
  readonly ntp: Ntp;
  readonly timestamp: number;
  readonly packets: number;
  readonly octets: number;
  readonly blocks: readonly ReportBlock[];
}

export interface ReceiverReport {
  readonly type: 'receiver-report';
  readonly ssrc: number;
  readonly blocks: readonly ReportBlock[];
}

/** Source description; of its items only the CNAME. */
export interface Description {
  readonly type: 'description';
  readonly chunks: readonly { readonly ssrc: number; readonly cname: string | undefined }[];
}

export interface Bye {
  readonly type: 'bye';
  readonly ssrcs: readonly number[];
  readonly reason: string | undefined;
}

/** A packet of a type that is not read (APP, feedback). */
export interface OtherRtcp {
  readonly type: 'other';
  readonly payloadType: number;
}

export type RtcpPacket = SenderReport | ReceiverReport | Description | Bye | ExtendedReport | OtherRtcp;

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const CNAME = 1;
const BLOCK = 24;
/** Seconds from 1900 to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** RTCP among RTP on one port: packet types 192 … 223 (RFC 5761 §4). */
export function isRtcp(bytes: Uint8Array, at: number, length: number): boolean {
  return length >= 4 && bytes[at]! >> 6 === 2 && bytes[at + 1]! >= 192 && bytes[at + 1]! <= 223;
}

/** The NTP time of epoch ms. */
export function ntpOf(epochMs: number): Ntp {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds: (seconds + NTP_EPOCH) >>> 0, fraction: Math.floor(((epochMs - seconds * 1000) / 1000) * 2 ** 32) >>> 0 };
}

/** The middle 32 bits of an NTP time: units of 1/65536 s. */
export const middleOfNtp = ({ seconds, fraction }: Ntp): number => ((seconds << 16) | (fraction >>> 16)) >>> 0;

/** The way there and back that a report block tells (RFC 3550 §6.4.1), ms; undefined when the far end saw no report of ours. */
export function roundTripMs(block: ReportBlock, nowEpochMs: number): number | undefined {
  if (block.lastSenderReport === 0) return undefined;
  const trip = (middleOfNtp(ntpOf(nowEpochMs)) - block.lastSenderReport - block.delaySinceSenderReport) | 0;
  return Math.max(0, trip / 65.536);
}

function readBlocks(view: DataView, at: number, count: number): ReportBlock[] {
  return Array.from({ length: count }, (_, index) => {
    const start = at + index * BLOCK;
    return {
      ssrc: view.getUint32(start),
      fractionLost: view.getUint8(start + 4),
      lost: (view.getInt32(start + 4) << 8) >> 8,
      extendedHighest: view.getUint32(start + 8),
      jitter: view.getUint32(start + 12),
      lastSenderReport: view.getUint32(start + 16),
      delaySinceSenderReport: view.getUint32(start + 20),
    };
  });
}

/** The CNAME among the items of a chunk, and where the next chunk begins. */
function readItems(view: DataView, start: number, end: number): { cname: string | undefined; next: number } | undefined {
  let cname: string | undefined;
  for (let at = start; at < end; ) {
    const kind = view.getUint8(at);
    if (kind === 0) return { cname, next: start + (((at - start) >> 2) + 1) * 4 };
    const length = at + 1 < end ? view.getUint8(at + 1) : end;
    if (at + 2 + length > end) return undefined;
    if (kind === CNAME) cname = textAt(view, at + 2, length);
    at += 2 + length;
  }
  return undefined;
}

const textAt = (view: DataView, at: number, length: number): string =>
  new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));

function readDescription(view: DataView, at: number, end: number, count: number): Description | undefined {
  const chunks: Description['chunks'][number][] = [];
  let next = at;
  for (let index = 0; index < count; index++) {
    if (next + 8 > end) return undefined;
    const items = readItems(view, next + 4, end);
    if (items === undefined || items.next > end) return undefined;
    chunks.push({ ssrc: view.getUint32(next), cname: items.cname });
    next = items.next;
  }
  return { type: 'description', chunks };
}

function readBye(view: DataView, at: number, end: number, count: number): Bye | undefined {
  const text = at + count * 4;
  if (text > end) return undefined;
  const ssrcs = Array.from({ length: count }, (_, index) => view.getUint32(at + index * 4));
  const length = text < end ? view.getUint8(text) : 0;
  if (length > 0 && text + 1 + length > end) return undefined;
  return { type: 'bye', ssrcs, reason: length > 0 ? textAt(view, text + 1, length) : undefined };
}

/** One packet of a compound; `at` is behind its first word. */
function readBody(view: DataView, at: number, end: number, count: number): RtcpPacket | undefined {
  const type = view.getUint8(at - 3);
  if (type === SR) {
    if (at + 24 + count * BLOCK > end) return undefined;
    return {
      type: 'sender-report',
      ssrc: view.getUint32(at),
      ntp: { seconds: view.getUint32(at + 4), fraction: view.getUint32(at + 8) },
      timestamp: view.getUint32(at + 12),
      packets: view.getUint32(at + 16),
      octets: view.getUint32(at + 20),
      blocks: readBlocks(view, at + 24, count),
    };
  }
  if (type === RR) {
    if (at + 4 + count * BLOCK > end) return undefined;
    return { type: 'receiver-report', ssrc: view.getUint32(at), blocks: readBlocks(view, at + 4, count) };
  }
  if (type === SDES) return readDescription(view, at, end, count);
  if (type === BYE) return readBye(view, at, end, count);
  if (type === XR) return readExtendedReport(view, at, end);
  return { type: 'other', payloadType: type };
}

/** The checks of A.2 for the packet that begins at `at`; a reason, or nothing. */
function misfit(view: DataView, at: number): string | undefined {
  if (at + 4 > view.byteLength) return 'short';
  const first = view.getUint8(at);
  const end = endOf(view, at);
  if (first >> 6 !== 2) return 'version';
  if (end > view.byteLength) return 'length';
  if ((first & 0x20) === 0) return undefined;
  const padding = view.getUint8(end - 1);
  return at === 0 || end < view.byteLength || padding === 0 || at + 4 + padding > end ? 'padding' : undefined;
}

const endOf = (view: DataView, at: number): number => at + 4 + view.getUint16(at + 2) * 4;

/** Reads a compound packet after the checks of RFC 3550 A.2: it begins with a report, only the last one is padded, the lengths add up. */
export function parseRtcp(bytes: Uint8Array): readonly RtcpPacket[] | Malformed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return { malformed: 'short', at: 0 };
  if (bytes[1] !== SR && bytes[1] !== RR) return { malformed: 'first', at: 1 };
  const packets: RtcpPacket[] = [];
  for (let at = 0; at < bytes.length; at = endOf(view, at)) {
    const malformed = misfit(view, at);
    if (malformed !== undefined) return { malformed, at };
    const first = view.getUint8(at);
    const end = endOf(view, at);
    const padding = (first & 0x20) === 0 ? 0 : view.getUint8(end - 1);
    const packet = readBody(view, at + 4, end - padding, first & 31);
    if (packet === undefined) return { malformed: 'body', at };
    packets.push(packet);
  }
  return packets;
}
