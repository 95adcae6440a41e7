import { createServer, type Server, type Socket } from 'node:net';
import { type Alarm, type Clock, type Closable, Failure, type Log } from '../base/index.ts';
import { audioSocketTo } from './far-socket.ts';
import type { FarSocket } from './fetch-types.ts';

/** What the door needs. */
export interface AudioSocketDoorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
}

/** Where servers connect that shall hear calls: who comes says by his first message for which, and nobody comes who is not awaited. */
export interface AudioSocketDoor extends Closable {
  readonly port: number;
  /** Waits for whoever says these 32 hex digits first. Refuses with conflict/media_awaited where somebody is awaited by them already, limit/too_many_awaited. */
  await(id: string, come: (socket: FarSocket) => void): () => void;
}

/** ms in which who connects says who he is. */
const INTRODUCTION = 5000;
/** Connections whose first message has not come; and those who are awaited. */
const MOST_STRANGERS = 256;
const MOST_AWAITED = 10_000;
/** AudioSocket: the kind of the first message, and its length with its head of three bytes. */
const UUID = 0x01;
const WHOLE = 19;

/** Opens it; rejects when the port cannot be had. */
export async function openAudioSocketDoor(options: AudioSocketDoorOptions): Promise<AudioSocketDoor> {
  const door = new Door(options);
  await door.listen();
  return door;
}

class Door implements AudioSocketDoor {
  readonly #options: AudioSocketDoorOptions;
  readonly #server: Server;
  readonly #awaited = new Map<string, (socket: FarSocket) => void>();
  readonly #sockets = new Set<Socket>();
  #strangers = 0;

  constructor(options: AudioSocketDoorOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#meet(socket));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  listen(): Promise<void> {
    const { address: host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.removeListener('error', reject);
        this.#server.on('error', (error) => this.#options.log.error('the door for AudioSocket broke', { error }));
        resolve();
      });
    });
  }

  await(id: string, come: (socket: FarSocket) => void): () => void {
    if (this.#awaited.has(id)) throw new Failure('conflict', 'media_awaited', 'a server is awaited by this id already');
    if (this.#awaited.size >= MOST_AWAITED) throw new Failure('limit', 'too_many_awaited', `at most ${MOST_AWAITED} servers are awaited`);
    this.#awaited.set(id, come);
    return () => {
      if (this.#awaited.get(id) === come) this.#awaited.delete(id);
    };
  }

  close(): Promise<void> {
    this.#awaited.clear();
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const each of this.#sockets) each.destroy();
    return closed;
  }

  #meet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#strangers >= MOST_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    new Stranger(socket, this.#options.clock, (id) => this.#admit(socket, id));
    this.#strangers += 1;
  }

  /** `id` undefined: he has not said who he is. */
  #admit(socket: Socket, id: string | undefined): void {
    this.#strangers -= 1;
    const come = id === undefined ? undefined : this.#awaited.get(id);
    if (id === undefined || come === undefined) {
      this.#options.log.debug('nobody awaits who has connected by AudioSocket');
      socket.destroy();
      return;
    }
    this.#awaited.delete(id);
    come(audioSocketTo(socket));
  }
}

/** Somebody whose first message is waited for. */
class Stranger {
  readonly #socket: Socket;
  readonly #known: (id: string | undefined) => void;
  readonly #alarm: Alarm;
  #said: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(socket: Socket, clock: Clock, known: (id: string | undefined) => void) {
    this.#socket = socket;
    this.#known = known;
    this.#alarm = clock.wake(clock.now() + INTRODUCTION, () => this.#end(undefined));
    socket.on('data', this.#hear);
    socket.once('close', this.#gone);
  }

  readonly #gone = (): void => this.#end(undefined);

  readonly #hear = (bytes: Buffer): void => {
    this.#said = Buffer.concat([this.#said, bytes]);
    const said = this.#said;
    if (said[0] !== UUID) this.#end(undefined);
    else if (said.length >= WHOLE) this.#end(said.readUInt16BE(1) === WHOLE - 3 ? said.toString('hex', 3, WHOLE) : undefined);
  };

  #end(id: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#alarm.cancel();
    this.#socket.removeListener('data', this.#hear);
    this.#socket.removeListener('close', this.#gone);
    // What came behind it is heard by whoever takes him.
    this.#socket.pause();
    if (this.#said.length > WHOLE) this.#socket.unshift(this.#said.subarray(WHOLE));
    this.#known(id);
  }
}
