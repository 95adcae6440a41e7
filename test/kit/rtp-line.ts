import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { Ear } from './ear.ts';
import { EVENTS } from './phone-sdp.ts';
import { type CodecName, fromALaw, fromMuLaw, toALaw, toMuLaw, tone } from './sound.ts';

const bind = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => {
      socket.off('error', reject);
      socket.on('error', () => {}); // A closed far end answers ICMP; that is its affair.
      resolve(socket);
    });
  });

/** An even port for RTP and the next one for RTCP (RFC 3550 §11). */
async function pair(): Promise<{ rtp: Socket; rtcp: Socket }> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const rtp = await bind(0);
    const { port } = rtp.address();
    if (port % 2 === 0) {
      try {
        return { rtp, rtcp: await bind(port + 1) };
      } catch {
        // Somebody has the odd port; the next pair will do.
      }
    }
    rtp.close();
  }
  throw new Error('no pair of ports is free');
}

/** A key that is being sent: packets left, and who waits for it. */
interface Press {
  readonly event: number;
  readonly payloadType: number;
  readonly startedAt: number;
  readonly done: () => void;
  left: number;
}

/** What it says, and how. */
export interface RtpLineOptions {
  readonly hz: number;
  readonly codec: CodecName;
  readonly ptime: number;
  /** Of its tone. */
  readonly amplitude?: number | undefined;
}

/** RTP both ways on one pair of ports: sends a tone by an absolute schedule, hears what comes. */
export class RtpLine {
  readonly ear = new Ear();
  readonly codec: CodecName;
  readonly ptime: number;
  /** Packets that came on the RTCP port, by packet type (200 SR, 201 RR, 203 BYE), counting each part of a compound. */
  readonly rtcpSeen = new Map<number, number>();
  /** Keys that the far end pressed (RFC 4733), each once. */
  keysHeard = '';
  #lastKeyAt: number | undefined;
  /** Packets per SSRC that came: one sender, one entry. */
  readonly sources = new Map<number, number>();
  /** Where the last packet came from. */
  from: { readonly address: string; readonly port: number } | undefined;
  #rtp: Socket;
  #rtcp: Socket;
  #remote: { address: string; port: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hz: number;
  readonly #amplitude: number | undefined;
  #sending = true;
  #loses: ((n: number) => boolean) | undefined;
  /** Packets of sound and keys so far, and of these the ones that were lost on their way. */
  sent = 0;
  lost = 0;
  #digit: Press | undefined;
  #sequence = randomBytes(2).readUInt16BE();
  #timestamp = randomBytes(4).readUInt32BE();
  #sample = 0;
  readonly #ssrc = randomBytes(4).readUInt32BE();

  private constructor(sockets: { rtp: Socket; rtcp: Socket }, { hz, codec, ptime, amplitude }: RtpLineOptions) {
    this.#rtp = sockets.rtp;
    this.#rtcp = sockets.rtcp;
    this.#hz = hz;
    this.#amplitude = amplitude;
    this.codec = codec;
    this.ptime = ptime;
    this.#listen();
    this.#start();
  }

  static async open(options: RtpLineOptions): Promise<RtpLine> {
    return new RtpLine(await pair(), options);
  }

  get port(): number {
    return this.#rtp.address().port;
  }

  /** Where to send; undefined: nowhere. */
  aim(remote: { address: string; port: number } | undefined): void {
    this.#remote = remote;
  }

  /** Silence without packets, as a phone on hold or one that lost its network. */
  send(on: boolean): void {
    this.#sending = on;
  }

  /** The network loses its n-th packet from now on; undefined: none. */
  lose(which: ((n: number) => boolean) | undefined): void {
    this.#loses = which;
  }

  /** Plays another tone, for example music on hold. */
  play(hz: number): void {
    this.#hz = hz;
  }

  /** Moves to a new pair of ports; what comes to the old one is not heard any more. */
  async move(): Promise<void> {
    const sockets = await pair();
    this.#rtp.close();
    this.#rtcp.close();
    this.#rtp = sockets.rtp;
    this.#rtcp = sockets.rtcp;
    this.#listen();
  }

  /** Sends one key as RFC 4733 events: 100 ms of updates, then the end packet three times. */
  press(key: string, payloadType: number): Promise<void> {
    const event = '0123456789*#ABCD'.indexOf(key.toUpperCase());
    if (event < 0) throw new RangeError(`no such key: ${key}`);
    return new Promise((done) => {
      this.#digit = { event, payloadType, left: 8, startedAt: this.#timestamp, done };
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#rtp.close();
    this.#rtcp.close();
  }

  #listen(): void {
    const decode = this.codec === 'PCMU' ? fromMuLaw : fromALaw;
    const wanted = this.codec === 'PCMU' ? 0 : 8;
    this.#rtp.on('message', (packet, from) => {
      if (packet.length >= 16 && (packet[1]! & 0x7f) === EVENTS) this.#keyHeard(packet);
      if (packet.length < 12 || packet[0]! >> 6 !== 2 || (packet[1]! & 0x7f) !== wanted) return;
      this.from = { address: from.address, port: from.port };
      const ssrc = packet.readUInt32BE(8);
      this.sources.set(ssrc, (this.sources.get(ssrc) ?? 0) + 1);
      this.ear.take(Int16Array.from(packet.subarray(12 + 4 * (packet[0]! & 0x0f)), decode));
    });
    this.#rtcp.on('message', (packet) => {
      for (let at = 0; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
        const type = packet[at + 1]!;
        this.rtcpSeen.set(type, (this.rtcpSeen.get(type) ?? 0) + 1);
      }
    });
  }

  /** All packets of one key have its timestamp. */
  #keyHeard(packet: Buffer): void {
    const at = packet.readUInt32BE(4);
    if (at === this.#lastKeyAt) return;
    this.#lastKeyAt = at;
    this.keysHeard += '0123456789*#ABCD'[packet[12]!] ?? '?';
  }

  #start(): void {
    const start = performance.now();
    let count = 0;
    const turn = (): void => {
      while (performance.now() >= start + count * this.ptime) {
        this.#frame();
        count += 1;
      }
      this.#timer = setTimeout(turn, Math.max(1, start + count * this.ptime - performance.now()));
    };
    turn();
  }

  #frame(): void {
    const length = this.ptime * 8;
    const digit = this.#digit;
    if (digit === undefined) {
      const encode = this.codec === 'PCMU' ? toMuLaw : toALaw;
      const payload = Buffer.from(
        Uint8Array.from(
          tone(this.#hz, { from: this.#sample, length, ...(this.#amplitude === undefined ? {} : { amplitude: this.#amplitude }) }),
          encode,
        ),
      );
      this.#packet(this.codec === 'PCMU' ? 0 : 8, payload, { timestamp: this.#timestamp, marker: false });
    } else {
      this.#event(digit);
    }
    this.#sample += length;
    this.#timestamp = (this.#timestamp + length) >>> 0;
  }

  #event(digit: Press): void {
    const duration = Math.min(this.#timestamp - digit.startedAt + this.ptime * 8, 5 * this.ptime * 8);
    const payload = Buffer.alloc(4);
    payload[0] = digit.event;
    payload[1] = (digit.left <= 3 ? 0x80 : 0) | 10;
    payload.writeUInt16BE(duration, 2);
    this.#packet(digit.payloadType, payload, { timestamp: digit.startedAt, marker: digit.left === 8 });
    digit.left -= 1;
    if (digit.left > 0) return;
    this.#digit = undefined;
    digit.done();
  }

  #packet(payloadType: number, payload: Buffer, { timestamp, marker }: { timestamp: number; marker: boolean }): void {
    if (this.#remote === undefined || !this.#sending) return;
    const packet = Buffer.alloc(12);
    packet[0] = 0x80;
    packet[1] = payloadType | (marker ? 0x80 : 0);
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(timestamp >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.sent += 1;
    if (this.#loses?.(this.sent) === true) {
      this.lost += 1;
      return;
    }
    this.#rtp.send(Buffer.concat([packet, payload]), this.#remote.port, this.#remote.address);
  }
}
