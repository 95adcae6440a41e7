import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Bearer, BearerNeeds } from './bearer.ts';
import { type Flow, printFlow } from './flow.ts';

/** Room for some thousand messages: when all hang up at once, none must get lost, or it comes again only after half a second. The system may give less. */
const BUFFER_BYTES = 4_194_304;

/** SIP over UDP (RFC 3261 §18). */
export class Datagrams implements Bearer {
  readonly #needs: BearerNeeds;
  readonly #socket: Socket;
  /** Datagrams that the system has not taken yet. */
  #unsent = 0;
  #drained: () => void = () => {};

  constructor(socket: Socket, needs: BearerNeeds) {
    this.#socket = socket;
    this.#needs = needs;
    socket.on('error', (error) => needs.log.warn('udp socket failed', { error }));
    socket.on('message', (bytes, { address, port }) => {
      // Keep-alives: line breaks or zeros, with nothing behind them.
      if (!bytes.every((byte) => byte === 13 || byte === 10 || byte === 0)) needs.take(bytes, { transport: 'UDP', address, port });
    });
  }

  send(flow: Flow, bytes: Uint8Array, failed: () => void): void {
    this.#unsent += 1;
    this.#socket.send(bytes, flow.port, flow.address, (error) => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.#drained();
      if (error === null) return;
      this.#needs.log.debug('datagram was not sent', { to: printFlow(flow), error });
      failed();
    });
  }

  reaches(): boolean {
    return true;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (this.#unsent === 0) resolve();
    });
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

/** Binds a socket; not listening to anything yet. */
export async function bindUdp(address: string, port: number): Promise<Socket> {
  const type = address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES });
  try {
    socket.bind({ address, port });
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
