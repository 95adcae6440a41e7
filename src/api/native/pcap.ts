import type { CallTrace, TracedMessage, TraceEnd } from '../../conference/index.ts';
import type { SeenHeader } from '../options.ts';

/** Microseconds, big enough packets, raw IP (https://www.tcpdump.org/linktypes.html, LINKTYPE_RAW). */
const MAGIC = 0xa1b2c3d4;
const LONGEST = 65_535;
const RAW_IP = 101;

/** An IPv4 address as 4 bytes, an IPv6 one as 16. */
function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.', 4).map(Number));
  const url = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const [head = '', tail] = url.split('::');
  const words = (part: string): readonly number[] => (part === '' ? [] : part.split(':').map((each) => Number.parseInt(each, 16)));
  const [front, back] = [words(head), words(tail ?? '')];
  const all = tail === undefined ? front : [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  const bytes = Buffer.alloc(16);
  for (const [index, word] of all.entries()) bytes.writeUInt16BE(word, 2 * index);
  return bytes;
}

/** The Internet checksum (RFC 1071). */
function checksum(...parts: readonly Buffer[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** `cut`: bytes behind the payload that are not shown; their checksum cannot be either. */
function udp(from: TraceEnd, to: TraceEnd, { payload, cut }: Sent): Buffer {
  const [source, target] = [bytesOf(from.address), bytesOf(to.address)];
  const head = Buffer.alloc(8);
  head.writeUInt16BE(from.port, 0);
  head.writeUInt16BE(to.port, 2);
  head.writeUInt16BE(8 + payload.length + cut, 4);
  if (cut > 0) return Buffer.concat([head, payload]);
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt8(17, 1);
  pseudo.writeUInt16BE(8 + payload.length, 2);
  head.writeUInt16BE(checksum(source, target, pseudo, head, payload) || 0xffff, 6);
  return Buffer.concat([head, payload]);
}

/** IPv4 (RFC 791) or IPv6 (RFC 8200) around a datagram. */
function ip(from: TraceEnd, to: TraceEnd, sent: Sent): Buffer {
  const datagram = udp(from, to, sent);
  const length = datagram.length + sent.cut;
  const [source, target] = [bytesOf(from.address), bytesOf(to.address)];
  if (source.length === 16) {
    const head = Buffer.alloc(8);
    head.writeUInt8(0x60, 0);
    head.writeUInt16BE(length, 4);
    head.writeUInt8(17, 6);
    head.writeUInt8(64, 7);
    return Buffer.concat([head, source, target, datagram]);
  }
  const head = Buffer.alloc(12);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(20 + length, 2);
  head.writeUInt16BE(0x4000, 6);
  head.writeUInt8(64, 8);
  head.writeUInt8(17, 9);
  head.writeUInt16BE(checksum(head, source, target), 10);
  return Buffer.concat([head, source, target, datagram]);
}

/** Both ends are of one family: what comes from the other one is shown as from `::`. */
const alike = (end: TraceEnd, isSix: boolean): TraceEnd =>
  end.address.includes(':') === isSix ? end : { address: isSix ? '::' : '0.0.0.0', port: end.port };

/** What is in a datagram, and how many bytes of it are not shown. */
interface Sent {
  readonly payload: Buffer;
  readonly cut: number;
}

function packet(at: number, frame: Buffer, cut: number): Buffer {
  const head = Buffer.alloc(16);
  const micros = Math.round(at * 1000);
  head.writeUInt32BE(Math.floor(micros / 1_000_000), 0);
  head.writeUInt32BE(micros % 1_000_000, 4);
  head.writeUInt32BE(frame.length, 8);
  head.writeUInt32BE(frame.length + cut, 12);
  return Buffer.concat([head, frame]);
}

/** From whom to whom, of one family. */
function ends({ sent, ours, far }: Pick<TracedMessage, 'sent' | 'ours' | 'far'>): [TraceEnd, TraceEnd] {
  const own = alike(ours, far.address.includes(':'));
  return sent ? [own, far] : [far, own];
}

function messagePacket(message: TracedMessage): readonly [number, Buffer] {
  return [message.at, packet(message.at, ip(...ends(message), { payload: Buffer.from(message.text), cut: 0 }), 0)];
}

/** The headers of RTP packets, and the ends between which they went. */
export interface RtpTrace {
  readonly ours: TraceEnd;
  readonly far: TraceEnd;
  readonly packets: readonly SeenHeader[];
}

/** The fixed part of an RTP header (RFC 3550 §5.1); what follows it is not shown: it is what somebody says, or the keys that he presses. */
function rtpPacket({ at, sent, marker, payloadType, sequence, timestamp, ssrc, length: cut }: SeenHeader, trace: RtpTrace) {
  const payload = Buffer.alloc(12);
  payload.writeUInt8(0x80, 0);
  payload.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
  payload.writeUInt16BE(sequence, 2);
  payload.writeUInt32BE(timestamp, 4);
  payload.writeUInt32BE(ssrc, 8);
  return [at, packet(at, ip(...ends({ ...trace, sent }), { payload, cut }), cut)] as const;
}

/** The messages of a trace as a capture file, as Wireshark and sngrep read it: each in a UDP datagram, whatever it really came by. */
export function pcapOf({ messages }: Pick<CallTrace, 'messages'>, rtp?: RtpTrace): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32BE(MAGIC, 0);
  head.writeUInt16BE(2, 4);
  head.writeUInt16BE(4, 6);
  head.writeUInt32BE(LONGEST, 16);
  head.writeUInt32BE(RAW_IP, 20);
  const sound = rtp?.packets.map((each) => rtpPacket(each, rtp)) ?? [];
  const all = [...messages.map(messagePacket), ...sound].sort(([one], [other]) => one - other);
  return Buffer.concat([head, ...all.map(([, bytes]) => bytes)]);
}
