import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Clock, Log } from '../../../base/index.ts';
import { Listener } from '../../listener.ts';
import { readNetworks } from '../../networks.ts';
import type { AcceptedSocket, SecureOptions, SocketPeer, SocketRequest } from '../../options.ts';
import { isWebsocket, Upgrades } from '../../upgrades.ts';

/** Where websockets come in. */
export interface DoorOptions {
  readonly address: string;
  readonly port?: number;
  readonly secure?: SecureOptions;
  readonly clock: Clock;
  readonly log: Log;
  readonly trustedProxies?: readonly string[];
  readonly maxPerAddress?: number;
  readonly take: (socket: AcceptedSocket, peer: SocketPeer, request: SocketRequest) => void;
}

/** There is nothing here but a websocket (RFC 9110 §15.5.22). */
const noPage: RequestListener = (_request, response) => {
  response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket', connection: 'upgrade' }).end('Upgrade Required\n');
};

/** Blackhole's servers, plain and over TLS: any path, no subprotocol, no compression (kazoo-facts §9.1). */
export class Doors {
  url: string | undefined;
  secureUrl: string | undefined;
  readonly #options: DoorOptions;
  readonly #plain: Listener<ReturnType<typeof createServer>> | undefined;
  readonly #secure: Listener<ReturnType<typeof createSecureServer>> | undefined;
  readonly #forget: (() => void) | undefined;

  constructor(options: DoorOptions) {
    const { clock, log, trustedProxies = [], maxPerAddress = 1000, port, secure, take } = options;
    const trusts = readNetworks(trustedProxies);
    if (trusts === undefined) throw new TypeError('trustedProxies must hold addresses and networks');
    const upgrades = new Upgrades({ routes: [{ path: '*', subprotocol: null, maxPerAddress, take }], clock, log, trusts });
    this.#options = options;
    this.#plain = port === undefined ? undefined : new Listener(createServer({ shouldUpgradeCallback: isWebsocket }, noPage), upgrades);
    if (secure === undefined) return;
    const { certificates } = secure;
    const tls = { ...certificates.context(), minVersion: 'TLSv1.2', shouldUpgradeCallback: isWebsocket } as const;
    const server = createSecureServer(tls, noPage);
    this.#secure = new Listener(server, upgrades);
    this.#forget = certificates.onChange(() => server.setSecureContext(certificates.context()));
  }

  async listen(): Promise<void> {
    const { address, port, secure } = this.#options;
    if (this.#plain !== undefined) this.url = `ws://${await this.#plain.listen(address, port ?? 0)}`;
    if (this.#secure !== undefined) this.secureUrl = `wss://${await this.#secure.listen(address, secure?.port ?? 0)}`;
  }

  /** Upgraded sockets stay with those who took them. */
  async close(): Promise<void> {
    this.#forget?.();
    await Promise.all([this.#plain?.close(), this.#secure?.close()]);
  }
}
