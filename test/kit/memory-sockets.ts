import { type Clock, Failure } from '../../src/base/index.ts';
import { arrivalsIn, BATCH, type Destination, PACKET, type SocketPort, type Sockets } from '../../src/media/thread/socket-port.ts';

/** A packet that came somewhere: its bytes, from where, and when by the network's clock. */
export interface Parcel {
  readonly bytes: Uint8Array;
  readonly from: Destination;
  readonly at: number;
}

/** A network without wires: what is sent is there at once, in order, and nothing is lost. */
export class MemorySockets implements Sockets {
  readonly kind = 'batched';
  readonly arrivals = arrivalsIn(new Uint8Array(BATCH * PACKET), PACKET);
  readonly #clock: Clock;
  readonly #places = new Map<string, Destination>();
  readonly #ports = new Map<number, MemoryPort>();
  readonly #far = new Map<number, FarEnd>();
  #senders: readonly Destination[] = [];
  #free = 20_000;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ports that are bound now: none after a clean close. */
  get bound(): number {
    return this.#ports.size;
  }

  async bind(address: string, port: number): Promise<SocketPort> {
    let place = this.destination(address, port === 0 ? this.#free++ : port);
    while (port === 0 && this.#ports.has(place.key)) place = this.destination(address, this.#free++);
    if (this.#ports.has(place.key)) throw new Failure('conflict', 'port_taken', 'cannot bind');
    const bound = new MemoryPort(this, place, () => this.#ports.delete(place.key));
    this.#ports.set(place.key, bound);
    return bound;
  }

  destination(address: string, port: number): Destination {
    const name = `${address} ${port}`;
    const known = this.#places.get(name) ?? { address, port, key: this.#places.size + 1 };
    this.#places.set(name, known);
    return known;
  }

  sender(index: number): Destination {
    const from = this.#senders[index];
    if (from === undefined) throw new RangeError('no such arrival');
    return from;
  }

  /** Somebody on the other side of the network, who keeps all that comes. */
  far(address: string, port: number): FarEnd {
    const place = this.destination(address, port);
    const end = new FarEnd(place, (bytes, to) => this.carry(bytes, place, this.destination(to.address, to.port)));
    this.#far.set(place.key, end);
    return end;
  }

  carry(bytes: Uint8Array, from: Destination, to: Destination): void {
    const parcel = { bytes: Uint8Array.from(bytes), from, at: this.#clock.now() };
    this.#ports.get(to.key)?.waiting.push(parcel);
    this.#far.get(to.key)?.got.push(parcel);
  }

  hand(parcels: readonly Parcel[]): number {
    this.#senders = parcels.map(({ from }) => from);
    for (const [i, { bytes, from, at }] of parcels.entries()) {
      this.arrivals.bytes.set(bytes, i * PACKET);
      this.arrivals.length[i] = bytes.length;
      this.arrivals.source[i] = from.key;
      this.arrivals.at[i] = at;
    }
    return parcels.length;
  }
}

class MemoryPort implements SocketPort {
  readonly address: string;
  readonly port: number;
  readonly out = new Uint8Array(PACKET);
  readonly waiting: Parcel[] = [];
  readonly #network: MemorySockets;
  readonly #place: Destination;
  readonly #leave: () => void;
  #queue: { readonly to: Destination; readonly bytes: Uint8Array }[] = [];

  constructor(network: MemorySockets, place: Destination, leave: () => void) {
    ({ address: this.address, port: this.port } = place);
    this.#network = network;
    this.#place = place;
    this.#leave = leave;
  }

  receive(): number {
    return this.#network.hand(this.waiting.splice(0, BATCH));
  }

  reserve(): number {
    return 0;
  }

  commit(to: Destination, length: number): void {
    this.#queue.push({ to, bytes: this.out.slice(0, length) });
  }

  flush(): number {
    for (const { to, bytes } of this.#queue.splice(0)) this.#network.carry(bytes, this.#place, to);
    return 0;
  }

  async close(): Promise<void> {
    this.#leave();
  }
}

/** One address on the other side. */
export class FarEnd {
  readonly place: Destination;
  /** Everything that came here, in order. */
  readonly got: Parcel[] = [];
  readonly #send: (bytes: Uint8Array, to: { readonly address: string; readonly port: number }) => void;

  constructor(place: Destination, send: (bytes: Uint8Array, to: { readonly address: string; readonly port: number }) => void) {
    this.place = place;
    this.#send = send;
  }

  send(bytes: Uint8Array, to: { readonly address: string; readonly port: number }): void {
    this.#send(bytes, to);
  }
}
