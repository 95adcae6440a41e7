import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type Clock, Failure } from '../../base/index.ts';
import { addressBytes, keyOf } from './address.ts';
import { arrivalsIn, BATCH, type Destination, PACKET, type SocketPort, type Sockets } from './socket-port.ts';

/** Packets kept per port between two ticks: more than a port's legs can send in a fifth of a second. */
const KEPT = 1024;

interface Waiting {
  readonly packet: Buffer;
  readonly from: RemoteInfo;
  readonly at: number;
}

/** UDP through node:dgram: slower, the same results, on every system. */
export class DgramSockets implements Sockets {
  readonly kind = 'dgram';
  readonly arrivals = arrivalsIn(new Uint8Array(BATCH * PACKET), PACKET);
  readonly out = new Uint8Array(PACKET);
  readonly senders: (RemoteInfo | undefined)[] = new Array(BATCH);
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async bind(address: string, port: number): Promise<SocketPort> {
    const family = addressBytes(address).length;
    const socket = createSocket(family === 4 ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (cause) => reject(new Failure('conflict', 'port_taken', 'cannot bind', { cause })));
      socket.bind({ address, port, exclusive: true }, resolve);
    });
    socket.removeAllListeners('error');
    return new DgramPort(this, socket);
  }

  destination(address: string, port: number): Destination {
    return { address, port, key: keyOf(addressBytes(address), port) };
  }

  sender(index: number): Destination {
    const from = this.senders[index];
    if (from === undefined) throw new RangeError('no such arrival');
    return this.destination(from.address, from.port);
  }
}

class DgramPort implements SocketPort {
  readonly address: string;
  readonly port: number;
  readonly out: Uint8Array;
  readonly #sockets: DgramSockets;
  readonly #socket: Socket;
  #waiting: Waiting[] = [];
  #refused = 0;
  #closing: Promise<void> | undefined;

  constructor(sockets: DgramSockets, socket: Socket) {
    this.#sockets = sockets;
    this.#socket = socket;
    ({ address: this.address, port: this.port } = socket.address());
    this.out = sockets.out;
    socket.on('message', (packet, from) => {
      if (this.#waiting.length < KEPT) this.#waiting.push({ packet, from, at: sockets.clock.now() });
    });
    // A far end that is gone answers by ICMP; the media timeout notices it.
    socket.on('error', () => {});
  }

  receive(_now: number): number {
    const { arrivals, senders } = this.#sockets;
    const taken = this.#waiting.splice(0, BATCH);
    for (const [i, { packet, from, at }] of taken.entries()) {
      const length = Math.min(packet.length, PACKET);
      arrivals.bytes.set(packet.subarray(0, length), i * PACKET);
      arrivals.length[i] = length;
      arrivals.source[i] = keyOf(addressBytes(from.address), from.port);
      arrivals.at[i] = at;
      senders[i] = from;
    }
    return taken.length;
  }

  reserve(): number {
    return 0;
  }

  commit(to: Destination, length: number): void {
    this.#socket.send(Buffer.from(this.out.subarray(0, length)), to.port, to.address, (error) => {
      if (error) this.#refused += 1;
    });
  }

  flush(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(() => resolve()));
    return this.#closing;
  }
}
