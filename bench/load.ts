/**
 * The telephones' voices: legs that send tones as RTP by an absolute schedule and listen, in the process of bench.ts. Made to cost little: what
 * is said was encoded beforehand, many legs share a far socket (each with an address of its own, as a gateway has), and each socket is written
 * and read once in 20 ms, while the kernel notes when packets came.
 */
import { SystemClock } from '../src/base/index.ts';
import { openSockets } from '../src/media/thread/open-sockets.ts';
import { BATCH, type Destination, type SocketPort } from '../src/media/thread/socket-port.ts';
import { Ear } from './ear.ts';
import { type CodecName, FRAMES, formats, loopOf, PULSE_FRAME, TONES } from './sounds.ts';

export const clock = new SystemClock();
/** Far sockets; legs with one far address never share a port of the server's, and a port of the server's takes 64 legs. */
const FAR = 64;
/** The sockets take turns of 2 ms, so that the legs' packets are spread over the 20 ms as those of telephones are. */
const TURN = 2;
const TURNS = 10;
const HEADER = 12;
/** Whose turn is when. A room's seats come one after the other, and the same seat of different rooms at different times, or delays would tell of one moment only. */
const FAR_OF_TURN = Array.from({ length: TURNS }, (_, turn) =>
  Array.from({ length: FAR }, (_, far) => far).filter((far) => (far + 3 * Math.floor(far / TURNS)) % TURNS === turn),
);
/** At most so many ears listen for pulses; those of the dearer codecs cost more. */
const EARS = { PCMU: 100, PCMA: 100, G722: 30, opus: 20 } as const;
/** Rooms of which every leg is checked. */
const CHECKED_ROOMS = 2;
const CHECKED_LEGS = 12;

/** What is to be said, and by how many. */
export interface Shape {
  readonly legs: number;
  /** Legs of a room. */
  readonly room: number;
  /** Of each room these many talk. */
  readonly talkers: number;
  /** The legs of a room have these in turn. */
  readonly codecs: readonly CodecName[];
}

/** One far end. */
export interface FarLeg {
  readonly n: number;
  readonly room: number;
  readonly seat: number;
  readonly codec: CodecName;
  readonly far: number;
  readonly talks: boolean;
  /** What it says, Hz. */
  readonly hertz: number;
  readonly sound: readonly Uint8Array[];
  /** What it is to be reached at. */
  readonly address: string;
  readonly port: number;
  to: Destination | undefined;
  /** As agreed. */
  payloadType: number;
  sequence: number;
  received: number;
  lost: number;
  last: number;
  readonly ear: Ear | undefined;
}

/** One pulse that was heard. */
export interface Heard {
  /** ms of the clock. */
  readonly at: number;
  readonly delay: number;
}

export class Load {
  readonly shape: Shape;
  readonly legs: FarLeg[] = [];
  readonly heard: Heard[] = [];
  sent = 0;
  refused = 0;
  /** Nobody listens: what comes is only counted. */
  isDeaf = false;
  /** How late packets left, ms: when this is bad the measurement is, too. */
  worst = 0;
  readonly #sockets = openSockets(clock);
  readonly #ports: SocketPort[] = [];
  readonly #rtcp: SocketPort[] = [];
  readonly #byFar: FarLeg[][] = Array.from({ length: FAR }, () => []);
  readonly #bySource: Map<number, FarLeg>[] = Array.from({ length: FAR }, () => new Map());
  /** The ears of each room that listen for its pulses. */
  readonly #ears: Ear[][] = [];
  #timer: NodeJS.Timeout | undefined;
  #origin = 0;
  #turn = 0;
  #stalledUntil = 0;

  constructor(shape: Shape) {
    this.shape = shape;
    if (this.#sockets.reason !== undefined) throw new Error(`the load needs batched sockets: ${this.#sockets.reason}`);
  }

  get rooms(): number {
    return Math.ceil(this.shape.legs / this.shape.room);
  }

  async open(): Promise<void> {
    for (let n = 0; n < FAR; n++) await this.#bind(`127.1.0.${n + 1}`);
    const { legs, room, talkers, codecs } = this.shape;
    for (let n = 0; n < legs; n++) {
      const seat = n % room;
      const [talks, place] = [seat < talkers, Math.floor(n / room)];
      const codec = codecs[seat % codecs.length]!;
      const far = n % FAR;
      const { address, port } = this.#ports[far]!;
      const hertz = talks ? TONES[(place * talkers + seat) % TONES.length]! : 0;
      const leg: FarLeg = {
        ...{ n, room: place, seat, codec, far, talks, hertz, address, port },
        sound: loopOf(codec, hertz, seat === 0 && talks),
        ...{ to: undefined, payloadType: formats[codec].payloadType, sequence: 0, received: 0, lost: 0, last: -1 },
        ear: this.#isSampled(n) ? new Ear(codec) : undefined,
      };
      this.legs.push(leg);
      this.#byFar[far]!.push(leg);
      while (this.#ears.length <= place) this.#ears.push([]);
      if (leg.ear !== undefined && seat > 0) this.#ears[place]!.push(leg.ear);
    }
  }

  /** A leg's voice goes there. */
  aim(n: number, { address, port, payloadType }: { address: string; port: number; payloadType?: number }): void {
    const leg = this.legs[n]!;
    leg.to = this.#sockets.sockets.destination(address, port);
    leg.last = -1;
    if (payloadType !== undefined) leg.payloadType = payloadType;
    this.#bySource[leg.far]!.set(leg.to.key, leg);
  }

  /** Nobody knows where to send to any more. */
  part(legs: readonly FarLeg[] = this.legs): void {
    for (const leg of legs) {
      if (leg.to !== undefined) this.#bySource[leg.far]!.delete(leg.to.key);
      leg.to = undefined;
    }
  }

  start(): void {
    this.#origin = clock.now();
    this.#turn = 0;
    for (const leg of this.legs) leg.last = -1;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends nothing for so long, then all that was due at once: a network that holds packets back. */
  stall(ms: number): void {
    this.#stalledUntil = clock.now() + ms;
  }

  /** Forgets what was counted; sequence numbers go on. */
  clear(): void {
    this.heard.length = 0;
    this.sent = 0;
    this.refused = 0;
    this.worst = 0;
    for (const leg of this.legs) {
      leg.received = 0;
      leg.lost = 0;
      if (leg.ear !== undefined) leg.ear.missed = 0;
    }
  }

  get lost(): number {
    return this.legs.reduce((sum, { lost }) => sum + lost, 0);
  }

  get received(): number {
    return this.legs.reduce((sum, { received }) => sum + received, 0);
  }

  get missed(): number {
    return this.legs.reduce((sum, { ear }) => sum + (ear?.missed ?? 0), 0);
  }

  /** Who was sampled and hears something else than the room's talkers without himself; and how many were asked. */
  wrongEars(): { readonly asked: number; readonly wrong: readonly string[] } {
    const sampled = this.legs.filter(({ ear, to }) => ear !== undefined && to !== undefined);
    const wrong = sampled.flatMap(({ ear, room, n }) => {
      const others = this.legs.filter((each) => each.room === room && each.talks && each.n !== n && each.to !== undefined);
      const expected = [...new Set(others.map(({ hertz }) => hertz))].sort((a, b) => a - b);
      const heard = ear!.hears();
      return heard.join() === expected.join()
        ? []
        : [`leg ${n} of room ${room} heard [${heard.join(', ')}] Hz, not [${expected.join(', ')}]`];
    });
    return { asked: sampled.length, wrong };
  }

  async close(): Promise<void> {
    this.stop();
    for (const { ear } of this.legs) ear?.close();
    await Promise.all([...this.#ports, ...this.#rtcp].map((port) => port.close()));
  }

  /** Ears: every leg of the first rooms, and as many listeners of all rooms as the codec allows. */
  #isSampled(n: number): boolean {
    const { room, codecs, talkers } = this.shape;
    const seat = n % room;
    const place = Math.floor(n / room);
    if (place < CHECKED_ROOMS && seat < CHECKED_LEGS) return true;
    const most = Math.min(...codecs.map((each) => EARS[each]));
    const perRoom = Math.max(1, Math.floor(most / this.rooms));
    const first = talkers < room ? talkers : 1;
    const every = Math.max(1, Math.floor(this.rooms / most));
    return place % every === 0 && seat >= first && seat < first + perRoom;
  }

  async #bind(address: string): Promise<void> {
    const { sockets } = this.#sockets;
    for (let port = 40_000; port < 40_200; port += 2) {
      const rtp = await sockets.bind(address, port).catch(() => undefined);
      const rtcp = rtp === undefined ? undefined : await sockets.bind(address, port + 1).catch(() => undefined);
      if (rtp !== undefined && rtcp !== undefined) {
        this.#ports.push(rtp);
        this.#rtcp.push(rtcp);
        return;
      }
      await rtp?.close();
    }
    throw new Error(`no two ports are free at ${address}`);
  }

  #arm(): void {
    const due = Math.max(this.#stalledUntil, this.#origin + this.#turn * TURN);
    this.#timer = setTimeout(
      () => {
        const now = clock.now();
        if (now >= this.#stalledUntil) {
          const isHeldBack = this.#origin + this.#turn * TURN < this.#stalledUntil;
          if (!isHeldBack) this.worst = Math.max(this.worst, now - this.#origin - this.#turn * TURN);
          for (; this.#origin + this.#turn * TURN <= now; this.#turn++) this.#serve(this.#turn, now);
        }
        this.#arm();
      },
      Math.max(0, due - clock.now()),
    );
  }

  #serve(turn: number, now: number): void {
    const frame = Math.floor(turn / TURNS);
    for (const far of FAR_OF_TURN[turn % TURNS]!) this.#say(far, frame);
    // Those are read whose turn to speak is half a round away.
    for (const far of FAR_OF_TURN[(turn + TURNS / 2) % TURNS]!) this.#listen(far, now);
    if (turn % 100 === 0) for (const port of this.#rtcp) while (port.receive(now) === BATCH);
  }

  #say(far: number, frame: number): void {
    const port = this.#ports[far]!;
    const legs = this.#byFar[far]!;
    const now = clock.now();
    for (let n = 0; n < legs.length; n++) {
      const leg = legs[n]!;
      if (leg.to === undefined) continue;
      // Rooms take turns with their pulses.
      const place = (frame + leg.room * 7) % FRAMES;
      this.#send(port, leg, leg.sound[place]!, frame * formats[leg.codec].step);
      if (this.isDeaf || place !== PULSE_FRAME || leg.seat !== 0 || !leg.talks) continue;
      for (const ear of this.#ears[leg.room]!) ear.await(now, leg.codec);
    }
    this.refused += port.flush();
  }

  #send(port: SocketPort, leg: FarLeg, payload: Uint8Array, timestamp: number): void {
    const at = port.reserve();
    const { out } = port;
    const { sequence, n } = leg;
    out[at] = 0x80;
    out[at + 1] = leg.payloadType;
    out[at + 2] = sequence >>> 8;
    out[at + 3] = sequence;
    out[at + 4] = timestamp >>> 24;
    out[at + 5] = timestamp >>> 16;
    out[at + 6] = timestamp >>> 8;
    out[at + 7] = timestamp;
    out[at + 8] = 0x5a;
    out[at + 9] = n >>> 16;
    out[at + 10] = n >>> 8;
    out[at + 11] = n;
    out.set(payload, at + HEADER);
    port.commit(leg.to!, HEADER + payload.length);
    leg.sequence = (sequence + 1) & 0xffff;
    this.sent += 1;
  }

  #listen(far: number, now: number): void {
    const { bytes, offset, length, source, at: arrived } = this.#sockets.sockets.arrivals;
    const known = this.#bySource[far]!;
    for (let count = BATCH; count === BATCH; ) {
      count = this.#ports[far]!.receive(now);
      for (let i = 0; i < count; i++) {
        const at = offset[i]!;
        const leg = known.get(source[i]!);
        if (leg === undefined || length[i]! <= HEADER || (bytes[at + 1]! & 0x7f) !== leg.payloadType) continue;
        const sequence = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        if (leg.last >= 0) leg.lost += Math.max(0, ((sequence - leg.last - 1) << 16) >> 16);
        leg.last = sequence;
        leg.received += 1;
        if (this.isDeaf || leg.ear === undefined) continue;
        const delay = leg.ear.hear(bytes, { at: at + HEADER, length: length[i]! - HEADER, when: arrived[i]! });
        if (delay !== undefined) this.heard.push({ at: arrived[i]!, delay });
      }
    }
  }
}
