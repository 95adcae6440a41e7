import type { IncomingMessage, Server } from 'node:http';

type Socket = IncomingMessage['socket'];

/** The far end names a connection of one listener: TLS wraps its socket into another, which has the same far end. */
const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

/** The connections of one listener that are still HTTP: closing waits for these, and not for what was upgraded and given away. */
export class Connections {
  readonly #open = new Map<string, Socket>();
  #emptied: (() => void) | undefined;

  /** Follows every connection of `server`, also those that have not finished the TLS handshake. */
  watch(server: Server): void {
    server.on('connection', (socket) => {
      const name = nameOf(socket);
      this.#open.set(name, socket);
      socket.once('close', () => {
        if (this.#open.get(name) === socket) this.#forget(name);
      });
    });
  }

  /** It is somebody else's from now on. */
  giveAway(socket: Socket): void {
    this.#forget(nameOf(socket));
  }

  /** Ends what is left; resolves when nothing is. */
  async end(): Promise<void> {
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const socket of this.#open.values()) socket.destroy();
    if (this.#open.size > 0) await emptied;
  }

  #forget(name: string): void {
    this.#open.delete(name);
    if (this.#open.size === 0) this.#emptied?.();
  }
}
