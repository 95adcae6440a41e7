import { Failure } from '../../base/index.ts';
import type { ThreadPorts } from './messages.ts';
import { PortPair } from './port-pair.ts';
import type { SocketPort, Sockets } from './socket-port.ts';

/** How often the system is asked for two ports in a row before we give up. */
const ATTEMPTS = 64;

/** A place that a leg asks for. */
export interface Wish {
  readonly address: string;
  readonly remote?: { readonly address: string; readonly port: number };
  readonly port?: number;
}

/** The local ports of a thread: as few as possible, as many as needed. */
export class PortPool {
  readonly pairs: PortPair[] = [];
  readonly #sockets: Sockets;
  readonly #range: ThreadPorts['range'];
  /** Tried before others; one that somebody else has is not asked for again. */
  readonly #preferred: Set<number>;
  /** Where the search in the range goes on, so that a port just left is the last to be taken again. */
  #next: number;

  constructor(sockets: Sockets, { range, preferred }: ThreadPorts) {
    this.#sockets = sockets;
    this.#range = range;
    this.#preferred = new Set(preferred.filter((port) => isWithin(port, range)));
    this.#next = range === 'any' ? 0 : range.from + (range.from % 2);
  }

  /** A pair that the leg can share, else a new one. Fails with limit/no_free_port. */
  async place(wish: Wish): Promise<PortPair> {
    const fitting = this.pairs.find(
      (pair) => pair.rtp.address === wish.address && (wish.port === undefined || wish.port === pair.rtp.port) && pair.mayTake(wish.remote),
    );
    if (fitting !== undefined) return fitting;
    const wished = wish.port === undefined ? undefined : await this.#bind(wish.address, wish.port);
    const pair = wished ?? (await this.#whereBefore(wish.address)) ?? (await this.#elsewhere(wish.address));
    if (pair === undefined) throw new Failure('limit', 'no_free_port', 'no local port is free for another call');
    this.pairs.push(pair);
    return pair;
  }

  /** Closes a pair that nobody uses any more. */
  async leave(pair: PortPair): Promise<void> {
    const place = this.pairs.indexOf(pair);
    if (pair.legs.length > 0 || place < 0) return;
    this.pairs.splice(place, 1);
    await Promise.all([pair.rtp.close(), pair.rtcp.close()]);
  }

  async close(): Promise<void> {
    await Promise.all(this.pairs.splice(0).flatMap((pair) => [pair.rtp.close(), pair.rtcp.close()]));
  }

  async #whereBefore(address: string): Promise<PortPair | undefined> {
    for (const port of this.#preferred) {
      if (this.pairs.some(({ rtp }) => rtp.port === port && rtp.address === address)) continue;
      const pair = await this.#bind(address, port);
      if (pair !== undefined) return pair;
      this.#preferred.delete(port);
    }
    return undefined;
  }

  #elsewhere(address: string): Promise<PortPair | undefined> {
    return this.#range === 'any' ? this.#anywhere(address) : this.#inRange(address, this.#range);
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

  async #inRange(address: string, { from, to }: { readonly from: number; readonly to: number }): Promise<PortPair | undefined> {
    const first = from + (from % 2);
    const places = Math.floor((to - first + 1) / 2);
    for (let tried = 0; tried < places; tried++) {
      const port = this.#next;
      this.#next = port + 3 <= to ? port + 2 : first;
      const pair = await this.#bind(address, port);
      if (pair !== undefined) return pair;
    }
    return undefined;
  }

  async #bind(address: string, port: number): Promise<PortPair | undefined> {
    const rtp = await this.#try(address, port);
    if (rtp === undefined) return undefined;
    const pair = await this.#above(rtp);
    if (pair === undefined) await rtp.close();
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
