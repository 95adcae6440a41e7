/** The load: legs that send tones as RTP by an absolute schedule, and listen. Uses the batched sockets, in the process of bench.ts. */
import { SystemClock } from '../src/base/index.ts';
import { openSockets } from '../src/media/thread/open-sockets.ts';
import type { Destination, SocketPort } from '../src/media/thread/socket-port.ts';
import { fromMuLaw, toMuLaw, tone } from '../test/kit/sound.ts';

const clock = new SystemClock();
const FRAME = 160;
/** Tones that come round every 800 samples, so that a loop of five packets has no seam. */
const LOOP = 5;
const SILENCE = 0xff;
/** Every second one packet of each talker's is loud: its way through the server is timed. */
const PULSE_EVERY = 50;
const LOUD = 12_000;
const LOUD_ENOUGH = 9_000;

/** One far end. */
export interface FarLeg {
  readonly port: SocketPort;
  readonly hertz: number;
  readonly talks: boolean;
  to: Destination | undefined;
  sequence: number;
  ssrc: number;
  /** What came and should have come. */
  received: number;
  lost: number;
  last: number;
  /** The last second, for those that are listened to. */
  readonly ear: Int16Array | undefined;
  earAt: number;
  pulseSeen: number;
}

const encoded = (hertz: number, amplitude: number): Uint8Array[] =>
  Array.from({ length: LOOP }, (_, n) => Uint8Array.from(tone(hertz, { from: n * FRAME, length: FRAME, amplitude }), toMuLaw));

/** Far ends in rooms, the first `talkers` of each room talking. */
export class Load {
  readonly legs: FarLeg[] = [];
  readonly delays: number[] = [];
  sent = 0;
  refused = 0;
  /** How late packets left, ms: when this is bad the measurement is, too. */
  worst = 0;
  readonly #sockets = openSockets(clock);
  readonly #sounds = new Map<number, Uint8Array[]>();
  readonly #pulses = new Map<number, Uint8Array[]>();
  readonly #silent = new Uint8Array(FRAME).fill(SILENCE);
  readonly #room: number;
  readonly #talkers: number;
  /** When the current pulse of each room was sent. */
  readonly #pulseAt: number[] = [];
  #running = false;
  #origin = 0;
  #count = 0;

  constructor({ room, talkers }: { room: number; talkers: number }) {
    this.#room = room;
    this.#talkers = talkers;
    if (this.#sockets.reason !== undefined) throw new Error(`the load needs batched sockets: ${this.#sockets.reason}`);
  }

  async open(count: number, addresses: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const place = n % addresses;
      const port = await this.#sockets.sockets.bind(`127.1.${Math.floor(place / 200)}.${1 + (place % 200)}`, 0);
      const seat = n % this.#room;
      const talks = seat < this.#talkers;
      const hertz = 400 + 130 * (seat % 12);
      // 400, 530, 660, …: multiples of 10 Hz fit into 800 samples.
      if (!this.#sounds.has(hertz)) {
        this.#sounds.set(hertz, encoded(hertz, 2500));
        this.#pulses.set(hertz, encoded(hertz, LOUD));
      }
      const isSampled = seat < this.#talkers + 2 || n < this.#room;
      const ear = isSampled ? new Int16Array(8000) : undefined;
      const fresh = { to: undefined, sequence: 0, ssrc: n + 1, received: 0, lost: 0, last: -1, earAt: 0, pulseSeen: 0 };
      this.legs.push({ port, hertz, talks, ear, ...fresh });
    }
  }

  aim(places: readonly { readonly address: string; readonly port: number }[]): void {
    for (const [n, { address, port }] of places.entries()) this.legs[n]!.to = this.#sockets.sockets.destination(address, port);
  }

  /** Forgets what was counted; sequence numbers go on. */
  clear(): void {
    this.delays.length = 0;
    this.sent = 0;
    this.worst = 0;
    for (const leg of this.legs) {
      leg.received = 0;
      leg.lost = 0;
    }
  }

  start(): void {
    this.#running = true;
    this.#origin = clock.now();
    this.#count = 0;
    for (const leg of this.legs) leg.last = -1;
    const turn = (): void => {
      if (!this.#running) return;
      const now = clock.now();
      // Legs are spread over the 20 ms in slices of 1 ms, as phones are.
      while (this.#origin + this.#count <= now) {
        this.worst = Math.max(this.worst, now - this.#origin - this.#count);
        this.#slice(this.#count, now);
        this.#count += 1;
      }
      this.#listen(now);
      clock.wake(this.#origin + this.#count, turn);
    };
    turn();
  }

  stop(): void {
    this.#running = false;
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.all(this.legs.map(({ port }) => port.close()));
  }

  #slice(count: number, now: number): void {
    const frame = Math.floor(count / 20);
    for (let n = count % 20; n < this.legs.length; n += 20) {
      const leg = this.legs[n]!;
      if (leg.to === undefined) continue;
      const room = Math.floor(n / this.#room);
      // Rooms take turns, and in a room only the first talker makes pulses.
      const isPulse = n % this.#room === 0 && leg.talks && (frame + room * 7) % PULSE_EVERY === 0;
      if (isPulse) this.#pulseAt[room] = clock.now();
      const sounds = isPulse ? this.#pulses : this.#sounds;
      this.#send(leg, leg.talks ? sounds.get(leg.hertz)![frame % LOOP]! : this.#silent, frame);
    }
    if (now < 0) this.refused += 1;
  }

  #send(leg: FarLeg, payload: Uint8Array, frame: number): void {
    const at = leg.port.reserve();
    const packet = new DataView(leg.port.out.buffer, leg.port.out.byteOffset + at, 12);
    packet.setUint16(0, 0x8000);
    packet.setUint16(2, leg.sequence);
    packet.setUint32(4, frame * FRAME);
    packet.setUint32(8, leg.ssrc);
    leg.port.out.set(payload, at + 12);
    leg.port.commit(leg.to!, 12 + FRAME);
    this.refused += leg.port.flush();
    leg.sequence = (leg.sequence + 1) & 0xffff;
    this.sent += 1;
  }

  #listen(now: number): void {
    const { arrivals } = this.#sockets.sockets;
    // A fifth of the ears per ms: the kernel keeps the arrival times.
    for (let n = this.#count % 5; n < this.legs.length; n += 5) {
      const leg = this.legs[n]!;
      const count = leg.port.receive(now);
      for (let i = 0; i < count; i++) {
        const at = arrivals.offset[i]!;
        if (arrivals.length[i] === 12 + FRAME && (arrivals.bytes[at + 1]! & 0x7f) === 0)
          this.#take(leg, n, { bytes: arrivals.bytes, at, when: arrivals.at[i]! });
      }
    }
  }

  #take(leg: FarLeg, n: number, { bytes, at, when }: { bytes: Uint8Array; at: number; when: number }): void {
    const sequence = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    if (leg.last >= 0) leg.lost += Math.max(0, ((sequence - leg.last - 1) << 16) >> 16);
    leg.last = sequence;
    leg.received += 1;
    if (leg.ear === undefined) return;
    for (let i = 0; i < FRAME; i++) leg.ear[(leg.earAt + i) % leg.ear.length] = fromMuLaw(bytes[at + 12 + i]!);
    const sent = this.#pulseAt[Math.floor(n / this.#room)] ?? 0;
    if (n % this.#room === this.#talkers && sent > leg.pulseSeen) {
      for (let i = 0; i < FRAME; i++) {
        if (Math.abs(leg.ear[(leg.earAt + i) % leg.ear.length]!) < LOUD_ENOUGH) continue;
        // The pulse began that many samples into this packet; packets leave when they are full, so both count from packet to packet.
        leg.pulseSeen = sent;
        this.delays.push(when - sent + i / 8 - FIRST_LOUD.get(this.legs[Math.floor(n / this.#room) * this.#room]!.hertz)!);
        break;
      }
    }
    leg.earAt = (leg.earAt + FRAME) % leg.ear.length;
  }
}

/** ms into a pulse until its first sample that is loud enough. */
const FIRST_LOUD = new Map(
  Array.from({ length: 12 }, (_, n) => {
    const hertz = 400 + 130 * n;
    return [hertz, tone(hertz, { length: FRAME, amplitude: LOUD }).findIndex((each) => Math.abs(each) >= LOUD_ENOUGH) / 8] as const;
  }),
);
