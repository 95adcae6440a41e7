import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Ear } from './ear.ts';
import { eventually } from './house.ts';
import { AMPLITUDE, TONES } from './sound.ts';

// biome-ignore lint/suspicious/noExplicitAny: text frames of every shape.
export type Told = any;

export interface ProgramOptions {
  readonly url: string;
  readonly name: string;
  /** Hz of what it says; 0: nothing. */
  readonly tone?: number;
  /** Samples in a second. Default 16 000. */
  readonly rate?: number;
  /** Bytes in front of the sound of each frame that comes, and of each that goes. */
  readonly header?: number;
  readonly wrap?: (sound: Buffer) => Buffer;
  /** Says what it hears. */
  readonly echoes?: boolean;
}

/** A program in a conference, written for tests alone: says a tone in real time or what it hears, and knows which tones it hears, as a phone of the kit does. */
export class Program {
  readonly name: string;
  readonly tone: number;
  readonly ear = new Ear();
  /** Each participant's sound, where everybody comes apart. */
  readonly ears = new Map<number, Ear>();
  readonly told: Told[] = [];
  readonly frames: Buffer[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<[number, string]>;
  readonly #options: ProgramOptions;
  #timer: NodeJS.Timeout | undefined;
  #said = 0;

  private constructor(options: ProgramOptions) {
    const { name, tone = 0, url } = options;
    this.#options = options;
    this.name = name;
    this.tone = tone;
    this.socket = new WebSocket(url);
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => {
        clearInterval(this.#timer);
        resolve([code, String(reason)]);
      }),
    );
    this.socket.on('message', (frame: Buffer, isBinary) => {
      if (isBinary) this.#hear(frame);
      else this.told.push(JSON.parse(String(frame)));
    });
  }

  /** Resolves when it is in. Rejects with the status when it is refused. */
  static async open(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    const refused = once(program.socket, 'unexpected-response').then(async ([, response]) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      throw Object.assign(new Error(`refused with ${response.statusCode}: ${body}`), { status: response.statusCode, body });
    });
    await Promise.race([once(program.socket, 'open'), refused]);
    refused.catch(() => {});
    if (program.tone > 0) program.#speak();
    return program;
  }

  /** The tones of the last quarter of a second. */
  hears(): number[] {
    return this.ear.hears();
  }

  /** The tones of one participant, where everybody comes apart. */
  hearsOf(number: number): number[] {
    return this.ears.get(number)?.hears() ?? [];
  }

  /** The first text frame that fits. */
  next(fits: (told: Told) => boolean): Promise<Told> {
    return eventually(() => this.told.find(fits), `nothing fitting was told; so far ${JSON.stringify(this.told)}`, 8000);
  }

  send(frame: object | Buffer | string): void {
    this.socket.send(Buffer.isBuffer(frame) || typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  close(): void {
    clearInterval(this.#timer);
    this.socket.close();
  }

  [Symbol.asyncDispose] = async (): Promise<void> => {
    this.close();
    this.socket.terminate();
  };

  #hear(frame: Buffer): void {
    const { rate = 16_000, header = 0, echoes, wrap = (sound) => sound } = this.#options;
    if (this.frames.length < 500) this.frames.push(frame);
    const sound = frame.subarray(header);
    if (echoes === true) this.socket.send(wrap(sound));
    const every = rate / 8000;
    const samples = Int16Array.from({ length: Math.floor(sound.length / 2 / every) }, (_, n) => sound.readInt16LE(2 * every * n));
    this.ear.take(samples);
    if (header !== 8) return;
    const number = frame.readUInt16LE(0);
    const ear = this.ears.get(number) ?? new Ear();
    this.ears.set(number, ear);
    ear.take(samples);
  }

  /** 20 ms every 20 ms by the clock, whatever timers do. */
  #speak(): void {
    const { rate = 16_000, wrap = (sound) => sound } = this.#options;
    const begun = performance.now();
    let frames = 0;
    this.#timer = setInterval(() => {
      for (; frames * 20 <= performance.now() - begun; frames++) {
        const sound = Buffer.alloc(rate / 25);
        for (let n = 0; n < rate / 50; n++) {
          sound.writeInt16LE(Math.round(AMPLITUDE * Math.sin((2 * Math.PI * this.tone * this.#said++) / rate)), 2 * n);
        }
        if (this.socket.readyState === this.socket.OPEN) this.socket.send(wrap(sound));
      }
    }, 10);
  }
}

/** A tone that no phone of a small party has. */
export const PROGRAM_TONE = TONES[9]!;
