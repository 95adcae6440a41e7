import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { parseSdp } from './phone-sdp.ts';
import { SipLine, token } from './sip-line.ts';
import { header, uriOf } from './sip-text.ts';

/** G.722: its clock is said to be of 8 kHz (RFC 3551 §4.5.2). */
const PAYLOAD_TYPE = 9;
const TICKS = 160;

/** Between words: 20 ms of G.722 in which nothing is heard. */
const QUIET = new Uint8Array(160).fill(0xfa);

/** A wideband telephone whose owner says what he is given: real SIP and RTP over loopback. */
export class Talker {
  readonly #sip: SipLine;
  readonly #rtp: Socket;
  readonly #far: { readonly address: string; readonly port: number };
  readonly #bye: () => Promise<unknown>;
  readonly #queue: Uint8Array[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #sent = 0;

  private constructor(sip: SipLine, rtp: Socket, far: { address: string; port: number }, bye: () => Promise<unknown>) {
    [this.#sip, this.#rtp, this.#far, this.#bye] = [sip, rtp, far, bye];
    const start = performance.now();
    this.#timer = setInterval(() => {
      while (performance.now() >= start + this.#sent * 20) this.#packet(this.#queue.shift() ?? QUIET);
    }, 10);
  }

  static async call(server: string, { user, number }: { user: string; number: string }): Promise<Talker> {
    const sip = await SipLine.open(server);
    const rtp = await new Promise<Socket>((resolve) => {
      const socket = createSocket('udp4');
      socket.on('error', () => {});
      socket.bind(0, '127.0.0.1', () => resolve(socket));
    });
    const uri = `sip:${number}@${server}`;
    const [callId, tag] = [`${token()}@kit`, token()];
    const from = `"${user}" <sip:${user}@${sip.address}>;tag=${tag}`;
    const body = [
      ...['v=0', 'o=kit 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
      `m=audio ${rtp.address().port} RTP/AVP ${PAYLOAD_TYPE}`,
      ...['a=rtpmap:9 G722/8000', 'a=ptime:20', 'a=sendrecv', ''],
    ].join('\r\n');
    const contact = ['Contact', `<sip:${user}@${sip.address}>`] as const;
    const lines = [['From', from], ['To', `<${uri}>`], ['Call-ID', callId], ['CSeq', '1 INVITE'], contact] as const;
    const answer = await sip.request({ method: 'INVITE', uri, lines: [...lines, ['Content-Type', 'application/sdp']], body });
    const far = parseSdp(answer.body);
    if (answer.status !== 200 || far === undefined) throw new Error(`refused: ${answer.start}`);
    const inside = (sequence: number, method: string) =>
      ({
        method,
        uri: uriOf(header(answer, 'contact')),
        lines: [
          ['From', from],
          ['To', header(answer, 'to')],
          ['Call-ID', callId],
          ['CSeq', `${sequence} ${method}`],
        ],
      }) as const;
    void sip.request(inside(1, 'ACK'));
    return new Talker(sip, rtp, far, () => sip.request(inside(2, 'BYE')));
  }

  /** Says all of it; resolves when it has, and a second of silence. */
  async say(payloads: readonly Uint8Array[]): Promise<void> {
    this.#queue.push(...payloads, ...Array.from({ length: 50 }, () => QUIET));
    while (this.#queue.length > 0) await new Promise((wake) => setTimeout(wake, 20));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#bye();
    this.#sip.close();
    this.#rtp.close();
  }

  #packet(payload: Uint8Array): void {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0x8000 | PAYLOAD_TYPE | (this.#sent === 0 ? 0x80 : 0), 0);
    head.writeUInt16BE(this.#sent & 0xffff, 2);
    head.writeUInt32BE((this.#sent * TICKS) >>> 0, 4);
    head.writeUInt32BE(this.#ssrc, 8);
    this.#sent += 1;
    this.#rtp.send(Buffer.concat([head, payload]), this.#far.port, this.#far.address);
  }
}
