import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A packet of HEP version 3, as a collector reads it. */
export interface HepPacket {
  /** host:port */
  readonly from: string;
  readonly to: string;
  /** IP protocol: 17 UDP, 6 TCP. */
  readonly protocol: number;
  /** Epoch ms. */
  readonly at: number;
  readonly agent: number;
  readonly password: string | undefined;
  readonly callId: string;
  /** A SIP message. */
  readonly text: string;
}

const LENGTHS: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 4, 4: 4, 5: 16, 6: 16, 7: 2, 8: 2, 9: 4, 10: 4, 11: 1, 12: 4 };

/** Reads a packet by the book (https://github.com/sipcapture/hep/blob/master/docs/HEP3NetworkProtocolSpecification_REV26.pdf); anything wrong with it throws. */
export function readHep(bytes: Buffer): HepPacket {
  assert.equal(bytes.toString('latin1', 0, 4), 'HEP3');
  assert.equal(bytes.readUInt16BE(4), bytes.length, 'its length is that of the datagram');
  const chunks = new Map<number, Buffer>();
  let at = 6;
  while (at < bytes.length) {
    assert.ok(at + 6 <= bytes.length, 'a chunk is cut off');
    const [vendor, type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2), bytes.readUInt16BE(at + 4)];
    assert.equal(vendor, 0, 'a chunk of no vendor');
    assert.ok(length >= 6 && at + length <= bytes.length, `chunk ${type} is ${length} bytes long`);
    assert.ok(!chunks.has(type), `chunk ${type} comes twice`);
    const value = bytes.subarray(at + 6, at + length);
    const fixed = LENGTHS[type];
    if (fixed !== undefined) assert.equal(value.length, fixed, `chunk ${type}`);
    chunks.set(type, value);
    at += length;
  }
  const of = (type: number): Buffer => chunks.get(type) ?? assert.fail(`chunk ${type} is missing`);
  const family = of(1)[0];
  assert.ok(family === 2 || family === 10, `family ${family}`);
  const isSix = family === 10;
  const address = (value: Buffer): string =>
    isSix ? `[${Array.from({ length: 8 }, (_, n) => value.readUInt16BE(2 * n).toString(16)).join(':')}]` : [...value].join('.');
  assert.equal(of(11)[0], 1, 'what it carries is SIP');
  const microseconds = of(10).readUInt32BE();
  assert.ok(microseconds < 1_000_000);
  return {
    from: `${address(of(isSix ? 5 : 3))}:${of(7).readUInt16BE()}`,
    to: `${address(of(isSix ? 6 : 4))}:${of(8).readUInt16BE()}`,
    protocol: of(2)[0]!,
    at: of(9).readUInt32BE() * 1000 + microseconds / 1000,
    agent: of(12).readUInt32BE(),
    password: chunks.get(14)?.toString(),
    callId: of(17).toString(),
    text: of(15).toString(),
  };
}

/** A collector of SIP messages, as Homer is one. */
export class HepCollector {
  readonly packets: HepPacket[] = [];
  /** What was no packet. */
  readonly wrong: string[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      try {
        this.packets.push(readHep(bytes));
      } catch (error) {
        this.wrong.push(String(error));
      }
    });
  }

  static async open(): Promise<HepCollector> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new HepCollector(socket);
  }

  get address(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
