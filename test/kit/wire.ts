import { createSocket, type Socket } from 'node:dgram';
import { eventually } from './house.ts';
import { token } from './sip-line.ts';
import { header, parseSip, type SipText } from './sip-text.ts';

/** Where a raw line lives: an address of its own, so that answers sent to the default port of a Via arrive here and nowhere else. */
export interface WireOptions {
  readonly server: string;
  /** Default 127.0.0.1. */
  readonly address?: string;
  /** The first is the one it sends from. Default any free one. */
  readonly ports?: readonly number[];
}

const bound = (address: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.bind(port, address, () => resolve(socket));
  });

/** Bare UDP to the SIP port: sends what it is told byte by byte, keeps everything that comes, acknowledges and repeats nothing. */
export class Wire {
  readonly #sockets: readonly Socket[];
  readonly #server: { readonly host: string; readonly port: number };
  /** Everything that came, in order. */
  readonly got: SipText[] = [];
  readonly #address: string;

  private constructor(sockets: readonly Socket[], server: string, address: string) {
    const colon = server.lastIndexOf(':');
    this.#server = { host: server.slice(0, colon).replace(/[[\]]/g, ''), port: Number(server.slice(colon + 1)) };
    this.#sockets = sockets;
    this.#address = address;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('message', (bytes) => {
        const message = parseSip(bytes);
        if (message !== undefined) this.got.push(message);
      });
    }
  }

  static async open({ server, address = '127.0.0.1', ports = [0] }: WireOptions): Promise<Wire> {
    return new Wire(await Promise.all(ports.map((port) => bound(address, port))), server, address);
  }

  /** `host:port` that it sends from, as SIP writes it. */
  get address(): string {
    const host = this.#address.includes(':') ? `[${this.#address}]` : this.#address;
    return `${host}:${this.#sockets[0]!.address().port}`;
  }

  send(bytes: Uint8Array | string): void {
    this.#sockets[0]!.send(bytes, this.#server.port, this.#server.host);
  }

  /** The responses that carry this Call-ID. */
  answersTo(callId: string): SipText[] {
    return this.got.filter((each) => each.status > 0 && header(each, 'call-id') === callId);
  }

  /** Resolves when the server has read everything sent before: an OPTIONS went through behind it. */
  async fence(): Promise<void> {
    const callId = token();
    this.send(requestText({ method: 'OPTIONS', uri: 'sip:fence@127.0.0.1', from: this.address, callId }));
    await eventually(() => this.answersTo(callId).length > 0, 'the server does not answer OPTIONS any more');
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** What a request is made of; every part can be replaced, also by nonsense. */
export interface RawRequest {
  readonly method: string;
  readonly uri: string;
  /** `host:port` in Via and Contact. */
  readonly from: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly branch?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly transport?: 'UDP' | 'TCP' | 'TLS';
  readonly lines?: readonly (readonly [string, string])[];
  /** Lines that are left out. */
  readonly without?: readonly string[];
  readonly body?: string;
}

/** Writes a request; headers in `lines` replace those of the same name. */
export function requestText(request: RawRequest): string {
  const { method, uri, from, callId = token(), sequence = 1, branch = `z9hG4bK${token()}`, fromTag = token(), body = '' } = request;
  const { transport = 'UDP', lines = [], without = [], toTag } = request;
  const own: readonly (readonly [string, string])[] = [
    ['Via', `SIP/2.0/${transport} ${from};branch=${branch};rport`],
    ['Max-Forwards', '70'],
    ['From', `<sip:wire@${from}>;tag=${fromTag}`],
    ['To', `<${uri}>${toTag === undefined ? '' : `;tag=${toTag}`}`],
    ['Call-ID', callId],
    ['CSeq', `${sequence} ${method}`],
    ['Contact', `<sip:wire@${from}${transport === 'UDP' ? '' : `;transport=${transport.toLowerCase()}`}>`],
  ];
  const replaced = new Set([...lines.map(([name]) => name), ...without]);
  const all = [...own.filter(([name]) => !replaced.has(name)), ...lines];
  const head = all.map(([name, value]) => `${name}: ${value}`).join('\r\n');
  return `${method} ${uri} SIP/2.0\r\n${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
