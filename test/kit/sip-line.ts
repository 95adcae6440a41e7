import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { cseqMethod, header, parameter, parseSip, printSip, type SipText } from './sip-text.ts';

export const token = (): string => randomBytes(6).toString('hex');

/** What a request needs besides what the line adds (Via, Max-Forwards, User-Agent). */
export interface Outgoing {
  readonly method: string;
  readonly uri: string;
  readonly lines: readonly (readonly [string, string])[];
  readonly body?: string;
  /** Only ACK to a failure and CANCEL reuse their INVITE's. */
  readonly branch?: string;
  /** Called with each 1xx. */
  readonly provisional?: (response: SipText) => void;
  /** Where to; the server otherwise. */
  readonly to?: string;
}

interface Waiting {
  readonly method: string;
  readonly provisional: (response: SipText) => void;
  readonly final: (response: SipText) => void;
}

/** SIP over one UDP socket: requests with retransmission (RFC 3261 §17.1), and whatever arrives by itself. */
export class SipLine {
  readonly #socket: Socket;
  readonly #server: { readonly host: string; readonly port: number };
  readonly #waiting = new Map<string, Waiting>();
  readonly #gone = new AbortController();
  /** Set by the phone. */
  onRequest: (request: SipText, reply: (bytes: Buffer) => void) => void = () => {};
  /** A response to no open transaction: 2xx sent again. */
  onStray: (response: SipText) => void = () => {};

  private constructor(socket: Socket, server: string) {
    this.#socket = socket;
    const colon = server.lastIndexOf(':');
    this.#server = { host: server.slice(0, colon), port: Number(server.slice(colon + 1)) };
    socket.on('error', () => {}); // A closed far end answers ICMP; the timeout tells.
    socket.on('message', (bytes, from) => this.#arrived(bytes, from));
  }

  static open(server: string): Promise<SipLine> {
    return new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.once('error', reject);
      socket.bind(0, '127.0.0.1', () => resolve(new SipLine(socket, server)));
    });
  }

  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  get server(): string {
    return `${this.#server.host}:${this.#server.port}`;
  }

  /** Sends a request until a final response comes; rejects after `within` ms. ACK resolves at once. */
  async request(outgoing: Outgoing, within = 20_000): Promise<SipText> {
    const branch = outgoing.branch ?? `z9hG4bK${token()}`;
    const bytes = printSip(
      `${outgoing.method} ${outgoing.uri} SIP/2.0`,
      [
        ['Via', `SIP/2.0/UDP ${this.address};branch=${branch};rport`],
        ['Max-Forwards', '70'],
        ['User-Agent', 'parley-kit'],
        ...outgoing.lines,
      ],
      outgoing.body,
    );
    this.#send(bytes, outgoing.to);
    const none: SipText = { start: '', method: '', uri: '', status: 0, headers: [], body: '' };
    if (outgoing.method === 'ACK') return none;
    const key = `${branch} ${outgoing.method}`;
    return new Promise((resolve, reject) => {
      let wait = 500;
      let answered = false;
      const again = (): void => {
        if (!answered) this.#send(bytes, outgoing.to);
        wait = Math.min(wait * 2, 4000);
        timer = setTimeout(again, wait);
      };
      let timer = setTimeout(again, wait);
      const over = setTimeout(() => finish(() => reject(new Error(`no answer to ${outgoing.method} within ${within} ms`))), within);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        clearTimeout(over);
        this.#waiting.delete(key);
        this.#gone.signal.removeEventListener('abort', closed);
        settle();
      };
      const closed = (): void => finish(() => reject(new Error('the phone was closed')));
      this.#gone.signal.addEventListener('abort', closed);
      this.#waiting.set(key, {
        method: outgoing.method,
        provisional: (response) => {
          answered = true;
          outgoing.provisional?.(response);
        },
        final: (response) => finish(() => resolve(response)),
      });
    });
  }

  /** Bytes as they are, to the server: for what no honest phone would say. */
  raw(bytes: Buffer): void {
    this.#send(bytes);
  }

  close(): void {
    this.#gone.abort();
    this.#socket.close();
  }

  #send(bytes: Buffer, to?: string): void {
    const [host, port] = to === undefined ? [this.#server.host, this.#server.port] : [to.split(':')[0]!, Number(to.split(':')[1] ?? 5060)];
    this.#socket.send(bytes, port, host);
  }

  #arrived(bytes: Buffer, from: { address: string; port: number }): void {
    const message = parseSip(bytes);
    if (message === undefined) return;
    if (message.status === 0) {
      this.onRequest(message, (reply) => this.#socket.send(reply, from.port, from.address));
      return;
    }
    const waiting = this.#waiting.get(`${parameter(header(message, 'via'), 'branch')} ${cseqMethod(message)}`);
    if (waiting === undefined) this.onStray(message);
    else if (message.status < 200) waiting.provisional(message);
    else waiting.final(message);
  }
}
