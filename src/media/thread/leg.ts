import { encodeAlaw, encodeUlaw } from '../../audio/index.ts';
import { DigitReceiver, ReceiveStatistics, type RtpView, writeHeader } from '../../rtp/index.ts';
import type { Signal, ThreadChange, ThreadCodec, ThreadDirection, ThreadLeg } from './messages.ts';
import type { Destination, SocketPort } from './socket-port.ts';
import { LONGEST, SAMPLES, Voice } from './voice.ts';

/** At most five levels a second. */
const LEVEL_EVERY = 200;
/** A source may move only when the old one has been silent for so long, ms. */
export const SILENT_BEFORE_MOVE = 200;
/** Takes between two looks at whether the far end has fallen silent. */
const LOOK_EVERY = 16;

/** The ports that a leg sends from. */
export interface LegPorts {
  readonly rtp: SocketPort;
  readonly rtcp: SocketPort;
}

/** One far end: what comes from it and what goes to it. Knows no other leg. */
export class Leg {
  readonly id: string;
  readonly room: string;
  readonly pair: LegPorts;
  readonly ssrc: number;
  readonly cname: string;
  /** What it hears if nobody else hears the same, encoded. */
  readonly own = new Uint8Array(SAMPLES);
  /** What is to be sent in this tick; null: nothing. */
  due: Uint8Array | null = null;
  codec: ThreadCodec | null = null;
  telephoneEvent: number | null = null;
  direction: ThreadDirection = 'sendrecv';
  /** Where packets go: what signalling said, or where the far end really is. */
  destination: Destination | null = null;
  rtcp: Destination | null = null;
  remote: ThreadChange['remote'] | null = null;
  /** Address of the expected far end before anything is known for certain. */
  expected: Destination | null = null;
  /** Key of the source that is listened to; 0: none yet. */
  source = 0;
  /** `source` was learnt from a packet and is kept. */
  confirmed = false;
  /** `source` is what signalling named, so no other claim is better. */
  named = false;
  statistics: ReceiveStatistics | null = null;
  remoteSsrc = -1;
  sequence: number;
  timestamp: number;
  packetsIn = 0;
  packetsOut = 0;
  octetsOut = 0;
  reportAt = 0;
  roundTrip: number | null = null;
  heardAt: number;
  readonly voice: Voice;
  #digits: DigitReceiver | null = null;
  readonly #header = { marker: true, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 };
  readonly #mediaTimeout: number;
  #pending: Uint8Array | null = null;
  #pendingLength = 0;
  #lostTold = false;
  #looks = 0;
  #levelAt = 0;
  #talkingTold = false;
  #energyTold = 0;

  constructor(
    request: ThreadLeg,
    pair: LegPorts,
    { now, energyLevel, mediaTimeoutMs }: { now: number; energyLevel: number | undefined; mediaTimeoutMs: number },
  ) {
    this.id = request.leg;
    this.room = request.room;
    this.pair = pair;
    this.ssrc = request.ssrc;
    this.sequence = request.sequence;
    this.timestamp = request.timestamp;
    this.cname = request.cname;
    this.heardAt = now;
    this.voice = new Voice(energyLevel);
    this.#mediaTimeout = mediaTimeoutMs;
  }

  get maySend(): boolean {
    return this.direction === 'sendrecv' || this.direction === 'sendonly';
  }

  get mayHear(): boolean {
    return this.direction === 'sendrecv' || this.direction === 'recvonly';
  }

  /** What signalling agreed on, but for the remote, which is the port's affair too. */
  agree({ codec, telephoneEvent, direction }: ThreadChange, now: number): void {
    if (codec !== undefined && codec !== this.codec) {
      if (codec.name !== (this.codec?.name ?? 'PCMU')) this.voice.speak(codec);
      this.codec = codec;
      this.#pendingLength = 0;
      this.#pending = codec.ptime === 20 ? null : new Uint8Array(LONGEST + SAMPLES);
    }
    if (telephoneEvent !== undefined) this.telephoneEvent = telephoneEvent;
    if (direction !== undefined && direction !== this.direction) {
      this.direction = direction;
      this.heardAt = now;
      this.#header.marker = true;
      if (!this.mayHear) this.voice.forget();
    }
  }

  /** Whether the packet is of a kind that this leg agreed to. */
  expects(payloadType: number): boolean {
    return this.codec !== null && (payloadType === this.codec.payloadType || payloadType === this.telephoneEvent);
  }

  /** One packet from the leg's own source. */
  hear(view: RtpView, bytes: Uint8Array, { at, signals }: { at: number; signals: Signal[] }): void {
    this.packetsIn += 1;
    this.heardAt = at;
    this.#lostTold = false;
    if (view.ssrc !== this.remoteSsrc) this.#meet(view.ssrc);
    this.statistics?.received(view.sequence, view.timestamp, at);
    if (view.payloadType === this.telephoneEvent) {
      this.#digits ??= new DigitReceiver();
      this.#tell(this.#digits.push(view.timestamp, bytes, view.payloadAt, view.payloadLength), signals);
    } else if (this.mayHear && view.payloadType === this.codec?.payloadType) {
      this.voice.hear(view.timestamp, bytes, view.payloadAt, view.payloadLength, at, view.marker);
    }
  }

  /** Takes this tick's 20 ms; true when somebody talks in it, and then it is in `voice.frame`. */
  take(now: number, signals: Signal[]): boolean {
    const talking = this.mayHear ? this.voice.take(now) : this.voice.skip();
    if (this.#digits !== null) this.#tell(this.#digits.due(now), signals);
    if (talking || this.#talkingTold) this.#level(now, signals);
    this.#looks += 1;
    if (this.#looks % LOOK_EVERY === 0) this.#missed(now, signals);
    return talking;
  }

  encode(samples: Int16Array): Uint8Array {
    if (this.codec?.name === 'PCMA') encodeAlaw(samples, SAMPLES, this.own, 0);
    else encodeUlaw(samples, SAMPLES, this.own, 0);
    return this.own;
  }

  /** Sends what is due, cut to the agreed packet length. */
  send(): void {
    const { due, codec, destination } = this;
    if (due === null || codec === null) return;
    this.due = null;
    if (destination === null || !this.maySend) {
      this.#pass(1);
      return;
    }
    const pending = this.#pending;
    if (pending === null) {
      this.#packet(due, codec, destination);
      return;
    }
    pending.set(due, this.#pendingLength);
    this.#pendingLength += SAMPLES;
    const size = codec.ptime * 8;
    while (this.#pendingLength >= size) {
      // Two small objects per packet, only for packet lengths that are not our own.
      this.#packet(pending.subarray(0, size), codec, destination);
      pending.copyWithin(0, size, this.#pendingLength);
      this.#pendingLength -= size;
    }
  }

  /** So many frames were never made: time goes on without them, and sound begins anew. */
  skip(frames: number): void {
    this.#header.marker = true;
    this.#pass(frames);
  }

  /** Time without packets; what waited for a longer packet belongs to the past. */
  #pass(frames: number): void {
    this.timestamp = (this.timestamp + this.#pendingLength + frames * SAMPLES) >>> 0;
    this.#pendingLength = 0;
  }

  #packet(payload: Uint8Array, codec: ThreadCodec, destination: Destination): void {
    const { rtp } = this.pair;
    const at = rtp.reserve();
    const header = this.#header;
    header.payloadType = codec.payloadType;
    header.sequence = this.sequence;
    header.timestamp = this.timestamp;
    header.ssrc = this.ssrc;
    const begin = at + writeHeader(rtp.out, at, header);
    rtp.out.set(payload, begin);
    rtp.commit(destination, 12 + payload.length);
    header.marker = false;
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + payload.length) >>> 0;
    this.packetsOut += 1;
    this.octetsOut += payload.length;
  }

  #meet(ssrc: number): void {
    this.remoteSsrc = ssrc;
    this.statistics = new ReceiveStatistics();
    this.voice.forget();
  }

  #tell(digit: string | undefined, signals: Signal[]): void {
    if (digit !== undefined) signals.push({ type: 'digit', leg: this.id, digit });
  }

  #level(now: number, signals: Signal[]): void {
    if (now - this.#levelAt < LEVEL_EVERY) return;
    const { talking } = this.voice.detector;
    const energy = Math.round(this.voice.detector.energy);
    if (talking === this.#talkingTold && energy === this.#energyTold) return;
    this.#levelAt = now;
    this.#talkingTold = talking;
    this.#energyTold = energy;
    signals.push({ type: 'level', leg: this.id, talking, energy });
  }

  #missed(now: number, signals: Signal[]): void {
    const silentMs = now - this.heardAt;
    if (silentMs < this.#mediaTimeout || this.#lostTold || !this.mayHear || this.codec === null) return;
    this.#lostTold = true;
    signals.push({ type: 'media-lost', leg: this.id, silentMs: Math.round(silentMs) });
  }
}
