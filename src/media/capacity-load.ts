import { openEncoder, type SoundEncoder, ToneSource } from '../audio/index.ts';
import type { Alarm, Clock } from '../base/index.ts';
import { BATCH, type Destination, type SocketPort, type Sockets } from './thread/socket-port.ts';

/** What can be measured; PCMA costs what PCMU does. */
export type CapacityCodec = 'PCMU' | 'G722' | 'opus';

/** Far addresses: as with telephones, few packets of a port of ours come from the same one. */
const FAR = 50;
/** A far end's socket is served once in so many ms, and they take turns. */
const TURN = 2;
const TURNS = 10;
/** The sound goes round after a second, so that loops of whole Hz have no seam. */
const FRAMES = 50;
const HEADER = 12;

/** How each codec says what it says: RFC 3551 table 4, and the usual dynamic number for Opus. */
const FORMATS = {
  PCMU: { rate: 8000, clockRate: 8000, payloadType: 0, step: 160 },
  G722: { rate: 16_000, clockRate: 8000, payloadType: 9, step: 160 },
  opus: { rate: 48_000, clockRate: 48_000, payloadType: 111, step: 960 },
} as const;

/** What RTP calls a codec. */
export const payloadTypeOf = (codec: CapacityCodec): number => FORMATS[codec].payloadType;

interface FarLeg {
  readonly sound: readonly Uint8Array[];
  readonly ssrc: number;
  readonly to: Destination;
}

/** Who talks, what a second of it is once it is encoded: tones for talkers, digital silence for the rest. */
function secondOf(codec: CapacityCodec, hertz: number): readonly Uint8Array[] {
  const { rate, clockRate } = FORMATS[codec];
  const source = new ToneSource({ rate, tones: hertz === 0 ? [] : [{ hertz, amplitude: 4000 }] });
  const encoder: SoundEncoder = openEncoder({ name: codec, rate, clockRate });
  const samples = new Int16Array(rate / FRAMES);
  const bytes = new Uint8Array(1276);
  const frame = (): Uint8Array => {
    source.fill(samples);
    return bytes.slice(0, encoder.encode(samples, samples.length, bytes, 0));
  };
  // The first second settles the encoder, so that the end of the second one fits its beginning.
  for (let n = 0; n < FRAMES; n++) frame();
  const frames = Array.from({ length: FRAMES }, frame);
  encoder.close();
  return frames;
}

/** Telephones for a measurement: they send what they have encoded beforehand, and count what comes. */
export class CapacityLoad {
  sent = 0;
  received = 0;
  readonly #clock: Clock;
  readonly #sockets: Sockets;
  readonly #codec: CapacityCodec;
  readonly #ports: SocketPort[] = [];
  readonly #legs: FarLeg[][] = [];
  readonly #sounds = new Map<number, readonly Uint8Array[]>();
  #alarm: Alarm | undefined;
  #origin = 0;
  #turn = 0;

  constructor({ clock, sockets, codec }: { readonly clock: Clock; readonly sockets: Sockets; readonly codec: CapacityCodec }) {
    this.#clock = clock;
    this.#sockets = sockets;
    this.#codec = codec;
  }

  /** Binds the far ends. */
  async open(): Promise<void> {
    for (let n = 0; n < FAR; n++) {
      // Elsewhere than on Linux only 127.0.0.1 is there unasked.
      const port = await this.#sockets.bind(`127.1.1.${n + 1}`, 0).catch(() => this.#sockets.bind('127.0.0.1', 0));
      this.#ports.push(port);
      this.#legs.push([]);
    }
  }

  /** Where leg number `n` has its far end. */
  at(n: number): { readonly address: string; readonly port: number } {
    const { address, port } = this.#ports[n % FAR]!;
    return { address, port };
  }

  /** Leg number `n` will send there; 0 Hz: it listens. */
  aim(n: number, to: { readonly address: string; readonly port: number }, hertz: number): void {
    const sound = this.#sounds.get(hertz) ?? secondOf(this.#codec, hertz);
    this.#sounds.set(hertz, sound);
    this.#legs[n % FAR]!.push({ sound, ssrc: n + 1, to: this.#sockets.destination(to.address, to.port) });
  }

  start(): void {
    this.#origin = this.#clock.now();
    this.#arm();
  }

  async close(): Promise<void> {
    this.#alarm?.cancel();
    await Promise.all(this.#ports.map((port) => port.close()));
  }

  #arm(): void {
    this.#alarm = this.#clock.wake(this.#origin + this.#turn * TURN, () => {
      const now = this.#clock.now();
      for (; this.#origin + this.#turn * TURN <= now; this.#turn++) this.#serve(now);
      this.#arm();
    });
  }

  #serve(now: number): void {
    const frame = Math.floor(this.#turn / TURNS);
    for (let far = this.#turn % TURNS; far < FAR; far += TURNS) {
      const port = this.#ports[far]!;
      for (const leg of this.#legs[far]!) this.#send(port, leg, frame);
      port.flush();
      for (let count = BATCH; count === BATCH; ) {
        count = port.receive(now);
        for (let i = 0; i < count; i++) this.received += this.#isOurs(i) ? 1 : 0;
      }
    }
  }

  /** Reports come too (RTCP on the same port); they are not counted. */
  #isOurs(index: number): boolean {
    const { bytes, offset, length } = this.#sockets.arrivals;
    return length[index]! > HEADER && (bytes[offset[index]! + 1]! & 0x7f) === payloadTypeOf(this.#codec);
  }

  #send(port: SocketPort, { sound, ssrc, to }: FarLeg, frame: number): void {
    const payload = sound[frame % FRAMES]!;
    const at = port.reserve();
    const { out } = port;
    const timestamp = frame * FORMATS[this.#codec].step;
    out[at] = 0x80;
    out[at + 1] = payloadTypeOf(this.#codec);
    out[at + 2] = frame >>> 8;
    out[at + 3] = frame;
    for (let byte = 0; byte < 4; byte++) {
      out[at + 4 + byte] = timestamp >>> (24 - 8 * byte);
      out[at + 8 + byte] = ssrc >>> (24 - 8 * byte);
    }
    out.set(payload, at + HEADER);
    port.commit(to, HEADER + payload.length);
    this.sent += 1;
  }
}
