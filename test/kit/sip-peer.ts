import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { cseqMethod, header, parseSip, printSip, type SipText } from './sip-text.ts';

/** A scripted far end: says what a test tells it over UDP, keeps what it hears. */
export class SipPeer {
  readonly heard: SipText[] = [];
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  #server: { address: string; port: number };
  #waiting: { wants: (message: SipText) => boolean; resolve: (message: SipText) => void }[] = [];
  #branch = 0;

  private constructor(socket: Socket, server: { address: string; port: number }) {
    this.#socket = socket;
    this.#server = server;
    ({ address: this.address, port: this.port } = socket.address());
    socket.on('message', (bytes) => this.#take(parseSip(bytes)));
  }

  static async open(server: string): Promise<SipPeer> {
    const at = server.lastIndexOf(':');
    const socket = createSocket('udp4');
    socket.bind({ address: '127.0.0.1', port: 0 });
    await once(socket, 'listening');
    return new SipPeer(socket, { address: server.slice(0, at), port: Number(server.slice(at + 1)) });
  }

  /** From now on the server lives there. */
  moved(server: string): void {
    const at = server.lastIndexOf(':');
    this.#server = { address: server.slice(0, at), port: Number(server.slice(at + 1)) };
  }

  get server(): string {
    return `${this.#server.address}:${this.#server.port}`;
  }

  get contact(): string {
    return `<sip:peer@${this.address}:${this.port}>`;
  }

  /** The headers of a request; `lines` replace those of the same name. */
  request(method: string, lines: Record<string, string> = {}, { uri = `sip:3000@${this.server}`, body = '' } = {}): SipText {
    const defaults: Record<string, string> = {
      Via: `SIP/2.0/UDP ${this.address}:${this.port};branch=z9hG4bK-peer-${this.port}-${++this.#branch};rport`,
      'Max-Forwards': '70',
      From: `"Peer" <sip:peer@example.org>;tag=peer`,
      To: `<${uri}>`,
      'Call-ID': `call-${this.port}`,
      CSeq: `1 ${method}`,
      Contact: this.contact,
      ...(body === '' ? {} : { 'Content-Type': 'application/sdp' }),
      ...lines,
    };
    const headers = Object.entries(defaults).filter(([, value]) => value !== '');
    this.say(printSip(`${method} ${uri} SIP/2.0`, headers, body));
    const sent = parseSip(printSip(`${method} ${uri} SIP/2.0`, headers, body));
    if (sent === undefined) throw new TypeError('the peer wrote no SIP');
    return sent;
  }

  say(bytes: Buffer | string): void {
    this.#socket.send(bytes, this.#server.port, this.#server.address);
  }

  /** The first message, already heard or still to come, that fits; it is taken off the list. */
  hear(wants: (message: SipText) => boolean): Promise<SipText> {
    const at = this.heard.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.heard.splice(at, 1)[0]!);
    return new Promise((resolve) => this.#waiting.push({ wants, resolve }));
  }

  /** A final answer to a method. */
  answer(method: string): Promise<SipText> {
    return this.hear((message) => message.status >= 200 && cseqMethod(message) === method);
  }

  /** Waits for a request and answers it 200. */
  async served(method: string): Promise<SipText> {
    const request = await this.hear((message) => message.method === method);
    const copied = request.headers.filter(([name]) => ['via', 'from', 'to', 'call-id', 'cseq'].includes(name));
    this.say(printSip('SIP/2.0 200 OK', copied));
    return request;
  }

  close(): void {
    this.#socket.close();
  }

  #take(message: SipText | undefined): void {
    if (message === undefined) return;
    const waiting = this.#waiting.find((each) => each.wants(message));
    if (waiting === undefined) this.heard.push(message);
    else {
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      waiting.resolve(message);
    }
  }
}

/** An SDP of the peer. */
export const peerSdp = (...lines: string[]): string =>
  [
    'v=0',
    'o=peer 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 40000 RTP/AVP 0 101',
    'a=rtpmap:101 telephone-event/8000',
    ...lines,
    '',
  ].join('\r\n');

/** The To of an answer, for requests in its dialog. */
export const toOf = (answer: SipText): string => header(answer, 'to');
