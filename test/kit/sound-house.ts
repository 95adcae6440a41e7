import { openDecoder, openEncoder, type SoundDecoder, type SoundEncoder } from '../../src/audio/index.ts';
import { specOf } from '../../src/media/thread/codec.ts';
import { MediaThread } from '../../src/media/thread/media-thread.ts';
import type { Order, Report, Signal, ThreadChange, ThreadCodec, ThreadPlan } from '../../src/media/thread/messages.ts';
import { RtpView, writeHeader } from '../../src/rtp/index.ts';
import { DrowsyClock } from './drowsy-clock.ts';
import { type FarEnd, MemorySockets } from './memory-sockets.ts';
import { SeededChance } from './seeded-chance.ts';

/** A media thread among telephones whose time runs as fast as the processor allows. What they say and hear is sound; all of it repeats. */

const HERE = '198.51.100.1';
const HEADER = 12;

export const PCMU: ThreadCodec = { name: 'PCMU', payloadType: 0, ptime: 20 };
export const PCMA: ThreadCodec = { name: 'PCMA', payloadType: 8, ptime: 20 };
export const G722: ThreadCodec = { name: 'G722', payloadType: 9, ptime: 20 };
/** L16 of a rate; at 48 kHz 20 ms do not fit into a packet. */
export const l16 = (rate: 8000 | 16_000 | 48_000): ThreadCodec => ({
  name: 'L16',
  payloadType: 97,
  ptime: rate === 48_000 ? 10 : 20,
  rate,
  clockRate: rate,
});
/** Opus as a telephone agrees on it. */
export const opus = (options: { fec?: boolean; dtx?: boolean; bitrate?: number; ptime?: number } = {}): ThreadCodec => ({
  name: 'opus',
  payloadType: 111,
  ptime: options.ptime ?? 20,
  opus: {
    useInbandFec: options.fec ?? true,
    useDtx: options.dtx ?? false,
    cbr: false,
    maxAverageBitrate: options.bitrate ?? null,
    maxPlaybackRate: 48_000,
  },
});

/** Hz of what is said and heard with a codec. */
export const rateOf = (codec: ThreadCodec): number => specOf(codec).rate;

/** What happens to packets on their way to Parley. */
export interface Path {
  /** Is the n-th packet lost? */
  readonly lost?: (n: number) => boolean;
  /** How many ms later than the others the n-th packet comes. Packets overtake each other. */
  readonly late?: (n: number) => number;
}

/** Each packet is delayed by 0 … `ms`, evenly spread, and independently of its neighbours: they overtake each other. */
export function jitter(ms: number, seed = 1): (n: number) => number {
  const chance = new SeededChance(seed);
  const delays: number[] = [];
  return (n) => {
    while (delays.length <= n) delays.push(ms * chance.next());
    return delays[n]!;
  };
}

/** The sender's network stops from one time on and gives everything at once when it goes on; times of the n-th packet, ms. */
export const stall =
  (stalls: readonly { readonly at: number; readonly ms: number }[], packetMs: number): ((n: number) => number) =>
  (n) =>
    stalls.reduce((late, { at, ms }) => (n * packetMs >= at && n * packetMs < at + ms ? at + ms - n * packetMs : late), 0);

export interface PhoneOptions {
  readonly codec?: ThreadCodec;
  /** ms of the packets that the telephone sends. Default: those that it wants to receive. */
  readonly sends?: number;
  /** By how many millionths its clock is too fast. */
  readonly skewPpm?: number;
  readonly path?: Path;
  /** When its packets are sent within the 20 ms. Default 7. */
  readonly phaseMs?: number;
  readonly room?: string;
}

/** Payloads of some sound, so that it is encoded once and played over many paths. */
export function payloadsOf(codec: ThreadCodec, samples: Int16Array, packetMs = codec.ptime): Uint8Array[] {
  const encoder = openEncoder(specOf(codec));
  const payloads = Array.from({ length: Math.floor((samples.length * 1000) / encoder.rate / packetMs) }, (_, n) => {
    const count = (encoder.rate * packetMs) / 1000;
    return encode(encoder, samples.subarray(n * count, (n + 1) * count));
  });
  encoder.close();
  return payloads;
}

const bytes = new Uint8Array(12_000);
function encode(encoder: SoundEncoder, samples: Int16Array): Uint8Array {
  return bytes.slice(0, encoder.encode(samples, samples.length, bytes, 0));
}

/** One telephone: says what it is told to, and puts together what it hears by the times of the packets. */
export class SoundPhone {
  readonly name: string;
  readonly codec: ThreadCodec;
  readonly far: FarEnd;
  readonly rate: number;
  /** Where Parley listens for it. */
  at = { address: HERE, port: 0 };
  /** It sends nothing at all while this is true; its time goes on. */
  mute = false;
  path: Path;
  skewPpm: number;
  /** Places (in samples of what is heard) where nothing came for so many samples. */
  readonly gaps: { readonly at: number; readonly count: number }[] = [];
  /** Packets that carried a comfortable wrong: another payload type, or a broken order of numbers. */
  oddities = 0;
  packetsHeard = 0;
  /** The next packet is marked as the first after a pause. */
  marker = true;
  ssrc: number;
  /** Both go over their ends soon after the start. */
  sequence = 65_480;
  timestamp = 2 ** 32 - 12_345;
  packetMs: number;
  nextAt: number;
  /** When the first sample that is heard, and the first that is said, crosses the network, ms. */
  heardFrom = Number.NaN;
  saidFrom = Number.NaN;
  #heard = new Int16Array(48_000);
  #heardEnd = 0;
  #firstTimestamp = 0;
  #nextSequence = -1;
  readonly #scale: number;
  readonly #decoder: SoundDecoder;
  readonly #encoder: SoundEncoder;
  readonly #decoded = new Int16Array(5760);
  readonly #view = new RtpView();
  readonly #zeros: Int16Array;
  #script: { readonly payloads: readonly Uint8Array[]; readonly loop: boolean } | undefined;
  #played = 0;
  #sent = 0;
  #read = 0;

  constructor(name: string, far: FarEnd, { codec = PCMU, sends, skewPpm = 0, path = {}, phaseMs = 7 }: PhoneOptions, now: number) {
    const spec = specOf(codec);
    this.name = name;
    this.codec = codec;
    this.far = far;
    this.rate = spec.rate;
    this.skewPpm = skewPpm;
    this.path = path;
    this.ssrc = 1000 + far.place.key;
    this.packetMs = sends ?? codec.ptime;
    this.nextAt = now + phaseMs;
    this.#scale = spec.rate / spec.clockRate;
    this.#decoder = openDecoder(spec);
    this.#encoder = openEncoder(spec);
    this.#zeros = new Int16Array((spec.rate * this.packetMs) / 1000);
  }

  /** From its next packet on it says this. Afterwards: zeros. */
  say(sound: Int16Array | readonly Uint8Array[], { loop = false } = {}): void {
    const payloads = sound instanceof Int16Array ? payloadsOf(this.codec, sound, this.packetMs) : sound;
    this.#script = { payloads, loop };
    this.#played = 0;
    this.saidFrom = Number.NaN;
  }

  /** The packet that is due now, and how late it comes. Undefined: none comes. */
  packet(): { readonly bytes: Uint8Array; readonly late: number } | undefined {
    const now = this.nextAt;
    const n = this.#sent++;
    this.nextAt += this.packetMs / (1 + this.skewPpm / 1e6);
    const payload = this.mute ? new Uint8Array(0) : this.#payload(now);
    const { sequence, timestamp } = this;
    this.timestamp = (this.timestamp + (specOf(this.codec).clockRate * this.packetMs) / 1000) >>> 0;
    if (payload.length === 0) {
      this.marker = true;
      return undefined;
    }
    this.sequence = (this.sequence + 1) & 0xffff;
    if (this.path.lost?.(n) === true) return undefined;
    const packet = this.wrap(payload, { sequence, timestamp });
    this.marker = false;
    return { bytes: packet, late: this.path.late?.(n) ?? 0 };
  }

  /** A packet with its header. */
  wrap(payload: Uint8Array, fields: { sequence?: number; timestamp?: number; payloadType?: number; ssrc?: number } = {}): Uint8Array {
    const packet = new Uint8Array(HEADER + payload.length);
    const { marker, sequence, timestamp, ssrc } = this;
    writeHeader(packet, 0, { marker, payloadType: this.codec.payloadType, sequence, timestamp, ssrc, ...fields });
    packet.set(payload, HEADER);
    return packet;
  }

  /** Reads what came since the last look. */
  listen(): void {
    const { got } = this.far;
    for (; this.#read < got.length; this.#read++) this.#hear(got[this.#read]!.bytes, got[this.#read]!.at);
    got.length = 0;
    this.#read = 0;
  }

  /** All that was heard from the first packet on. Valid until more is heard. */
  get heard(): Int16Array {
    this.listen();
    return this.#heard.subarray(0, this.#heardEnd);
  }

  /** What was heard between two times of the house, ms. */
  between(fromMs: number, toMs: number): Int16Array {
    const place = (ms: number): number => Math.max(0, Math.round(((ms - this.heardFrom) * this.rate) / 1000));
    return this.heard.subarray(place(fromMs), place(toMs));
  }

  close(): void {
    this.#decoder.close();
    this.#encoder.close();
  }

  #payload(now: number): Uint8Array {
    const script = this.#script;
    const next = script?.payloads[script.loop ? this.#played % script.payloads.length : this.#played];
    if (next === undefined) return encode(this.#encoder, this.#zeros);
    if (this.#played === 0) this.saidFrom = now;
    this.#played++;
    return next;
  }

  #hear(packet: Uint8Array, at: number): void {
    const view = this.#view;
    if (packet.length >= 2 && packet[1]! >= 192 && packet[1]! <= 223) return;
    if (!view.read(packet, 0, packet.length) || view.payloadType !== this.codec.payloadType) {
      this.oddities++;
      return;
    }
    this.packetsHeard++;
    if (this.#nextSequence < 0) {
      this.#firstTimestamp = view.timestamp;
      this.heardFrom = at;
    } else if (view.sequence !== this.#nextSequence) this.oddities++;
    this.#nextSequence = (view.sequence + 1) & 0xffff;
    const place = ((view.timestamp - this.#firstTimestamp) | 0) * this.#scale;
    const count = this.#decoder.decode(packet, view.payloadAt, view.payloadLength, this.#decoded);
    this.#makeRoom(place + count);
    if (place > this.#heardEnd) this.gaps.push({ at: this.#heardEnd, count: place - this.#heardEnd });
    else if (place < this.#heardEnd) this.oddities++;
    this.#heard.set(this.#decoded.subarray(0, count), place);
    this.#heardEnd = Math.max(this.#heardEnd, place + count);
  }

  #makeRoom(end: number): void {
    if (end <= this.#heard.length) return;
    const grown = new Int16Array(2 * end);
    grown.set(this.#heard);
    this.#heard = grown;
  }
}

type Asking = Extract<Order, { ask: number }>;

/** A media thread and its telephones. */
export class SoundHouse {
  readonly clock: DrowsyClock;
  readonly network: MemorySockets;
  readonly thread: MediaThread;
  readonly phones: SoundPhone[] = [];
  readonly signals: { readonly at: number; readonly signal: Signal }[] = [];
  readonly #asked = new Map<number, (report: Report) => void>();
  #asks = 0;
  #plans = 0;
  #opened = 0;
  /** Packets on their way, the next one last. */
  readonly #flying: { readonly at: number; readonly bytes: Uint8Array; readonly phone: SoundPhone }[] = [];

  constructor({ tickJitterMs = 0, energyLevel }: { tickJitterMs?: number; energyLevel?: number } = {}) {
    this.clock = new DrowsyClock(tickJitterMs);
    this.network = new MemorySockets(this.clock);
    const settings = {
      ports: { range: 'any', preferred: [] },
      mediaTimeoutMs: 1e9,
      silentAfterMs: 1e9,
      ...(energyLevel === undefined ? {} : { energyLevel }),
    } as const;
    this.thread = new MediaThread({ sockets: this.network, clock: this.clock, settings, post: (report) => this.#post(report) });
  }

  get now(): number {
    return this.clock.now();
  }

  async ask<T>(order: Asking extends infer One ? (One extends Asking ? Omit<One, 'ask'> : never) : never): Promise<T> {
    const report = await new Promise<Report>((resolve) => {
      this.#asks += 1;
      this.#asked.set(this.#asks, resolve);
      this.thread.obey({ ...order, ask: this.#asks } as Exclude<Order, { do: 'close' }>);
    });
    if (report.say !== 'answer') throw new Error(JSON.stringify(report));
    return report.value as T;
  }

  /** A telephone is called and picks up. */
  async phone(name: string, options: PhoneOptions = {}): Promise<SoundPhone> {
    const far = this.network.far(`192.0.2.${++this.#opened}`, 4000);
    const phone = new SoundPhone(name, far, options, this.now);
    const { address, port } = far.place;
    phone.at = await this.ask({
      do: 'open',
      leg: {
        leg: name,
        room: options.room ?? 'room',
        address: HERE,
        remote: { address, port },
        ssrc: 7000 + far.place.key,
        sequence: 65_000,
        timestamp: 2 ** 32 - 16_000,
        cname: name,
      },
    });
    this.change(name, { remote: { address, port, rtcpPort: port + 1 }, codec: phone.codec, telephoneEvent: 101, direction: 'sendrecv' });
    this.phones.push(phone);
    return phone;
  }

  change(leg: string, change: ThreadChange): void {
    this.thread.obey({ do: 'change', leg, change });
  }

  /** A telephone hangs up. */
  async end(phone: SoundPhone): Promise<void> {
    this.phones.splice(this.phones.indexOf(phone), 1);
    await this.ask({ do: 'end', leg: phone.name });
    phone.listen();
    phone.close();
  }

  /** Everybody hears everybody else who may speak. Voices are left as loud as they are unless `levels`. */
  mix({
    room = 'room',
    levels = false,
    rate,
    speakers,
    listeners,
  }: {
    room?: string;
    levels?: boolean;
    rate?: number;
    speakers?: readonly SoundPhone[];
    listeners?: ThreadPlan['listeners'];
  } = {}): void {
    this.#plans += 1;
    this.thread.obey({
      do: 'hear',
      room,
      plan: {
        version: this.#plans,
        sources: (speakers ?? this.phones).map(({ name }) => ({ leg: name, gain: 1 })),
        listeners: listeners ?? this.phones.map(({ name }) => ({ leg: name, gains: [] })),
        levels,
        ...(rate === undefined ? {} : { rate }),
      },
    });
  }

  /** Lets time pass. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const phone = this.phones.reduce<SoundPhone | undefined>(
        (first, each) => (first === undefined || each.nextAt < first.nextAt ? each : first),
        undefined,
      );
      const at = Math.min(phone?.nextAt ?? Number.POSITIVE_INFINITY, this.#flying.at(-1)?.at ?? Number.POSITIVE_INFINITY);
      if (at > end) break;
      if (at > this.now) this.clock.fake.advance(at - this.now);
      if (this.#flying.at(-1)?.at === at) this.#land();
      else if (phone !== undefined) this.#send(phone);
    }
    this.clock.fake.advance(end - this.now);
    for (const phone of this.phones) phone.listen();
  }

  /** What the thread counted. */
  metrics(): Promise<Readonly<Record<string, number>>> {
    return this.ask({ do: 'metrics' });
  }

  legMetrics(phone: SoundPhone): Promise<Readonly<Record<string, number>>> {
    return this.ask({ do: 'leg-metrics', leg: phone.name });
  }

  async close(): Promise<void> {
    await this.thread.close();
    for (const phone of this.phones) phone.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #send(phone: SoundPhone): void {
    const at = phone.nextAt;
    const packet = phone.packet();
    if (packet === undefined) return;
    const flying = { at: at + packet.late, bytes: packet.bytes, phone };
    let place = this.#flying.length;
    while (place > 0 && this.#flying[place - 1]!.at <= flying.at) place--;
    this.#flying.splice(place, 0, flying);
  }

  #land(): void {
    const { bytes: packet, phone } = this.#flying.pop()!;
    phone.far.send(packet, phone.at);
  }

  #post(report: Report): void {
    if (report.say === 'signals') this.signals.push(...report.signals.map((signal) => ({ at: this.now, signal })));
    if (report.say === 'answer' || report.say === 'refused') this.#asked.get(report.ask)?.(report);
  }
}
