import { Failure } from '../../base/index.ts';
import type { ThreadPorts } from './messages.ts';
import { PortMap } from './port-map.ts';
import { PortPair } from './port-pair.ts';
import type { SocketPort, Sockets } from './socket-port.ts';

/** How often the system is asked for two ports in a row before we give up. */
const ATTEMPTS = 64;

/** A place that a leg asks for. */
export interface Wish {
  readonly address: string;
  /** Which row of the port map is this address's. Default 0. */
  readonly row?: number;
  readonly remote?: { readonly address: string; readonly port: number };
  readonly port?: number;
  /** The pair is to be nobody else's. */
  readonly alone?: boolean;
  /** It is a browser's, which says of every source whose it is. */
  readonly webrtc?: unknown;
  /** Or a telephone's. */
  readonly either?: boolean;
}

/** The local ports of a thread: as few as possible, as many as needed. */
export class PortPool {
  readonly pairs: PortPair[] = [];
  readonly #sockets: Sockets;
  /** Tried before others; one that somebody else has is not asked for again. */
  readonly #preferred: Set<number>;
  readonly #map: PortMap | undefined;
  readonly #owner: number;
  readonly #rows = new Map<string, number>();

  constructor(sockets: Sockets, { range, preferred, map }: ThreadPorts) {
    this.#sockets = sockets;
    this.#preferred = new Set(preferred.filter((port) => isWithin(port, range)));
    this.#map = range === 'any' ? undefined : new PortMap(range, map?.memory);
    this.#owner = map?.owner ?? 0;
  }

  /**
   * A pair that the leg can share, else a new one. Fails with limit/no_free_port. Legs of one phase are kept together, so that
   * a port is read and written once for each frame; when ports are scarce it does not matter.
   */
  async place(wish: Wish, phase: number): Promise<PortPair> {
    const fitting = this.pairs.filter(
      (pair) =>
        pair.rtp.address === wish.address &&
        (wish.port === undefined || wish.port === pair.rtp.port) &&
        pair.mayTake(wish.remote, wish.webrtc !== undefined && wish.either !== true),
    );
    const best = fitting.find((pair) => pair.isOf(phase)) ?? (wish.port === undefined ? undefined : fitting[0]);
    if (best !== undefined && wish.alone !== true) return best;
    this.#rows.set(wish.address, wish.row ?? 0);
    const wished = wish.port === undefined ? undefined : await this.#bind(wish.address, wish.port);
    const pair = wished ?? (await this.#asBefore(wish.address)) ?? (await this.#elsewhere(wish.address));
    if (pair === undefined && fitting[0] !== undefined) return fitting[0];
    if (pair === undefined) throw new Failure('limit', 'no_free_port', 'no local port is free for another call');
    pair.isAlone = wish.alone === true;
    this.pairs.push(pair);
    return pair;
  }

  /** Opens the ports that another thread has let go of. */
  async take({ address, row = 0, port }: { readonly address: string; readonly row?: number; readonly port: number }): Promise<PortPair> {
    this.#rows.set(address, row);
    this.#map?.give(row, port, this.#owner);
    const pair = await this.#open(address, port);
    if (pair === undefined) throw new Failure('limit', 'no_free_port', 'the port of a leg was taken on its way');
    pair.isAlone = true;
    this.pairs.push(pair);
    return pair;
  }

  /** Closes a pair that another thread will open; nobody else may take its ports meanwhile. */
  async letGo(pair: PortPair): Promise<void> {
    this.pairs.splice(this.pairs.indexOf(pair), 1);
    await Promise.all([pair.rtp.close(), pair.rtcp.close()]);
  }

  /** Closes a pair that nobody uses any more. */
  async leave(pair: PortPair): Promise<void> {
    const place = this.pairs.indexOf(pair);
    if (pair.legs.length > 0 || place < 0) return;
    this.pairs.splice(place, 1);
    await this.#close(pair);
  }

  async close(): Promise<void> {
    await Promise.all(this.pairs.splice(0).map((pair) => this.#close(pair)));
  }

  async #close({ rtp, rtcp }: PortPair): Promise<void> {
    await Promise.all([rtp.close(), rtcp.close()]);
    this.#map?.free(this.#rowOf(rtp.address), rtp.port);
  }

  #rowOf(address: string): number {
    return this.#rows.get(address) ?? 0;
  }

  async #asBefore(address: string): Promise<PortPair | undefined> {
    for (const port of this.#preferred) {
      if (this.pairs.some(({ rtp }) => rtp.port === port && rtp.address === address)) continue;
      const pair = await this.#bind(address, port);
      if (pair !== undefined) return pair;
      this.#preferred.delete(port);
    }
    return undefined;
  }

  #elsewhere(address: string): Promise<PortPair | undefined> {
    return this.#map === undefined ? this.#anywhere(address) : this.#inRange(address, this.#map);
  }

  async #anywhere(address: string): Promise<PortPair | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const rtp = await this.#sockets.bind(address, 0);
      const pair = rtp.port % 2 === 0 ? await this.#above(rtp) : undefined;
      if (pair !== undefined) return pair;
      await rtp.close();
    }
    return undefined;
  }

  async #inRange(address: string, map: PortMap): Promise<PortPair | undefined> {
    const row = this.#rowOf(address);
    for (let tried = 0; tried < map.places; tried++) {
      const port = map.take(row, this.#owner);
      if (port === undefined) return undefined;
      const pair = await this.#open(address, port);
      if (pair !== undefined) return pair;
    }
    return undefined;
  }

  async #bind(address: string, port: number): Promise<PortPair | undefined> {
    return this.#map?.claim(this.#rowOf(address), port, this.#owner) === false ? undefined : this.#open(address, port);
  }

  /** Binds a port that the map says is ours; whatever hinders it gives it back. */
  async #open(address: string, port: number): Promise<PortPair | undefined> {
    let pair: PortPair | undefined;
    try {
      const rtp = await this.#try(address, port);
      pair = rtp === undefined ? undefined : await this.#above(rtp);
      if (pair === undefined) await rtp?.close();
    } finally {
      if (pair === undefined) this.#map?.free(this.#rowOf(address), port);
    }
    return pair;
  }

  async #above(rtp: SocketPort): Promise<PortPair | undefined> {
    const rtcp = await this.#try(rtp.address, rtp.port + 1);
    return rtcp === undefined ? undefined : new PortPair(rtp, rtcp);
  }

  async #try(address: string, port: number): Promise<SocketPort | undefined> {
    try {
      return await this.#sockets.bind(address, port);
    } catch (error) {
      if (error instanceof Failure && error.code === 'port_taken') return undefined;
      throw error;
    }
  }
}

/** An RTP port is even and has the RTCP port above it (RFC 3550 §11); a stored one may be from before the range was changed. */
const isWithin = (port: number, range: ThreadPorts['range']): boolean =>
  port % 2 === 0 && port > 0 && port < 65_535 && (range === 'any' || (port >= range.from && port < range.to));
