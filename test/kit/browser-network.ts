import { createSocket, type Socket as Datagrams } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import type { Page } from 'playwright-core';

/** The network between one browser and the server: it can be cut, and can give the browser another address, as when a telephone leaves the Wi-Fi. */
export class BrowserNetwork {
  #isUp = true;
  readonly #target: number;
  readonly #pairs = new Set<Socket>();
  readonly #relays = new Map<number, Relay>();
  readonly #server = createServer((near) => this.#join(near));

  private constructor(target: number) {
    this.#target = target;
  }

  /** `http` of the server; the browser must visit `url` instead. */
  static async open(http: string, page: Page): Promise<BrowserNetwork> {
    const network = new BrowserNetwork(Number(new URL(http).port));
    await new Promise<void>((resolve) => network.#server.listen(0, '127.0.0.1', resolve));
    await page.exposeFunction('relayFor', (port: number) => network.#relayFor(port));
    await page.addInitScript(throughRelays);
    return network;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Nothing gets through, and what stands is broken. */
  cut(): void {
    this.#isUp = false;
    for (const each of this.#pairs) each.destroy();
    for (const each of this.#relays.values()) each.isUp = false;
  }

  /** The network is there again, with another address. */
  restore(): void {
    this.#isUp = true;
    for (const each of this.#relays.values()) each.move();
  }

  /** Another address all at once; the websocket of the old one is gone. */
  change(): void {
    this.cut();
    this.restore();
  }

  /** Only the way of the sound gets another address. */
  moveSound(): void {
    for (const each of this.#relays.values()) each.move();
  }

  async close(): Promise<void> {
    for (const each of this.#pairs) each.destroy();
    for (const each of this.#relays.values()) each.close();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(near: Socket): void {
    if (!this.#isUp) {
      near.destroy();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#pairs.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#pairs.delete(one);
        other.destroy();
      });
    }
  }

  async #relayFor(port: number): Promise<number> {
    const known = this.#relays.get(port) ?? new Relay(port);
    this.#relays.set(port, known);
    known.isUp = this.#isUp;
    return known.port();
  }
}

/** Datagrams from the browser to one port of the server, from an address that can change. */
class Relay {
  isUp = true;
  readonly #target: number;
  readonly #near: Datagrams = createSocket('udp4');
  readonly #bound: Promise<void>;
  /** By the browser's port. */
  readonly #far = new Map<number, Datagrams>();

  constructor(target: number) {
    this.#target = target;
    this.#bound = new Promise((resolve) => this.#near.bind(0, '127.0.0.1', resolve));
    this.#near.on('message', (bytes, { port }) => this.isUp && this.#farFor(port).send(bytes, this.#target, '127.0.0.1'));
  }

  async port(): Promise<number> {
    await this.#bound;
    return this.#near.address().port;
  }

  move(): void {
    this.isUp = true;
    for (const each of this.#far.values()) each.close();
    this.#far.clear();
  }

  close(): void {
    this.move();
    this.#near.close();
  }

  #farFor(port: number): Datagrams {
    const known = this.#far.get(port);
    if (known !== undefined) return known;
    const far = createSocket('udp4');
    far.on('message', (bytes) => this.isUp && this.#near.send(bytes, port, '127.0.0.1'));
    this.#far.set(port, far);
    return far;
  }
}

/** In the page: the server's addresses are those of the relays. */
function throughRelays(): void {
  const { relayFor } = globalThis as unknown as { relayFor: (port: number) => Promise<number> };
  const real = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function (description: RTCSessionDescriptionInit) {
    const lines = (description.sdp ?? '').split('\r\n');
    const moved = lines.map(async (line) => {
      const found = /^(a=candidate:\S+ \d+ \S+ \d+ )(\S+) (\d+)( .*)$/.exec(line);
      return found === null ? line : `${found[1]}127.0.0.1 ${await relayFor(Number(found[3]))}${found[4]}`;
    });
    const changed = { type: description.type, sdp: (await Promise.all(moved)).join('\r\n') };
    return (real as (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void>).call(this, changed);
  };
}
