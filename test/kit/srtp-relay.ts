import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SRTP_ROOM, SrtpReceiver, SrtpSender, type SrtpSuite } from '../../src/rtp/index.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A bump in the wire: encrypts what a phone without SRTP sends to a server, and the other way round. */
export class SrtpRelay {
  /** Packets of the server that were genuine, and that were not. */
  readonly seen = { good: 0, bad: 0 };
  readonly #socket: Socket;
  readonly #phone: number;
  #server: Place | undefined;
  #take: (bytes: Buffer, from: number) => void = () => {};

  private constructor(socket: Socket, phone: number) {
    this.#socket = socket;
    this.#phone = phone;
    socket.on('error', () => {});
    socket.on('message', (bytes, from) => this.#take(bytes, from.port));
  }

  /** Stands between a phone at this port and a server. */
  static async open(phone: number): Promise<SrtpRelay> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new SrtpRelay(socket, phone);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** From now on packets pass, encrypted with these keys. */
  join(server: Place, keys: { suite: SrtpSuite; phone: Uint8Array; server: Uint8Array }): void {
    this.#server = server;
    const sender = new SrtpSender({ suite: keys.suite, key: keys.phone });
    const receiver = new SrtpReceiver({ suite: keys.suite, key: keys.server });
    this.#take = (bytes, from) => {
      const room = Buffer.concat([bytes, Buffer.alloc(SRTP_ROOM)]);
      const outward = from === this.#phone;
      const length = outward ? sender.protect(room, 0, bytes.length) : receiver.unprotect(room, 0, bytes.length);
      if (!outward) this.seen[length > 0 ? 'good' : 'bad'] += 1;
      if (length <= 0) return;
      const to = outward ? this.#server : { address: '127.0.0.1', port: this.#phone };
      if (to !== undefined) this.#socket.send(room.subarray(0, length), to.port, to.address);
    };
  }

  close(): void {
    this.#socket.close();
  }
}
