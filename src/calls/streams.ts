import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { StreamSplitter } from '../sip/index.ts';
import { type Bearer, type BearerNeeds, MOST_UNSENT } from './bearer.ts';
import { type Flow, printFlow } from './flow.ts';
import { partFrom } from './part-from.ts';

/** How long a connection may be silent, and how long it may take to be made, in ms. */
const IDLE = 600_000;
const CONNECT = 5_000;

/** What makes streams TCP or TLS. */
export interface StreamKind {
  readonly transport: 'TCP' | 'TLS';
  readonly server: Server;
  /** The server's event that brings a connection, and the connection's event that says it is made. */
  readonly accepted: 'connection' | 'secureConnection';
  readonly made: 'connect' | 'secureConnect';
  readonly connect: (flow: Flow) => Socket;
}

/** SIP over TCP or TLS (RFC 3261 §18): connections that came and connections that we made, by their far end. */
export class Streams implements Bearer {
  readonly #kind: StreamKind;
  readonly #needs: BearerNeeds & { readonly maxConnections: number };
  readonly #connections = new Map<string, Socket>();
  #closing = false;

  constructor(kind: StreamKind, needs: BearerNeeds & { readonly maxConnections: number }) {
    this.#kind = kind;
    this.#needs = needs;
    // Also those whose handshake is not over.
    kind.server.maxConnections = needs.maxConnections;
    kind.server.on('error', (error) => needs.log.warn('listening failed', { transport: kind.transport, error }));
    kind.server.on('tlsClientError', (error) => needs.log.debug('a handshake failed', { error }));
    kind.server.on(kind.accepted, (socket: Socket) => this.#accept(socket));
  }

  send(flow: Flow, bytes: Uint8Array, failed: () => void): void {
    const known = this.#connections.get(printFlow(flow));
    if (known !== undefined && known.writableLength > MOST_UNSENT) known.destroy();
    const socket = known?.writable ? known : this.#connect(flow);
    socket.write(bytes, (error) => error && failed());
  }

  reaches(flow: Flow): boolean {
    return this.#connections.get(printFlow(flow))?.writable === true;
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closed = once(this.#kind.server, 'close');
    this.#kind.server.close();
    await Promise.all([...this.#connections.values()].map((socket) => partFrom(socket, this.#needs.clock)));
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#closing || this.#connections.size >= this.#needs.maxConnections) {
      socket.destroy();
      return;
    }
    this.#adopt(socket, { transport: this.#kind.transport, address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  }

  #adopt(socket: Socket, flow: Flow): void {
    const key = printFlow(flow);
    const splitter = new StreamSplitter();
    this.#connections.set(key, socket);
    socket.setNoDelay(true);
    socket.setTimeout(IDLE, () => socket.destroy());
    socket.on('error', (error) => this.#needs.log.debug('connection failed', { peer: key, error }));
    socket.on('close', () => this.#connections.get(key) === socket && this.#connections.delete(key));
    socket.on('data', (chunk) => {
      for (const each of splitter.push(chunk)) {
        if (each === 'ping') socket.write('\r\n');
        else this.#needs.take(each, flow);
      }
      if (splitter.overflow) socket.destroySoon();
    });
  }

  #connect(flow: Flow): Socket {
    const socket = this.#kind.connect(flow);
    this.#adopt(socket, flow);
    socket.setTimeout(CONNECT);
    socket.once(this.#kind.made, () => socket.setTimeout(IDLE));
    return socket;
  }
}

/** Listens; a server that cannot is closed again. */
export async function listen(server: Server, address: string, port: number): Promise<void> {
  try {
    server.listen({ host: address, port });
    await once(server, 'listening');
  } catch (error) {
    server.close();
    throw error;
  }
}
