import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock, Closable, Log } from '../base/index.ts';
import { type Malformed, parseMessage, type SipMessage, StreamSplitter } from '../sip/index.ts';
import { type Flow, printFlow } from './flow.ts';
import { partFrom } from './part-from.ts';

/** What a transport needs. */
export interface TransportOptions {
  readonly clock: Clock;
  readonly address: string;
  readonly port: number;
  readonly log: Log;
  readonly maxConnections: number;
  /** One message, whole or malformed. */
  readonly take: (message: SipMessage | Malformed, flow: Flow) => void;
}

/** How long a TCP connection may be silent, and how long it may take to be made, in ms. */
const IDLE = 600_000;
const CONNECT = 5_000;
const TRIES = 20;
/** A peer that does not read what we send is dropped, in bytes. */
const MOST_UNSENT = 1_048_576;

/** The SIP sockets: UDP and TCP at one address and port (RFC 3261 §18). */
export class Transport implements Closable {
  readonly port: number;
  readonly address: string;
  readonly #options: TransportOptions;
  readonly #udp: UdpSocket;
  readonly #server: Server;
  readonly #connections = new Map<string, Socket>();
  /** Datagrams that the system has not taken yet. */
  #unsent = 0;
  #drained: () => void = () => {};
  #closing: Promise<void> | undefined;

  /** Use `openTransport`. */
  constructor(options: TransportOptions, bound: { udp: UdpSocket; server: Server; port: number }) {
    this.#options = options;
    this.address = options.address;
    this.port = bound.port;
    this.#udp = bound.udp;
    this.#server = bound.server;
    this.#udp.on('error', (error) => options.log.warn('udp socket failed', { error }));
    this.#udp.on('message', (bytes, { address, port }) => this.#datagram(bytes, { transport: 'UDP', address, port }));
    this.#server.on('error', (error) => options.log.warn('tcp socket failed', { error }));
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  /** Sends; `failed` is called once when it is known that this cannot arrive. */
  send(flow: Flow, bytes: Uint8Array, failed: () => void = () => {}): void {
    if (this.#closing !== undefined) return;
    if (flow.transport === 'TCP') {
      this.#write(flow, bytes, failed);
      return;
    }
    this.#unsent += 1;
    this.#udp.send(bytes, flow.port, flow.address, (error) => {
      this.#unsent -= 1;
      if (this.#unsent === 0) this.#drained();
      if (error === null) return;
      this.#options.log.debug('datagram was not sent', { to: printFlow(flow), error });
      failed();
    });
  }

  /** UDP reaches everybody; TCP whom it has an open connection to. */
  reaches(flow: Flow): boolean {
    return flow.transport === 'UDP' || this.#connections.get(printFlow(flow))?.writable === true;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // What was said last, such as the 503 of an arriving call, still goes out.
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (this.#unsent === 0) resolve();
    });
    await Promise.all([...this.#connections.values()].map((socket) => partFrom(socket, this.#options.clock)));
    const closed = [once(this.#server, 'close'), once(this.#udp, 'close')];
    this.#server.close();
    this.#udp.close();
    await Promise.all(closed);
  }

  #datagram(bytes: Uint8Array, flow: Flow): void {
    // Keep-alives: line breaks or zeros, with nothing behind them.
    if (bytes.every((byte) => byte === 13 || byte === 10 || byte === 0)) return;
    this.#take(bytes, flow);
  }

  #take(bytes: Uint8Array, flow: Flow): void {
    try {
      this.#options.take(parseMessage(bytes), flow);
    } catch (error) {
      // A bug of ours, at the border where it can harm only this one message.
      this.#options.log.error('a message broke its handling', { from: printFlow(flow), error });
    }
  }

  #accept(socket: Socket): void {
    if (this.#closing !== undefined || this.#connections.size >= this.#options.maxConnections) {
      socket.destroy();
      return;
    }
    this.#adopt(socket, { transport: 'TCP', address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
  }

  #adopt(socket: Socket, flow: Flow): void {
    const key = printFlow(flow);
    const splitter = new StreamSplitter();
    this.#connections.set(key, socket);
    socket.setNoDelay(true);
    socket.setTimeout(IDLE, () => socket.destroy());
    socket.on('error', (error) => this.#options.log.debug('connection failed', { peer: key, error }));
    socket.on('close', () => this.#connections.get(key) === socket && this.#connections.delete(key));
    socket.on('data', (chunk) => {
      for (const each of splitter.push(chunk)) {
        if (each === 'ping') socket.write('\r\n');
        else this.#take(each, flow);
      }
      if (splitter.overflow) socket.destroySoon();
    });
  }

  #write(flow: Flow, bytes: Uint8Array, failed: () => void): void {
    const known = this.#connections.get(printFlow(flow));
    if (known !== undefined && known.writableLength > MOST_UNSENT) known.destroy();
    const socket = known?.writable ? known : this.#connect(flow);
    socket.write(bytes, (error) => error && failed());
  }

  #connect(flow: Flow): Socket {
    const socket = connect({ host: flow.address, port: flow.port, localAddress: this.address });
    this.#adopt(socket, flow);
    socket.setTimeout(CONNECT);
    socket.once('connect', () => socket.setTimeout(IDLE));
    return socket;
  }
}

/** Binds UDP and TCP to the same port; port 0 tries until one is free for both. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  for (let left = options.port === 0 ? TRIES : 1; ; left--) {
    const udp = createSocket(options.address.includes(':') ? 'udp6' : 'udp4');
    const server = createServer();
    try {
      udp.bind({ address: options.address, port: options.port });
      await once(udp, 'listening');
      const { port } = udp.address();
      server.listen({ host: options.address, port });
      await once(server, 'listening');
      return new Transport(options, { udp, server, port });
    } catch (error) {
      udp.close();
      server.close();
      if (left <= 1) throw error;
    }
  }
}
