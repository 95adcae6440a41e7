import assert from 'node:assert/strict';
import { MediaThread } from '../../src/media/thread/media-thread.ts';
import type {
  Order,
  Report,
  Signal,
  ThreadChange,
  ThreadCodec,
  ThreadLeg,
  ThreadPlan,
  ThreadSettings,
} from '../../src/media/thread/messages.ts';
import { SRTP_ROOM, type SrtpReceiver, type SrtpSender } from '../../src/rtp/index.ts';
import { DrowsyClock } from './drowsy-clock.ts';
import { type FarEnd, MemorySockets, type Parcel } from './memory-sockets.ts';
import { fromMuLaw, toMuLaw } from './sound.ts';

const HERE = '198.51.100.1';
const PCMU: ThreadCodec = { name: 'PCMU', payloadType: 0, ptime: 20 };
type Asking = Extract<Order, { ask: number }>;
type Unasked = Asking extends infer One ? (One extends Asking ? Omit<One, 'ask'> : never) : never;

/** A packet of RTP (RFC 3550 §5.1), and when it was sent. */
export interface Heard {
  readonly at: number;
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

const read = ({ bytes, at }: Parcel): Heard => {
  const view = Buffer.from(bytes);
  return {
    at,
    marker: (view[1]! & 0x80) !== 0,
    payloadType: view[1]! & 0x7f,
    sequence: view.readUInt16BE(2),
    timestamp: view.readUInt32BE(4),
    ssrc: view.readUInt32BE(8),
    payload: view.subarray(12),
  };
};

/** A telephone of µ-law that says what it is given, 20 ms at a time, and keeps what it hears. */
export class StillPhone {
  readonly far: FarEnd;
  /** The samples that it says from now on, by their number; undefined: it sends nothing. */
  says: ((n: number) => number) | undefined;
  /** Where the server's end is. */
  to: { readonly address: string; readonly port: number } = { address: HERE, port: 0 };
  #sequence = 0;
  #time = 0;
  #read = 0;
  readonly #heard: Heard[] = [];
  /** Where SRTP was agreed on; both are the telephone's. */
  secure: { readonly sender: SrtpSender; readonly receiver: SrtpReceiver } | undefined;
  /** Packets that could not be opened. */
  torn = 0;
  readonly ssrc: number;

  constructor(far: FarEnd, ssrc: number) {
    this.far = far;
    this.ssrc = ssrc;
  }

  /** 20 ms more. */
  say(): void {
    const { says } = this;
    if (says !== undefined) {
      const from = this.#time;
      this.send(
        0,
        Uint8Array.from({ length: 160 }, (_, n) => toMuLaw(Math.round(says(from + n)))),
      );
    }
    this.#time += 160;
  }

  /** One packet, with the time of the next sound or another. */
  send(payloadType: number, payload: Uint8Array, { time = this.#time, marker = false } = {}): void {
    const head = Buffer.alloc(12);
    head[0] = 0x80;
    head[1] = payloadType | (marker ? 0x80 : 0);
    head.writeUInt16BE(this.#sequence & 0xffff, 2);
    head.writeUInt32BE(time >>> 0, 4);
    head.writeUInt32BE(this.ssrc, 8);
    this.#sequence += 1;
    const packet = Buffer.concat([head, payload, Buffer.alloc(SRTP_ROOM)]);
    const plain = head.length + payload.length;
    this.far.send(packet.subarray(0, this.secure?.sender.protect(packet, 0, plain) ?? plain), this.to);
  }

  get time(): number {
    return this.#time;
  }

  /** All RTP that came, in order. */
  heard(): Heard[] {
    for (const parcel of this.far.got.slice(this.#read)) {
      const type = parcel.bytes[1]! & 0x7f;
      if (type < 64 || type > 95) this.#open(parcel);
    }
    this.#read = this.far.got.length;
    return this.#heard;
  }

  #open({ bytes, ...rest }: Parcel): void {
    const packet = Uint8Array.from(bytes);
    const length = this.secure?.receiver.unprotect(packet, 0, packet.length) ?? packet.length;
    if (length < 0) this.torn += 1;
    else this.#heard.push(read({ bytes: packet.subarray(0, length), ...rest }));
  }

  /** Everything of µ-law that came, one behind the other. */
  sound(): Int16Array {
    const payloads = this.heard().filter(({ payloadType }) => payloadType === 0);
    return Int16Array.from(payloads.flatMap(({ payload }) => Array.from(payload, fromMuLaw)));
  }
}

/** Telephones of all threads, so that each has an address of its own. */
let phones = 0;

/** A media thread without a thread, `beside` another one or with a network without wires, and a clock that stands still until it is told to go on. */
export function stillThread(beside?: { readonly clock: DrowsyClock; readonly network: MemorySockets }, more: Partial<ThreadSettings> = {}) {
  const clock = beside?.clock ?? new DrowsyClock();
  const network = beside?.network ?? new MemorySockets(clock);
  const signals: Signal[] = [];
  const asked = new Map<number, (report: Report) => void>();
  let asks = 0;
  const post = (report: Report): void => {
    if (report.say === 'signals') signals.push(...report.signals);
    if (report.say === 'answer' || report.say === 'refused') asked.get(report.ask)?.(report);
  };
  const settings = { ports: { range: 'any', preferred: [] }, mediaTimeoutMs: 60_000, silentAfterMs: 60_000, ...more } as const;
  const thread = new MediaThread({ sockets: network, clock, settings, post });
  const ask = async <T>(order: Unasked): Promise<T> => {
    const report = await new Promise<Report>((resolve) => {
      asks += 1;
      asked.set(asks, resolve);
      thread.obey({ ...order, ask: asks } as Exclude<Order, { do: 'close' }>);
    });
    return report.say === 'answer' ? (report.value as T) : assert.fail(JSON.stringify(report));
  };
  return {
    clock,
    network,
    thread,
    signals,
    ask,
    /** A leg of µ-law with a telephone at its far end. */
    open: async (
      leg: string,
      { room = 'room', change = {}, ...rest }: { room?: string; change?: ThreadChange } & Partial<ThreadLeg> = {},
    ) => {
      phones += 1;
      const phone = new StillPhone(network.far(`192.0.${phones >> 8}.${phones & 255}`, 4000), phones);
      const { address, port } = phone.far.place;
      const request = { leg, room, address: HERE, remote: { address, port }, ssrc: phones, sequence: 0, timestamp: 0, cname: leg, ...rest };
      phone.to = await ask<{ address: string; port: number }>({ do: 'open', leg: request });
      const remote = { address, port, rtcpPort: port + 1 };
      thread.obey({ do: 'change', leg, change: { remote, codec: PCMU, telephoneEvent: 101, direction: 'sendrecv', ...change } });
      return phone;
    },
    /** Everybody hears everybody else; `echo`: himself too. */
    mix: (
      room: string,
      legs: readonly string[],
      { version = 1, echo = [] as readonly string[], ...plan }: Partial<ThreadPlan> & { echo?: readonly string[] } = {},
    ) =>
      thread.obey({
        do: 'hear',
        room,
        plan: {
          version,
          sources: legs.map((leg) => ({ leg, gain: 1 })),
          listeners: legs.map((leg) => ({ leg, gains: [], echo: echo.includes(leg) })),
          levels: false,
          ...plan,
        },
      }),
    change: (leg: string, change: ThreadChange): void => thread.obey({ do: 'change', leg, change }),
    /** Lets time pass; the phones say 20 ms every 20 ms. */
    run: (ms: number, ...talking: readonly StillPhone[]): void => {
      for (let passed = 0; passed < ms; passed += 20) {
        for (const phone of talking) phone.say();
        clock.fake.advance(20);
      }
    },
  };
}

/** A sine of this many Hz at 8 000 samples in a second. */
export const sine =
  (hertz: number, amplitude = 8000) =>
  (n: number): number =>
    amplitude * Math.sin((2 * Math.PI * hertz * n) / 8000);
