import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Alarm, Clock, Log } from '../base/index.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { clientAddress, isSecure, type Trusts } from './networks.ts';
import type { AcceptedSocket, AdmittedSocket, SocketPeer, SocketRefusal, SocketRequest, UpgradeRoute } from './options.ts';

/** How often the far end must show that it lives, ms. */
const HEARTBEAT = 30_000;
const MAX_FRAME = 65_536;
const MAX_PER_ADDRESS = 200;

type Row = UpgradeRoute & {
  readonly server: WebSocketServer;
  /** Finds what stands for each `:name`. */
  readonly pattern: RegExp;
};

/** A row with somebody who wants in there. */
interface Asking extends UpgradeRequest {
  readonly row: Row;
  readonly peer: SocketPeer;
  /** What the bound counts. */
  readonly place: string;
}

interface Open {
  readonly socket: WebSocket;
  /** What the bound counts: path and address. */
  readonly place: string;
  lives: boolean;
}

/** What the upgrade door needs. */
export interface UpgradeOptions {
  readonly routes: readonly UpgradeRoute[];
  readonly clock: Clock;
  readonly log: Log;
  readonly trusts: Trusts;
}

/** A request to upgrade, as the HTTP server gives it. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: IncomingMessage['socket'];
  readonly head: Buffer;
  /** Called once the socket is no longer HTTP's. */
  readonly onTaken: () => void;
}

/** The one place where HTTP becomes a websocket (RFC 6455): a table of paths, bounds, and a heartbeat. */
export class Upgrades {
  readonly #rows: readonly Row[];
  readonly #options: UpgradeOptions;
  readonly #open = new Set<Open>();
  readonly #places = new Map<string, number>();
  #heartbeat: Alarm | undefined;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#rows = options.routes.map((route) => ({ ...route, server: serverOf(route), pattern: patternOf(route.path) }));
  }

  /** The paths that are for websockets only. */
  get paths(): readonly string[] {
    return this.#rows.filter((row) => row.isAlsoHttp !== true).map(({ path }) => path);
  }

  /** Upgrades and hands over, or answers in HTTP why not. */
  take(asked: UpgradeRequest): void {
    const { request, socket } = asked;
    socket.on('error', ignore);
    const path = request.url?.split('?')[0] ?? '';
    const row = this.#rows.find(({ pattern }) => pattern.test(path));
    const peer = this.#peerOf(request);
    const place = `${row?.path} ${peer.address}`;
    const status = this.#refusal(row, request, place);
    if (row === undefined || status !== undefined) {
      refuse(socket, plainRefusal(status ?? 404));
      return;
    }
    const asking: Asking = { ...asked, row, peer, place };
    if ('take' in row) this.#upgrade(asking, (accepted) => row.take(accepted, peer, requestOf(request, row)));
    else void this.#admit(asking, row.admit(peer, requestOf(request, row)));
  }

  #upgrade({ request, socket, head, row, place, onTaken }: Asking, take: (socket: AcceptedSocket) => void): void {
    row.server.handleUpgrade(request, socket, head, (upgraded) => {
      onTaken();
      this.#follow(upgraded, place);
      take(acceptedSocket(upgraded, { clock: this.#options.clock, wire: socket }));
    });
  }

  /** Upgrades when whoever is asked says so; until then it has its place in the bound. */
  async #admit(asking: Asking, answer: Promise<AdmittedSocket | SocketRefusal>): Promise<void> {
    const { socket, place } = asking;
    this.#count(place, 1);
    const admitted = await answer.catch((error: unknown) => {
      this.#options.log.error('a websocket could not be admitted', { error });
      return plainRefusal(500);
    });
    this.#count(place, -1);
    if ('status' in admitted) {
      refuse(socket, admitted);
      return;
    }
    if (socket.destroyed) {
      admitted.drop();
      return;
    }
    let isTaken = false;
    socket.once('close', () => {
      if (!isTaken) admitted.drop();
    });
    this.#upgrade(asking, (accepted) => {
      isTaken = true;
      admitted.take(accepted);
    });
  }

  #count(place: string, more: 1 | -1): void {
    const count = (this.#places.get(place) ?? 0) + more;
    if (count > 0) this.#places.set(place, count);
    else this.#places.delete(place);
  }

  #refusal(row: Row | undefined, request: IncomingMessage, place: string): number | undefined {
    if (row === undefined) return 404;
    if (row.subprotocol === null && request.headers['sec-websocket-protocol'] !== undefined) return 400;
    if (typeof row.subprotocol === 'string' && !offered(request).includes(row.subprotocol)) return 400;
    return (this.#places.get(place) ?? 0) < (row.maxPerAddress ?? MAX_PER_ADDRESS) ? undefined : 429;
  }

  #peerOf({ headers, socket }: IncomingMessage): SocketPeer {
    const asked = { headers, remote: socket.remoteAddress ?? '', trusts: this.#options.trusts };
    return { address: clientAddress(asked), port: socket.remotePort ?? 0, secure: isSecure(asked, 'encrypted' in socket) };
  }

  #follow(socket: WebSocket, place: string): void {
    const open: Open = { socket, place, lives: true };
    this.#open.add(open);
    this.#count(place, 1);
    // A broken frame closes the socket by itself; the line is for whoever looks for the reason.
    socket.on('error', (error) => this.#options.log.debug('a websocket broke', { reason: error.message }));
    socket.on('pong', () => {
      open.lives = true;
    });
    socket.once('close', () => this.#forget(open));
    this.#heartbeat ??= this.#nextBeat();
  }

  #forget(open: Open): void {
    this.#open.delete(open);
    this.#count(open.place, -1);
    if (this.#open.size > 0) return;
    this.#heartbeat?.cancel();
    this.#heartbeat = undefined;
  }

  #nextBeat(): Alarm {
    const { clock } = this.#options;
    return clock.wake(clock.now() + HEARTBEAT, () => {
      this.#heartbeat = this.#nextBeat();
      for (const open of this.#open) {
        if (!open.lives) open.socket.terminate();
        open.lives = false;
        open.socket.ping();
      }
    });
  }
}

/** Whether a request asks for a websocket; other upgrades (h2c) are not done and served as if they had not been asked for (RFC 9110 §7.8). */
export const isWebsocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

const ignore = (): void => {};

const serverOf = ({ subprotocol, maxFrameBytes }: UpgradeRoute): WebSocketServer =>
  new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxFrameBytes ?? MAX_FRAME,
    handleProtocols: () => subprotocol ?? false,
  });

const offered = ({ headers }: IncomingMessage): readonly string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim().toLowerCase());

/** `*` is anything, `:name` one part of the path. */
const patternOf = (path: string): RegExp =>
  path === '*' ? /^/ : new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);

const requestOf = ({ url = '', headers }: IncomingMessage, { pattern }: Row): SocketRequest => ({
  url,
  headers,
  parameters: { ...pattern.exec(url.split('?')[0] ?? '')?.groups },
});

const plainRefusal = (status: number): SocketRefusal => ({ status, type: 'text/plain', body: `${STATUS_CODES[status]}\n` });

function refuse(socket: IncomingMessage['socket'], { status, type, body, headers = {} }: SocketRefusal): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
