import { type SrtpSender, writeHeader } from '../../rtp/index.ts';
import { FRAMES, specOf } from './codec.ts';
import type { Ear } from './ear.ts';
import type { HeaderLog } from './header-log.ts';
import type { LegState, ThreadCodec } from './messages.ts';
import type { Destination, SocketPort } from './socket-port.ts';

/** Bytes of the longest packet that is put together from frames: 120 ms of L16 at 16 kHz. What is longer is sent in shorter packets. */
const LONGEST = 3840;
/** Bytes of payload that one packet may have. */
const FITTING = 1400;
/** Level of a key's tones, -dBm0. */
const EVENT_VOLUME = 10;

/** One packet about a key; times in units of the timestamp. */
export interface EventPacket {
  readonly payloadType: number;
  readonly event: number;
  readonly marker: boolean;
  readonly end: boolean;
  readonly time: number;
  readonly duration: number;
}

/** Of the packet that is being written. */
const header = { marker: true, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 };

/** The RTP stream from us to one far end, RFC 3550 §5.1: numbers, times, and packets of the agreed length. */
export class RtpSender {
  sequence: number;
  packets = 0;
  octets = 0;
  /** Null: in the clear. */
  security: SrtpSender | null = null;
  /** Of the packets both ways; null: nobody looks. */
  log: HeaderLog | null = null;
  readonly #port: SocketPort;
  /** As signed words: those are kept in the object itself, larger numbers behind a pointer. */
  readonly #ssrc: number;
  #time: number;
  #marker = true;
  #payloadType = 0;
  /** Units of the timestamp in 20 ms, in a byte, in a packet. */
  #units = 160;
  #unitsOfByte = 1;
  #unitsOfPacket = 160;
  /** Bytes of a packet that is not simply one frame; 0: it is. */
  #size = 0;
  #pending: Uint8Array | null = null;
  #pendingLength = 0;

  constructor(
    port: SocketPort,
    { ssrc, sequence, timestamp, state }: { ssrc: number; sequence: number; timestamp: number; state?: LegState | undefined },
  ) {
    this.#port = port;
    this.#ssrc = ssrc | 0;
    this.sequence = sequence;
    this.#time = timestamp | 0;
    if (state === undefined) return;
    this.#marker = false;
    this.packets = state.counts.packetsOut;
    this.octets = state.counts.octetsOut;
  }

  get ssrc(): number {
    return this.#ssrc >>> 0;
  }

  /** Of the next packet. */
  get timestamp(): number {
    return this.#time >>> 0;
  }

  /** What is sent from now on. */
  agree(codec: ThreadCodec, packetMs: number): void {
    const { name, rate, clockRate } = specOf(codec);
    this.#payloadType = codec.payloadType;
    this.#units = clockRate / FRAMES;
    this.#unitsOfPacket = (clockRate / 1000) * packetMs;
    this.#unitsOfByte = name === 'L16' ? 0.5 : 1;
    const bytes = (this.#unitsOfPacket / this.#unitsOfByte) | 0;
    const frame = name === 'L16' ? (2 * rate) / FRAMES : this.#units;
    this.#size = name === 'opus' || (bytes === frame && bytes <= FITTING) ? 0 : Math.min(bytes, FITTING & ~3);
    this.#pendingLength = 0;
    this.#pending = this.#size === 0 ? null : new Uint8Array(LONGEST);
  }

  /** The next packet begins something new: it is marked. */
  mark(): void {
    this.#marker = true;
  }

  /** What an ear made of this tick. */
  send(ear: Ear, destination: Destination): void {
    if (ear.isPacketed) {
      for (let packet = 0; packet < ear.packets; packet++) this.#packetOf(ear, packet, destination);
      return;
    }
    const length = ear.lengths[0]!;
    const pending = this.#pending;
    if (pending === null) {
      this.#packet(ear.bytes, 0, length, destination);
      return;
    }
    copy(ear.bytes, 0, pending, this.#pendingLength, length);
    this.#pendingLength += length;
    let at = 0;
    for (; this.#pendingLength - at >= this.#size; at += this.#size) this.#packet(pending, at, this.#size, destination);
    if (at > 0) {
      pending.copyWithin(0, at, this.#pendingLength);
      this.#pendingLength -= at;
    }
  }

  /** So many frames pass without packets; what waited for a longer packet belongs to the past. */
  skip(frames: number): void {
    this.#time = (this.#time + this.#pendingLength * this.#unitsOfByte + frames * this.#units) | 0;
    this.#pendingLength = 0;
  }

  /** A packet of an event (RFC 4733 §2.3); time does not go on by it. */
  event({ payloadType, event, marker, end, time, duration }: EventPacket, destination: Destination): void {
    const port = this.#port;
    const place = port.reserve();
    header.marker = marker;
    header.payloadType = payloadType;
    header.sequence = this.sequence;
    header.timestamp = time | 0;
    header.ssrc = this.#ssrc;
    const begin = place + writeHeader(port.out, place, header);
    port.out[begin] = event;
    port.out[begin + 1] = (end ? 0x80 : 0) | EVENT_VOLUME;
    port.out[begin + 2] = duration >> 8;
    port.out[begin + 3] = duration & 0xff;
    const whole = begin - place + 4;
    port.commit(destination, this.security === null ? whole : this.security.protect(port.out, place, whole));
    if (this.log !== null) this.log.goes(header, 4);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.packets += 1;
    this.octets += 4;
  }

  #packetOf(ear: Ear, packet: number, destination: Destination): void {
    const length = ear.lengths[packet]!;
    if (length > 0) this.#packet(ear.bytes, ear.begin(packet), length, destination);
    else {
      // Silence that is not sent: time goes on, and the sound after it is marked (RFC 3551 §4.1).
      this.#time = (this.#time + this.#unitsOfPacket) | 0;
      this.#marker = true;
    }
  }

  /** Positional, because it runs for every packet. */
  #packet(payload: Uint8Array, at: number, length: number, destination: Destination): void {
    const port = this.#port;
    const place = port.reserve();
    header.marker = this.#marker;
    header.payloadType = this.#payloadType;
    header.sequence = this.sequence;
    header.timestamp = this.#time;
    header.ssrc = this.#ssrc;
    const begin = place + writeHeader(port.out, place, header);
    copy(payload, at, port.out, begin, length);
    const whole = begin - place + length;
    port.commit(destination, this.security === null ? whole : this.security.protect(port.out, place, whole));
    if (this.log !== null) this.log.goes(header, length);
    this.#marker = false;
    this.sequence = (this.sequence + 1) & 0xffff;
    this.#time = (this.#time + (this.#size === 0 ? this.#unitsOfPacket : length * this.#unitsOfByte)) | 0;
    this.packets += 1;
    this.octets += length;
  }
}

/** Without the object that `subarray` would make. Positional, because it runs for every packet. */
function copy(from: Uint8Array, at: number, to: Uint8Array, place: number, length: number): void {
  if (at === 0 && length === from.length) to.set(from, place);
  else for (let index = 0; index < length; index++) to[place + index] = from[at + index]!;
}
