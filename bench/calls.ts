/** The telephones' signalling: real SIP over one UDP socket, with retransmission, for as many calls as are wanted. Shares no code with src/sip. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { EVENTS, parseSdp } from '../test/kit/phone-sdp.ts';
import { answerTo, cseqMethod, header, parameter, parseSip, printSip, type SipText, uriOf } from '../test/kit/sip-text.ts';
import { type CodecName, formats } from './sounds.ts';

/** RFC 3261 §17: ms. */
const [T1, T2] = [500, 4000];
const GIVE_UP = 32_000;
/** A server that says 503 is asked again for so long. */
const INSIST = 90_000;

interface Pending {
  readonly bytes: Buffer;
  readonly done: (response: SipText | undefined) => void;
  readonly since: number;
  wait: number;
  next: number;
  provisional: boolean;
}

/** One call that is up. */
export interface BenchCall {
  readonly n: number;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

/** What came of hanging up. */
export interface HangUp {
  readonly asked: number;
  readonly answered: number;
  /** Answered with something else than 200. */
  readonly refused: number;
  readonly retransmissions: number;
  readonly ms: number;
}

export class Callers {
  readonly calls = new Map<string, BenchCall>();
  /** Calls that the server ended. */
  ended = 0;
  /** INVITEs that were answered 503 and tried again. */
  postponed = 0;
  retransmissions = 0;
  readonly #socket: Socket;
  readonly #server: { readonly host: string; readonly port: number };
  readonly #pending = new Map<string, Pending>();
  readonly #acks = new Map<string, Buffer>();
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  private constructor(socket: Socket, server: string) {
    const colon = server.lastIndexOf(':');
    this.#server = { host: server.slice(0, colon), port: Number(server.slice(colon + 1)) };
    this.#socket = socket;
    socket.on('message', (bytes) => this.#take(bytes));
    this.#timer = setInterval(() => this.#insist(), 50);
  }

  static async open(server: string): Promise<Callers> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_194_304, sendBufferSize: 4_194_304 });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Callers(socket, server);
  }

  /** Calls a number; resolves when the call is up, with where its voice goes. */
  async call(
    n: number,
    { number, codec, address, port }: { number: string; codec: CodecName; address: string; port: number },
  ): Promise<{ address: string; port: number; payloadType: number; call: BenchCall }> {
    const uri = `sip:${number}@${this.#server.host}:${this.#server.port}`;
    const callId = `bench-${process.pid}-${n}-${++this.#count}`;
    const from = `"Leg ${n}" <sip:leg${n}@bench.example>;tag=b${n}`;
    const began = performance.now();
    for (let cseq = 1; ; cseq++) {
      const lines = [
        ['From', from],
        ['To', `<${uri}>`],
        ['Call-ID', callId],
        ['CSeq', `${cseq} INVITE`],
        ['Contact', this.#contact],
        ['Content-Type', 'application/sdp'],
      ] as const;
      const { response, branch } = await this.#ask('INVITE', uri, lines, sdp(codec, address, port));
      if (response === undefined) throw new Error(`leg ${n}: INVITE got no final answer within ${GIVE_UP / 1000} s`);
      const to = header(response, 'to');
      const ack = (target: string, other: string): Buffer =>
        printSip(`ACK ${target} SIP/2.0`, [
          ['Via', this.#via(other)],
          ['Max-Forwards', '70'],
          ['From', from],
          ['To', to],
          ['Call-ID', callId],
          ['CSeq', `${cseq} ACK`],
        ]);
      if (response.status >= 300) {
        this.#send(ack(uri, branch));
        if (response.status !== 503 || performance.now() - began > INSIST)
          throw new Error(`leg ${n}: INVITE was answered ${response.start}`);
        this.postponed += 1;
        const seconds = Number(header(response, 'retry-after').match(/^\d+/)?.[0] ?? 2);
        await new Promise((wake) => setTimeout(wake, 1000 * Math.min(10, seconds)));
        continue;
      }
      const target = uriOf(header(response, 'contact'));
      const acknowledged = ack(target, this.#branch());
      this.#acks.set(callId, acknowledged);
      this.#send(acknowledged);
      const media = parseSdp(response.body);
      if (media === undefined || media.port === 0) throw new Error(`leg ${n}: the answer holds no audio`);
      const call = { n, callId, from, to, target };
      this.calls.set(callId, call);
      return { address: media.address, port: media.port, payloadType: media.payloadTypes[0] ?? 0, call };
    }
  }

  /** Sends a BYE for each of these calls, so many at once, and waits for the answers. */
  async hangUp(calls: readonly BenchCall[], atOnce: number): Promise<HangUp> {
    const before = this.retransmissions;
    const began = performance.now();
    const answers: (number | undefined)[] = [];
    const left = [...calls];
    const work = async (): Promise<void> => {
      for (let call = left.pop(); call !== undefined; call = left.pop()) {
        const { callId, from, to, target } = call;
        this.calls.delete(callId);
        this.#acks.delete(callId);
        const lines = [
          ['From', from],
          ['To', to],
          ['Call-ID', callId],
          ['CSeq', '100 BYE'],
        ] as const;
        answers.push((await this.#ask('BYE', target, lines)).response?.status);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, calls.length) }, work));
    const answered = answers.filter((status) => status !== undefined);
    return {
      asked: calls.length,
      answered: answered.length,
      refused: answered.filter((status) => status !== 200).length,
      retransmissions: this.retransmissions - before,
      ms: performance.now() - began,
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  get #here(): string {
    const { address, port } = this.#socket.address();
    return `${address}:${port}`;
  }

  get #contact(): string {
    return `<sip:bench@${this.#here}>`;
  }

  #branch(): string {
    return `z9hG4bK-bench-${process.pid}-${++this.#count}`;
  }

  #via(branch: string): string {
    return `SIP/2.0/UDP ${this.#here};branch=${branch};rport`;
  }

  #ask(
    method: string,
    uri: string,
    lines: readonly (readonly [string, string])[],
    body = '',
  ): Promise<{ response: SipText | undefined; branch: string }> {
    const branch = this.#branch();
    const bytes = printSip(`${method} ${uri} SIP/2.0`, [['Via', this.#via(branch)], ['Max-Forwards', '70'], ...lines], body);
    const now = performance.now();
    this.#send(bytes);
    return new Promise((resolve) => {
      const done = (response: SipText | undefined): void => {
        this.#pending.delete(`${branch} ${method}`);
        resolve({ response, branch });
      };
      this.#pending.set(`${branch} ${method}`, { bytes, done, since: now, wait: T1, next: now + T1, provisional: false });
    });
  }

  #send(bytes: Buffer): void {
    this.#socket.send(bytes, this.#server.port, this.#server.host);
  }

  /** Retransmits what is due, and gives up what waited too long. */
  #insist(): void {
    const now = performance.now();
    for (const pending of [...this.#pending.values()]) {
      if (now - pending.since > GIVE_UP && !pending.provisional) pending.done(undefined);
      else if (now >= pending.next && !pending.provisional) {
        this.retransmissions += 1;
        this.#send(pending.bytes);
        pending.wait = Math.min(T2, 2 * pending.wait);
        pending.next = now + pending.wait;
      }
    }
  }

  #take(bytes: Buffer): void {
    const message = parseSip(bytes);
    if (message === undefined) return;
    if (message.status === 0) {
      this.#serve(message);
      return;
    }
    const pending = this.#pending.get(`${parameter(header(message, 'via'), 'branch')} ${cseqMethod(message)}`);
    if (message.status < 200) {
      if (pending !== undefined && cseqMethod(message) === 'INVITE') pending.provisional = true;
    } else if (pending !== undefined) pending.done(message);
    else if (cseqMethod(message) === 'INVITE') {
      const ack = this.#acks.get(header(message, 'call-id'));
      if (ack !== undefined) this.#send(ack);
    }
  }

  /** The server asks. It may hang up; nothing else is expected of it in so short a time. */
  #serve(request: SipText): void {
    if (request.method === 'ACK') return;
    const isBye = request.method === 'BYE';
    if (isBye && this.calls.delete(header(request, 'call-id'))) this.ended += 1;
    this.#send(answerTo(request, isBye || request.method === 'OPTIONS' ? '200 OK' : '488 Not Acceptable Here', { toTag: 'bench' }));
  }
}

const sdp = (codec: CodecName, address: string, port: number): string =>
  [
    'v=0',
    `o=bench 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${formats[codec].payloadType} ${EVENTS}`,
    `a=rtpmap:${formats[codec].payloadType} ${formats[codec].rtpmap}`,
    ...(codec === 'opus' ? [`a=fmtp:${formats[codec].payloadType} useinbandfec=1`] : []),
    `a=rtpmap:${EVENTS} telephone-event/8000`,
    'a=ptime:20',
    'a=sendrecv',
    '',
  ].join('\r\n');
