import { WebSocket } from 'ws';
import { eventually } from './house.ts';

/** One message of the stream. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into messages of every shape.
export type Message = any;

/** What both kinds of readers have in common. */
export abstract class EventReader {
  readonly messages: Message[] = [];
  /** Where to come back to: the newest position that was told, in whatever way. */
  position: number | undefined;

  /** Those of these types, in order. */
  of(...types: string[]): Message[] {
    return this.messages.filter(({ type }) => types.includes(type));
  }

  /** What happened: messages that have a number. */
  get facts(): Message[] {
    return this.messages.filter(({ type, sequence }) => sequence !== undefined && type !== 'snapshot');
  }

  /** Waits for a message. */
  async get(fits: string | ((message: Message) => boolean)): Promise<Message> {
    const test = typeof fits === 'string' ? ({ type }: Message) => type === fits : fits;
    return await eventually(() => this.messages.find(test), `no message ${String(fits)} came; there are ${this.#shown()}`);
  }

  #shown(): string {
    return this.messages.map(({ type, sequence }) => `${type}${sequence ?? ''}`).join(' ');
  }

  protected take(message: Message): void {
    this.messages.push(message);
    if (message.position !== undefined) this.position = message.position;
  }
}

/** A stock websocket client. */
export class SocketReader extends EventReader {
  readonly socket: WebSocket;
  /** How it ended: close code and reason, or the status when there was no upgrade. */
  readonly ended: Promise<{ code: number; reason: string }>;

  private constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.on('message', (bytes) => this.take(JSON.parse(String(bytes))));
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })));
  }

  /** `url` as of HTTP. */
  static open(url: string, headers: Record<string, string> = {}): SocketReader {
    return new SocketReader(new WebSocket(url.replace(/^http/, 'ws'), { headers }));
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Reads server-sent events as a browser's EventSource does (WHATWG HTML §9.2.6), but for coming back by itself. */
export class SentReader extends EventReader {
  retry: number | undefined;
  readonly comments: string[] = [];
  /** Resolves with undefined when the stream ended, and with the answer when it was none. */
  readonly ended: Promise<{ status: number; body: Message } | undefined>;
  headers: Headers | undefined;
  readonly #abort = new AbortController();
  #id = '';
  #data: string[] = [];

  private constructor(url: string, headers: Record<string, string>) {
    super();
    this.ended = this.#read(url, headers);
  }

  static open(url: string, headers: Record<string, string> = {}): SentReader {
    return new SentReader(url, { accept: 'text/event-stream', ...headers });
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string, headers: Record<string, string>): Promise<{ status: number; body: Message } | undefined> {
    try {
      const response = await fetch(url, { headers, signal: this.#abort.signal });
      this.headers = response.headers;
      if (response.status !== 200 || response.body === null) return { status: response.status, body: await response.json() };
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#line(line);
      }
    } catch (error) {
      // A server that died ends it without a word.
      if (!this.#abort.signal.aborted && this.headers === undefined) throw error;
    }
    return undefined;
  }

  #line(line: string): void {
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (line === '') this.#dispatch();
    else if (line.startsWith(':')) this.comments.push(line.slice(1).trim());
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
    else if (field === 'retry') this.retry = Number(value);
  }

  #dispatch(): void {
    if (this.#id !== '') this.position = Number(this.#id);
    if (this.#data.length > 0) this.take(JSON.parse(this.#data.join('\n')));
    this.#data = [];
  }
}
