import type { Malformed } from './malformed.ts';

/** Why a packet was not read. */
export type RtpReason = 'none' | 'short' | 'version' | 'csrc' | 'extension' | 'padding';

/** The fixed part of an RTP header, RFC 3550 §5.1. */
export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** A whole packet as a plain value, for tests and tools. The media tick uses `RtpView`. */
export interface RtpPacket extends RtpHeader {
  readonly payload: Uint8Array;
}

const HEADER = 12;
/** The profile of elements with a header of one byte, RFC 8285 §4.2. */
const ONE_BYTE = 0xbede;
/** The profile of elements with a header of two bytes; its last four bits are the application's, RFC 8285 §4.3. */
const TWO_BYTE = 0x1000;
const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
const half = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** One packet seen in place; one object is read into again and again. Fields are valid after `read` returned true. */
export class RtpView {
  reason: RtpReason = 'none';
  version = 2;
  marker = false;
  payloadType = 0;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** Offset of the payload in the same bytes. */
  payloadAt = 0;
  payloadLength = 0;
  /** Offset of the elements of a header extension, RFC 3550 §5.3.1; `extensionLength` is 0 when there is none. */
  extensionAt = 0;
  extensionLength = 0;
  /** The 16 bits that tell the kind of the extension; 0xbede: elements with a header of one byte, RFC 8285 §4.2. */
  extensionProfile = 0;
  /** After `audioLevel`: the sender says that this packet is voice, RFC 6464 §3. */
  voice = false;

  /** Reads `length` bytes from `at`. Padding, CSRCs and a header extension are skipped. False: see `reason`. */
  read(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < HEADER || at < 0 || at + length > bytes.length) return this.#refuse('short');
    const first = bytes[at]!;
    this.version = first >> 6;
    if (this.version !== 2) return this.#refuse('version');
    const second = bytes[at + 1]!;
    this.marker = (second & 0x80) !== 0;
    this.payloadType = second & 0x7f;
    this.sequence = half(bytes, at + 2);
    this.timestamp = word(bytes, at + 4);
    this.ssrc = word(bytes, at + 8);
    const end = at + length;
    let payload = at + HEADER + (first & 15) * 4;
    if (payload > end) return this.#refuse('csrc');
    this.extensionLength = 0;
    if ((first & 0x10) !== 0) {
      if (payload + 4 > end) return this.#refuse('extension');
      const extension = payload + 4;
      const length = half(bytes, payload + 2) * 4;
      if (extension + length > end) return this.#refuse('extension');
      this.extensionAt = extension;
      this.extensionLength = length;
      this.extensionProfile = half(bytes, payload);
      payload = extension + length;
    }
    const padding = (first & 0x20) === 0 ? 0 : bytes[end - 1]!;
    if ((first & 0x20) !== 0 && (padding === 0 || payload + padding > end)) return this.#refuse('padding');
    this.payloadAt = payload;
    this.payloadLength = end - padding - payload;
    this.reason = 'none';
    return true;
  }

  /** Where the first byte of the data of a header extension element is, RFC 8285 §4.2 and §4.3; -1: this packet has none of this id. */
  element(bytes: Uint8Array, id: number): number {
    if (this.extensionLength === 0) return -1;
    if (this.extensionProfile === ONE_BYTE) return this.#shortElement(bytes, id);
    return (this.extensionProfile & 0xfff0) === TWO_BYTE ? this.#longElement(bytes, id) : -1;
  }

  /** How loud the sender says this packet is, RFC 6464: 0 (loudest) to 127 (silence), in -dBov; -1: he does not say. Sets `voice`. */
  audioLevel(bytes: Uint8Array, id: number): number {
    const at = this.extensionLength === 0 ? -1 : this.element(bytes, id);
    if (at < 0) return -1;
    this.voice = (bytes[at]! & 0x80) !== 0;
    return bytes[at]! & 0x7f;
  }

  #shortElement(bytes: Uint8Array, id: number): number {
    const end = this.extensionAt + this.extensionLength;
    for (let at = this.extensionAt; at < end; ) {
      const first = bytes[at]!;
      const next = first === 0 ? at + 1 : at + 2 + (first & 15);
      // A zero byte is padding; id 15 means: read no further.
      if (first >> 4 === 15 || next > end) return -1;
      if (first !== 0 && first >> 4 === id) return at + 1;
      at = next;
    }
    return -1;
  }

  #longElement(bytes: Uint8Array, id: number): number {
    const end = this.extensionAt + this.extensionLength;
    for (let at = this.extensionAt; at + 1 < end; ) {
      const found = bytes[at]!;
      const next = found === 0 ? at + 1 : at + 2 + bytes[at + 1]!;
      if (next > end) return -1;
      // An element without data says nothing.
      if (found !== 0 && found === id) return next > at + 2 ? at + 2 : -1;
      at = next;
    }
    return -1;
  }

  #refuse(reason: RtpReason): false {
    this.reason = reason;
    this.payloadLength = 0;
    this.extensionLength = 0;
    return false;
  }
}

/** Writes the twelve bytes of a header and returns their number. Nothing is kept, so one header object may be changed and given again. */
export function writeHeader(bytes: Uint8Array, at: number, header: RtpHeader): number {
  const { sequence, timestamp, ssrc } = header;
  bytes[at] = 0x80;
  bytes[at + 1] = (header.marker ? 0x80 : 0) | (header.payloadType & 0x7f);
  bytes[at + 2] = sequence >>> 8;
  bytes[at + 3] = sequence;
  bytes[at + 4] = timestamp >>> 24;
  bytes[at + 5] = timestamp >>> 16;
  bytes[at + 6] = timestamp >>> 8;
  bytes[at + 7] = timestamp;
  bytes[at + 8] = ssrc >>> 24;
  bytes[at + 9] = ssrc >>> 16;
  bytes[at + 10] = ssrc >>> 8;
  bytes[at + 11] = ssrc;
  return HEADER;
}

/** A packet as a value; its payload is a copy. */
export function parseRtp(bytes: Uint8Array): RtpPacket | Malformed {
  const view = new RtpView();
  if (!view.read(bytes, 0, bytes.length)) return { malformed: view.reason, at: 0 };
  const { marker, payloadType, sequence, timestamp, ssrc, payloadAt, payloadLength } = view;
  return { marker, payloadType, sequence, timestamp, ssrc, payload: bytes.slice(payloadAt, payloadAt + payloadLength) };
}

/** The bytes of a packet, without CSRCs, extension and padding. */
export function printRtp(packet: RtpPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER + packet.payload.length);
  writeHeader(bytes, 0, packet);
  bytes.set(packet.payload, HEADER);
  return bytes;
}
