import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Alarm, Clock, Log } from '../base/index.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { clientAddress, isSecure, type Trusts } from './networks.ts';
import type { SocketPeer, UpgradeRoute } from './options.ts';

/** How often the far end must show that it lives, ms. */
const HEARTBEAT = 30_000;
const MAX_FRAME = 65_536;
const MAX_PER_ADDRESS = 200;

interface Row extends UpgradeRoute {
  readonly server: WebSocketServer;
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
  readonly #rows: ReadonlyMap<string, Row>;
  readonly #options: UpgradeOptions;
  readonly #open = new Set<Open>();
  readonly #places = new Map<string, number>();
  #heartbeat: Alarm | undefined;

  constructor(options: UpgradeOptions) {
    this.#options = options;
    this.#rows = new Map(options.routes.map((route) => [route.path, { ...route, server: serverOf(route) }]));
  }

  /** The paths that are for websockets only. */
  get paths(): readonly string[] {
    return [...this.#rows.values()].filter((row) => row.isAlsoHttp !== true).map(({ path }) => path);
  }

  /** Upgrades and hands over, or answers in HTTP why not. */
  take(asked: UpgradeRequest): void {
    const { request, socket } = asked;
    socket.on('error', ignore);
    const row = this.#rows.get(request.url?.split('?')[0] ?? '') ?? this.#rows.get('*');
    const peer = this.#peerOf(request);
    const place = `${row?.path} ${peer.address}`;
    const status = this.#refusal(row, request, place);
    if (row === undefined || status !== undefined) {
      refuse(socket, status ?? 404);
      return;
    }
    row.server.handleUpgrade(request, socket, asked.head, (upgraded) => {
      asked.onTaken();
      this.#follow(upgraded, place);
      row.take(acceptedSocket(upgraded, { clock: this.#options.clock, wire: socket }), peer, {
        url: request.url ?? '',
        headers: request.headers,
      });
    });
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
    this.#places.set(place, (this.#places.get(place) ?? 0) + 1);
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
    const left = (this.#places.get(open.place) ?? 1) - 1;
    if (left > 0) this.#places.set(open.place, left);
    else this.#places.delete(open.place);
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

function refuse(socket: IncomingMessage['socket'], status: number): void {
  const body = `${STATUS_CODES[status]}\n`;
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${body.length}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
