import { createSocket, type Socket } from 'node:dgram';
import type { Closable, Log } from '../../base/index.ts';
import type { TracedMessage } from '../../conference/index.ts';

/** Where traces are sent besides (HEP version 3, also called EEP): Homer, sngrep, VoIPmonitor … */
export interface HepCollector {
  readonly host: string;
  readonly port: number;
  /** Its authentication key; absent: none. */
  readonly password?: string;
  /** By which it tells us from others. Default 2001. */
  readonly agent?: number;
}

const chunk = (type: number, payload: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(6);
  head.writeUInt16BE(0, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(6 + payload.length, 4);
  return Buffer.concat([head, payload]);
};

const u8 = (value: number): Uint8Array => Uint8Array.of(value);
const u16 = (value: number): Uint8Array => Uint8Array.of((value >> 8) & 255, value & 255);
const u32 = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** An address as bytes in network order; four or sixteen of them. */
export function addressBytes(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.', 4), Number);
  const bytes = new Uint8Array(16);
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const words = (part: string): readonly number[] =>
    part === ''
      ? []
      : part.split(':').flatMap((each) => {
          if (!each.includes('.')) return [Number.parseInt(each, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = each.split('.').map(Number);
          return [(a << 8) | b, (c << 8) | d];
        });
  const [front, back] = [words(head), words(tail ?? '')];
  for (const [index, word] of front.entries()) bytes.set(u16(word), 2 * index);
  for (const [index, word] of back.entries()) bytes.set(u16(word), 16 - 2 * (back.length - index));
  return bytes;
}

/** A message as a HEP3 packet. Longest: what one datagram carries. */
export function hepPacket(
  message: TracedMessage,
  { password, agent = 2001 }: Omit<HepCollector, 'host' | 'port'>,
  callId: string,
): Uint8Array {
  const [from, to] = message.sent ? [message.ours, message.far] : [message.far, message.ours];
  const isSix = from.address.includes(':');
  const chunks = [
    chunk(1, u8(isSix ? 10 : 2)),
    chunk(2, u8(message.transport === 'UDP' ? 17 : 6)),
    chunk(isSix ? 5 : 3, addressBytes(from.address)),
    chunk(isSix ? 6 : 4, addressBytes(to.address)),
    chunk(7, u16(from.port)),
    chunk(8, u16(to.port)),
    chunk(9, u32(Math.floor(message.at / 1000))),
    chunk(10, u32(Math.round((message.at % 1000) * 1000))),
    chunk(11, u8(1)),
    chunk(12, u32(agent)),
    ...(password === undefined ? [] : [chunk(14, Buffer.from(password))]),
    chunk(15, Buffer.from(message.text)),
    chunk(17, Buffer.from(callId)),
  ];
  const body = Buffer.concat(chunks);
  return Buffer.concat([Buffer.from('HEP3'), u16(body.length + 6), body]);
}

const LONGEST = 60_000;

/** Sends copies of messages to a collector, by UDP; what cannot be sent is not missed. */
export class HepExport implements Closable {
  readonly #collector: HepCollector;
  readonly #log: Log;
  readonly #socket: Socket;
  #isTold = false;
  #closing: Promise<void> | undefined;

  constructor(collector: HepCollector, log: Log) {
    this.#collector = collector;
    this.#log = log;
    this.#socket = createSocket(collector.host.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.unref();
  }

  send(message: TracedMessage, callId: string): void {
    if (this.#closing !== undefined || message.text.length > LONGEST) return;
    const { host, port, ...rest } = this.#collector;
    this.#socket.send(hepPacket(message, rest, callId), port, host, (error) => {
      if (error !== null) this.#failed(error);
    });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(() => resolve()));
    return this.#closing;
  }

  #failed(error: Error): void {
    if (!this.#isTold) this.#log.warn('traces do not reach their collector', { reason: error.message });
    this.#isTold = true;
  }
}
