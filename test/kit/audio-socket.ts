import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tone } from './sound.ts';

/** A program that speaks AudioSocket (a byte of kind, two of length in network order, the payload), as the protocol's own page describes it. */
export class AudioSocketStandIn {
  readonly #server: Server | undefined;
  /** What was heard, at the rate of its kind. */
  heard: number[] = [];
  /** The kinds of messages, in order, with one for many of sound. */
  readonly kinds: number[] = [];
  /** 32 hex digits: what the first message names. */
  uuid: string | undefined;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(server: Server | undefined) {
    this.#server = server;
    server?.on('connection', (socket) => this.#meet(socket));
  }

  /** One that connects by itself, and says first who it is, 32 hex digits. */
  static async callsIn(port: number, id: string): Promise<AudioSocketStandIn> {
    const socket = connect(port, '127.0.0.1');
    const standIn = new AudioSocketStandIn(undefined);
    standIn.#meet(socket);
    await once(socket, 'connect');
    standIn.tell(0x01, Buffer.from(id, 'hex'));
    return standIn;
  }

  static async open(): Promise<AudioSocketStandIn> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new AudioSocketStandIn(server);
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${(this.#server?.address() as { port: number } | undefined)?.port}`;
  }

  get isConnected(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed;
  }

  /** Says a tone from now on, 20 ms at a time, cut in two at a place that is no border of messages. */
  says(hz: number, { kind = 0x10, rate = 8000 } = {}): void {
    const all = tone((hz * 8000) / rate, { length: rate });
    const size = rate / 50;
    let at = 0;
    this.#timer = setInterval(() => {
      const frame = all.subarray(at, at + size);
      at = (at + size) % rate;
      const message = this.#message(kind, Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
      this.#socket?.write(message.subarray(0, 101));
      this.#socket?.write(message.subarray(101));
    }, 20);
  }

  /** One message of this kind. */
  tell(kind: number, payload: Uint8Array = new Uint8Array()): void {
    this.#socket?.write(this.#message(kind, payload));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
    this.#server?.close();
  }

  #message(kind: number, payload: Uint8Array): Buffer {
    const head = Buffer.from([kind, 0, 0]);
    head.writeUInt16BE(payload.length, 1);
    return Buffer.concat([head, payload]);
  }

  #meet(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', () => {});
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 3 && rest.length >= 3 + rest.readUInt16BE(1)) {
        const end = 3 + rest.readUInt16BE(1);
        this.#take(rest[0]!, rest.subarray(3, end));
        rest = rest.subarray(end);
      }
    });
    socket.on('end', () => clearInterval(this.#timer));
  }

  #take(kind: number, payload: Buffer): void {
    if (this.kinds.at(-1) !== kind) this.kinds.push(kind);
    if (kind === 0x01) this.uuid = payload.toString('hex');
    if (kind >= 0x10 && kind <= 0x18) for (let at = 0; at + 1 < payload.length; at += 2) this.heard.push(payload.readInt16LE(at));
  }
}
