import { Failure } from '../../base/index.ts';
import { addressBytes, keyOf, keyOfV4, keyOfV6, spell } from './address.ts';
import type { Libc } from './libc.ts';
import { type Arrivals, arrivalsIn, BATCH, type Destination, PACKET, type SocketPort, type Sockets, STRIDE } from './socket-port.ts';

const AF_INET = 2;
const AF_INET6 = 10;
/** SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC. */
const DATAGRAM = 2 | 0o4000 | 0o2000000;
const MSG_DONTWAIT = 0x40;
const [SOL_SOCKET, SO_SNDBUF, SO_RCVBUF, SO_TIMESTAMPNS] = [1, 7, 8, 35];
const [IPPROTO_IPV6, IPV6_V6ONLY] = [41, 26];
const [IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE] = [0, 10, 3];
const BUFFER_BYTES = 1_048_576;
/** struct sockaddr_in6, the larger of the two. */
const NAME = 28;
const SOCKADDR_IN = 16;
/** struct cmsghdr and struct timespec. */
const CONTROL = 32;
const MMSGHDR = 64;
const IOVEC = 16;
/** Byte places inside struct mmsghdr on 64-bit Linux. */
const AT = { name: 0, nameLength: 8, vectors: 16, vectorCount: 24, control: 32, controlLength: 40, length: 56 };

interface NativeDestination extends Destination {
  /** struct sockaddr. */
  readonly name: Uint8Array;
  /** The beginning of `name` as two words; for IPv4 it is all that counts, and quicker to write. */
  readonly familyAndPort: number;
  readonly ipv4: number;
}

/** struct sockaddr_in or sockaddr_in6 for an address. */
function sockaddr(address: Uint8Array, port: number): Uint8Array {
  const name = new Uint8Array(address.length === 4 ? 16 : NAME);
  const view = new DataView(name.buffer);
  view.setUint16(0, address.length === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  name.set(address, address.length === 4 ? 4 : 8);
  return name;
}

/** `BATCH` struct mmsghdr with one iovec, one name and, for receiving, one control message each, wired up once. */
class MessageRow {
  readonly bytes = new Uint8Array(BATCH * STRIDE);
  readonly names = new Uint8Array(BATCH * NAME);
  readonly nameWords = new Int32Array(this.names.buffer);
  readonly controls = new Uint8Array(BATCH * CONTROL);
  readonly headers = new DataView(new ArrayBuffer(BATCH * MMSGHDR));
  readonly vectors = new DataView(new ArrayBuffer(BATCH * IOVEC));
  readonly address: bigint;

  constructor(libc: Libc, withControl: boolean) {
    this.address = libc.pointer(this.headers);
    const [bytes, names, controls, vectors] = [this.bytes, this.names, this.controls, this.vectors].map((each) => libc.pointer(each));
    for (let i = 0; i < BATCH; i++) {
      const [header, vector] = [i * MMSGHDR, i * IOVEC];
      this.vectors.setBigUint64(vector, bytes! + BigInt(i * STRIDE), true);
      this.vectors.setBigUint64(vector + 8, BigInt(PACKET), true);
      this.headers.setBigUint64(header + AT.name, names! + BigInt(i * NAME), true);
      this.headers.setUint32(header + AT.nameLength, NAME, true);
      this.headers.setBigUint64(header + AT.vectors, vectors! + BigInt(vector), true);
      this.headers.setUint32(header + AT.vectorCount, 1, true);
      if (!withControl) continue;
      this.headers.setBigUint64(header + AT.control, controls! + BigInt(i * CONTROL), true);
      this.headers.setUint32(header + AT.controlLength, CONTROL, true);
    }
  }
}

/** UDP through recvmmsg and sendmmsg on memory laid out once. */
export class BatchedSockets implements Sockets {
  readonly kind = 'batched';
  readonly arrivals: Arrivals;
  readonly libc: Libc;
  readonly incoming: MessageRow;
  readonly outgoing: MessageRow;
  readonly #controls: DataView;
  readonly #realtime = new DataView(new ArrayBuffer(16));
  readonly #realtimeAddress: bigint;

  constructor(libc: Libc) {
    this.libc = libc;
    this.incoming = new MessageRow(libc, true);
    this.outgoing = new MessageRow(libc, false);
    this.#controls = new DataView(this.incoming.controls.buffer);
    this.#realtimeAddress = libc.pointer(this.#realtime);
    this.arrivals = arrivalsIn(this.incoming.bytes, STRIDE);
  }

  async bind(address: string, port: number): Promise<SocketPort> {
    const bytes = addressBytes(address);
    const fd = this.libc.socket(bytes.length === 4 ? AF_INET : AF_INET6, DATAGRAM, 0);
    if (fd < 0) throw new Failure('limit', 'no_socket', `no socket to be had: errno ${this.libc.errno()}`);
    const name = sockaddr(bytes, port);
    this.#set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    this.#set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
    this.#set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    // No packet of ours is ever cut up, so none needs a number of its own, which costs the kernel as much as looking up the route.
    if (bytes.length === 4) this.#set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    if (bytes.length === 16) this.#set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    const length = Uint32Array.of(name.length);
    const failed = this.libc.bind(fd, this.libc.pointer(name), name.length) < 0;
    if (failed || this.libc.getsockname(fd, this.libc.pointer(name), this.libc.pointer(length)) < 0) {
      const errno = this.libc.errno();
      this.libc.close(fd);
      throw new Failure('conflict', 'port_taken', `cannot bind: errno ${errno}`);
    }
    return new BatchedPort(this, fd, { address, port: new DataView(name.buffer).getUint16(2) });
  }

  destination(address: string, port: number): NativeDestination {
    const bytes = addressBytes(address);
    const name = sockaddr(bytes, port);
    const view = new DataView(name.buffer);
    const ipv4 = bytes.length === 4 ? view.getInt32(4, true) : 0;
    return { address, port, key: keyOf(bytes, port), name, familyAndPort: view.getInt32(0, true), ipv4 };
  }

  sender(index: number): Destination {
    const name = this.incoming.names.slice(index * NAME, (index + 1) * NAME);
    const view = new DataView(name.buffer);
    const bytes = view.getUint16(0, true) === AF_INET ? name.subarray(4, 8) : name.subarray(8, 24);
    return this.destination(spell(bytes), view.getUint16(2));
  }

  /** Fills `arrivals` for the first `count` messages and makes them ready for the next call. */
  unpack(count: number, now: number): void {
    const { headers, names } = this.incoming;
    this.libc.realtime(this.#realtimeAddress);
    const seconds = this.#realtime.getUint32(0, true);
    const nanoseconds = this.#realtime.getUint32(8, true);
    for (let i = 0; i < count; i++) {
      const [header, name, control] = [i * MMSGHDR, i * NAME, i * CONTROL];
      this.arrivals.length[i] = headers.getUint32(header + AT.length, true);
      const port = ((names[name + 2] ?? 0) << 8) | (names[name + 3] ?? 0);
      this.arrivals.source[i] = names[name] === AF_INET ? keyOfV4(names, name + 4, port) : keyOfV6(names, name + 8, port);
      const stamped = headers.getUint32(header + AT.controlLength, true) >= CONTROL;
      const waited = stamped
        ? (seconds - this.#controls.getUint32(control + 16, true)) * 1000 +
          (nanoseconds - this.#controls.getUint32(control + 24, true)) / 1e6
        : 0;
      // A clock that somebody sets must not make packets come from the future or the distant past.
      this.arrivals.at[i] = now - (waited >= 0 && waited < 1000 ? waited : 0);
      headers.setUint32(header + AT.nameLength, NAME, true);
      headers.setUint32(header + AT.controlLength, CONTROL, true);
    }
  }

  #set(fd: number, level: number, option: number, value: number): void {
    const memory = Int32Array.of(value);
    this.libc.setsockopt(fd, level, option, this.libc.pointer(memory), 4);
  }
}

class BatchedPort implements SocketPort {
  readonly address: string;
  readonly port: number;
  readonly out: Uint8Array;
  readonly #sockets: BatchedSockets;
  readonly #fd: number;
  #queued = 0;
  #refused = 0;
  #closed = false;

  constructor(sockets: BatchedSockets, fd: number, { address, port }: { address: string; port: number }) {
    this.#sockets = sockets;
    this.#fd = fd;
    this.address = address;
    this.port = port;
    this.out = sockets.outgoing.bytes;
  }

  receive(now: number): number {
    const { libc, incoming } = this.#sockets;
    if (this.#closed) return 0;
    const count = libc.recvmmsg(this.#fd, incoming.address, BATCH, MSG_DONTWAIT);
    if (count <= 0) return 0;
    this.#sockets.unpack(count, now);
    return count;
  }

  reserve(): number {
    if (this.#queued === BATCH) this.#send();
    return this.#queued * STRIDE;
  }

  commit(to: Destination, length: number): void {
    const { outgoing } = this.#sockets;
    const { name, familyAndPort, ipv4 } = to as NativeDestination;
    if (ipv4 === 0) outgoing.names.set(name, this.#queued * NAME);
    else {
      const words = outgoing.nameWords;
      const at = this.#queued * (NAME / 4);
      words[at] = familyAndPort;
      words[at + 1] = ipv4;
    }
    outgoing.headers.setUint32(this.#queued * MMSGHDR + AT.nameLength, ipv4 === 0 ? name.length : SOCKADDR_IN, true);
    outgoing.vectors.setUint32(this.#queued * IOVEC + 8, length, true);
    this.#queued += 1;
  }

  flush(): number {
    this.#send();
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#sockets.libc.close(this.#fd);
  }

  #send(): void {
    const { libc, outgoing } = this.#sockets;
    let sent = 0;
    while (sent < this.#queued && !this.#closed) {
      const from = sent === 0 ? outgoing.address : outgoing.address + BigInt(sent * MMSGHDR);
      const count = libc.sendmmsg(this.#fd, from, this.#queued - sent, MSG_DONTWAIT);
      // The first message that is refused stops the call; the ones behind it may go elsewhere.
      if (count <= 0) this.#refused += 1;
      sent += Math.max(1, count);
    }
    this.#queued = 0;
  }
}
