import type { Server } from 'node:http';
import { Connections } from './connections.ts';
import type { Upgrades } from './upgrades.ts';

/** A server with its connections and the upgrade door behind it. */
export class Listener<Any extends Server> {
  readonly server: Any;
  readonly #connections = new Connections();

  constructor(server: Any, upgrades: Upgrades) {
    this.server = server;
    this.#connections.watch(server);
    server.on('upgrade', (request, _socket, head) => {
      const { socket } = request;
      upgrades.take({ request, socket, head, onTaken: () => this.#connections.giveAway(socket) });
    });
  }

  /** Resolves with `host:port`. */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        const bound = this.server.address();
        if (bound === null || typeof bound === 'string') return reject(new TypeError('a server on a port was expected'));
        resolve(`${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`);
      });
    });
  }

  /** Stops accepting and ends what is HTTP; upgraded sockets live on, so the server's own end is not waited for. */
  close(): Promise<void> {
    this.server.close();
    return this.#connections.end();
  }
}
