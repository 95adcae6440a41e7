import { connect, createServer, type Server } from 'node:net';
import type { Clock, Closable, Log } from '../base/index.ts';
import { parseMessage } from '../sip/index.ts';
import type { Bearer, BearerNeeds, Take } from './bearer.ts';
import { bindUdp, Datagrams } from './datagrams.ts';
import { type Flow, printFlow, type TransportName } from './flow.ts';
import type { SipWebSocket, TlsOptions, WebSocketPeer } from './options.ts';
import { tlsConnect, tlsServer } from './secure.ts';
import { listen, Streams } from './streams.ts';
import { WebSockets } from './web-sockets.ts';

/** What a transport needs. */
export interface TransportOptions {
  readonly clock: Clock;
  readonly address: string;
  readonly port: number;
  readonly tls: TlsOptions | null;
  readonly log: Log;
  /** Of TCP, and of TLS. */
  readonly maxConnections: number;
  readonly maxWebSockets: number;
  /** One message, whole or malformed. */
  readonly take: Take;
  /** A websocket has closed. */
  readonly gone: (flow: Flow) => void;
}

/** How often two sockets are tried for one free port. */
const TRIES = 20;

/** Everything that carries SIP: UDP and TCP at one port, TLS at another, websockets that others upgraded (RFC 3261 §18, RFC 7118). */
export class Transport implements Closable {
  readonly port: number;
  /** Undefined without TLS. */
  readonly tlsPort: number | undefined;
  readonly #bearers: ReadonlyMap<TransportName, Bearer>;
  readonly #webSockets: WebSockets;
  #closing: Promise<void> | undefined;

  /** Use `openTransport`. */
  constructor(bound: { bearers: readonly [TransportName, Bearer][]; webSockets: WebSockets; port: number; tlsPort: number | undefined }) {
    this.port = bound.port;
    this.tlsPort = bound.tlsPort;
    this.#webSockets = bound.webSockets;
    this.#bearers = new Map<TransportName, Bearer>([...bound.bearers, ['WS', bound.webSockets], ['WSS', bound.webSockets]]);
  }

  /** Sends; `failed` is called once when it is known that this cannot arrive. */
  send(flow: Flow, bytes: Uint8Array, failed: () => void = () => {}): void {
    if (this.#closing !== undefined) return;
    const bearer = this.#bearers.get(flow.transport);
    if (bearer === undefined) queueMicrotask(failed);
    else bearer.send(flow, bytes, failed);
  }

  /** UDP reaches everybody; the others whom they have an open connection to. */
  reaches(flow: Flow): boolean {
    return this.#bearers.get(flow.transport)?.reaches(flow) === true;
  }

  /** Takes over a websocket. */
  adopt(socket: SipWebSocket, peer: WebSocketPeer): void {
    this.#webSockets.adopt(socket, peer);
  }

  close(): Promise<void> {
    // What was said last, such as the 503 of an arriving call, still goes out.
    this.#closing ??= Promise.all([...new Set(this.#bearers.values())].map((each) => each.close())).then(() => {});
    return this.#closing;
  }
}

/** Opens every socket, or none. */
export async function openTransport(options: TransportOptions): Promise<Transport> {
  const { log, address, tls, maxConnections } = options;
  const needs: BearerNeeds & { readonly maxConnections: number } = { ...options, maxConnections, take: guarded(options) };
  const { udp, tcp, port } = await bindBoth(options);
  const bearers: [TransportName, Bearer][] = [
    ['UDP', new Datagrams(udp, needs)],
    [
      'TCP',
      new Streams(
        {
          transport: 'TCP',
          server: tcp,
          accepted: 'connection',
          made: 'connect',
          connect: (flow) => connect({ host: flow.address, port: flow.port, localAddress: address }),
        },
        needs,
      ),
    ],
  ];
  let tlsPort: number | undefined;
  try {
    if (tls !== null) {
      const server = tlsServer(tls, log);
      await listen(server, address, tls.port);
      tlsPort = portOf(server);
      const secure = { transport: 'TLS', server, accepted: 'secureConnection', made: 'secureConnect' } as const;
      bearers.push(['TLS', new Streams({ ...secure, connect: (flow) => tlsConnect(flow, { ...tls, local: address }) }, needs)]);
    }
  } catch (error) {
    await Promise.all(bearers.map(([, each]) => each.close()));
    throw error;
  }
  const webSockets = new WebSockets({ ...needs, maxSockets: options.maxWebSockets, gone: options.gone });
  return new Transport({ bearers, webSockets, port, tlsPort });
}

/** The border of one message: a bug of ours can harm only this one. */
const guarded =
  ({ take, log }: Pick<TransportOptions, 'take' | 'log'>): BearerNeeds['take'] =>
  (bytes, flow) => {
    try {
      take(parseMessage(bytes), flow);
    } catch (error) {
      log.error('a message broke its handling', { from: printFlow(flow), error });
    }
  };

/** Binds UDP and TCP to the same port; port 0 tries until one is free for both. */
async function bindBoth({ address, port: wanted }: Pick<TransportOptions, 'address' | 'port'>) {
  for (let left = wanted === 0 ? TRIES : 1; ; left--) {
    const udp = await bindUdp(address, wanted);
    const { port } = udp.address();
    const tcp = createServer();
    try {
      await listen(tcp, address, port);
      return { udp, tcp, port };
    } catch (error) {
      udp.close();
      if (left <= 1) throw error;
    }
  }
}

/** The port that a server really has. */
function portOf(server: Server): number {
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
