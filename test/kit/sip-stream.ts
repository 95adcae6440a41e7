import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { eventually } from './house.ts';
import { header, parseSip, type SipText } from './sip-text.ts';

/** One TCP or TLS connection to a SIP port, byte by byte. */
export class SipStream {
  /** Every message that came, in order. */
  readonly got: SipText[] = [];
  /** Single CRLFs that came: answers to keep-alives (RFC 5626 §4.4.1). */
  pongs = 0;
  /** The far end, or we, closed it. */
  closed = false;
  readonly #socket: Socket;
  #held = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('data', (bytes) => {
      this.#held = Buffer.concat([this.#held, bytes]);
      while (this.#take());
    });
  }

  static async open(server: string): Promise<SipStream> {
    const [host, port] = server.split(':');
    const socket = createConnection({ host: host!, port: Number(port) });
    await once(socket, 'connect');
    return new SipStream(socket);
  }

  /** Over TLS, trusting this certificate. */
  static async openTls(server: string, ca: string): Promise<SipStream> {
    const [host, port] = server.split(':');
    const socket = connect({ host, port: Number(port), ca });
    await once(socket, 'secureConnect');
    return new SipStream(socket);
  }

  /** `host:port` of our end. */
  get address(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  /** Writes; resolves when the bytes have left, so that the next piece is a segment of its own. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, () => resolve());
    });
  }

  /** The final answer with this Call-ID and CSeq. */
  answer(callId: string, cseq: string): Promise<SipText> {
    const mine = (each: SipText): boolean => each.status >= 200 && header(each, 'call-id') === callId && header(each, 'cseq') === cseq;
    return eventually(() => this.got.find(mine), `no answer to ${cseq}`);
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(): boolean {
    if (this.#held.subarray(0, 2).toString() === '\r\n') {
      this.pongs += 1;
      this.#held = this.#held.subarray(2);
      return true;
    }
    const end = this.#held.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const length = Number(/^content-length:\s*(\d+)/im.exec(this.#held.toString('latin1', 0, end))?.[1] ?? 0);
    if (this.#held.length < end + 4 + length) return false;
    const message = parseSip(this.#held.subarray(0, end + 4 + length));
    if (message !== undefined) this.got.push(message);
    this.#held = this.#held.subarray(end + 4 + length);
    return true;
  }
}
