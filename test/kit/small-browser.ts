import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { CipherContext, DtlsClient, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm, SrtcpSession, SrtpSession } from 'werift';
import { Ear } from './ear.ts';
import { fromMuLaw, toMuLaw, tone } from './sound.ts';
import { steadily } from './steadily.ts';
import { COOKIE, stunAttributes, stunMessage } from './stun.ts';

const SIGNATURE = { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 } as const;
/** RTP numbers of the profiles: AES_CM_128_HMAC_SHA1_80 and AEAD_AES_128_GCM. */
export const [SHA1_80, GCM] = [1, 7] as const;

/** What the other side says of itself. */
export interface Server {
  readonly address: string;
  readonly port: number;
  readonly webrtc: {
    readonly ufrag: string;
    readonly pwd: string;
    readonly fingerprint: { readonly hash: string; readonly value: string };
  };
}

export interface SmallBrowserOptions {
  readonly hz?: number;
  readonly profiles?: readonly (1 | 7)[];
  readonly address?: string;
  /** ms between two checks. */
  readonly everyMs?: number;
  /** What it says instead of a tone in PCMU, frame by frame and over again, and how what it hears becomes samples of 8 000 Hz; no `hear`: it does not listen. */
  readonly sound?: {
    readonly payloadType: number;
    /** Units of the timestamp in a frame. */
    readonly step: number;
    readonly frames: readonly Uint8Array[];
    readonly hear?: (payload: Uint8Array) => Int16Array;
  };
  /** Shows this certificate, whose key it does not have. */
  readonly stolen?: string;
}

/** What is left of a browser when only its media counts: full ICE of one interface, DTLS by werift, a tone in PCMU, an ear. Shares no code with ours. */
export class SmallBrowser {
  readonly ufrag = randomBytes(6).toString('base64');
  readonly pwd = randomBytes(18).toString('base64');
  readonly ear = new Ear();
  readonly #address: string;
  readonly hz: number;
  readonly #profiles: readonly (1 | 7)[];
  readonly #everyMs: number;
  readonly #sound: SmallBrowserOptions['sound'];
  #socket: Socket;
  #timers: NodeJS.Timeout[] = [];
  #certificate!: { certPem: string; keyPem: string };
  #server: Server | undefined;
  #dtls: DtlsClient | undefined;
  readonly #hellos: DtlsClient[] = [];
  #srtp: SrtpSession | undefined;
  #srtcp: SrtcpSession | undefined;
  #transport!: { onData: (data: Buffer, from: unknown) => void };
  /** How many checks were answered, by the class and method of the answer. */
  readonly answers = new Map<number, number>();
  /** Where the server says that we are. */
  reflexive = '';
  /** SRTP packets that could be opened, and could not. */
  packets = 0;
  broken = 0;
  /** RTCP packets by type. */
  readonly reports = new Map<number, number>();
  /** Datagrams of DTLS that came. */
  dtlsDatagrams = 0;
  checks = true;
  nominates = true;
  level: number | undefined;
  profile: number | undefined;
  readonly #connected = Promise.withResolvers<void>();
  #sequence = 1;
  #sample = 0;
  readonly #ssrc = randomBytes(4).readUInt32BE();

  private constructor(
    socket: Socket,
    { hz = 400, profiles = [GCM, SHA1_80], address = '127.0.0.1', everyMs = 100, sound }: SmallBrowserOptions,
  ) {
    this.#sound = sound;
    this.#socket = socket;
    this.hz = hz;
    this.#profiles = profiles;
    this.#address = address;
    this.#everyMs = everyMs;
    this.#hear(socket);
  }

  static async open(options: SmallBrowserOptions = {}): Promise<SmallBrowser> {
    const browser = new SmallBrowser(await bound(options.address ?? '127.0.0.1'), options);
    browser.#certificate = await CipherContext.createSelfSignedCertificateWithKey(SIGNATURE, NamedCurveAlgorithm.secp256r1_23);
    if (options.stolen !== undefined) browser.#certificate = { ...browser.#certificate, certPem: options.stolen };
    return browser;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get certificate(): string {
    return this.#certificate.certPem;
  }

  get fingerprint(): { hash: string; value: string } {
    const bytes = Buffer.from(this.#certificate.certPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    const value = createHash('sha256').update(bytes).digest('hex').toUpperCase().match(/../g)!.join(':');
    return { hash: 'sha-256', value };
  }

  /** What goes into `change`. */
  get description() {
    return { remote: { ufrag: this.ufrag, pwd: this.pwd }, fingerprints: [this.fingerprint] };
  }

  /** When DTLS is done. */
  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** Begins: checks until it is answered, then DTLS, then a tone every 20 ms. */
  connect(server: Server): void {
    this.#server = server;
    this.#timers.push(setInterval(() => this.checks && this.check(), this.#everyMs));
    this.check();
  }

  /** ICE begins anew on both sides. */
  restart(webrtc: { ufrag: string; pwd: string }): void {
    this.#server = { ...this.#server!, webrtc: { ...this.#server!.webrtc, ...webrtc } };
    this.check();
  }

  /** Another network: from now on everything goes by another port. */
  async move(): Promise<void> {
    const old = this.#socket;
    this.#socket = await bound(this.#address);
    this.#hear(this.#socket);
    old.close();
    this.check();
  }

  check(extra: readonly (readonly [number, Uint8Array])[] = []): void {
    const { ufrag, pwd } = this.#server!.webrtc;
    const attributes: [number, Uint8Array][] = [
      [0x24, Buffer.from('7e0000ff', 'hex')],
      [0x802a, randomBytes(8)],
      ...(this.nominates ? [[0x25, new Uint8Array(0)] as [number, Uint8Array]] : []),
      ...extra.map(([kind, value]): [number, Uint8Array] => [kind, value]),
    ];
    this.send(stunMessage({ username: `${ufrag}:${this.ufrag}`, password: pwd, attributes }));
  }

  send(bytes: Uint8Array): void {
    const { address, port } = this.#server!;
    this.#socket.send(bytes, port, address);
  }

  /** One packet of the tone. */
  say(): void {
    const packet = Buffer.alloc(this.level === undefined ? 12 : 20);
    packet[0] = this.level === undefined ? 0x80 : 0x90;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#sample, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    if (this.level !== undefined) packet.set([0xbe, 0xde, 0, 1, 0x10, this.level, 0, 0], 12);
    const sound = this.#sound;
    packet[1] = sound?.payloadType ?? 0;
    const frame = sound?.frames[this.#sequence % sound.frames.length] ?? this.#tone();
    const payload = Buffer.from(frame);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#sample += sound?.step ?? 160;
    const header = { payloadOffset: packet.length, sequenceNumber: packet.readUInt16BE(2), ssrc: this.#ssrc };
    this.send(this.#srtp!.encrypt(payload, { ...header, serialize: () => packet, serializeSize: packet.length } as never));
  }

  #tone(): Uint8Array {
    return Uint8Array.from(tone(this.hz, { from: this.#sample, length: 160 }), toMuLaw);
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    // Else it says hello again for half a minute.
    for (const each of this.#hellos) each.dtls.flight = 99;
    this.#socket.close();
  }

  /** As a browser does with its page: closes DTLS. */
  async hangUp(): Promise<void> {
    const dtls = this.#dtls!;
    const alert = Buffer.from([1, 0]);
    const record = (dtls.cipher as never as { encryptPacket(packet: unknown): { serialize(): Buffer } }).encryptPacket(
      closing(dtls.dtls, alert),
    );
    this.send(record.serialize());
  }

  #hear(socket: Socket): void {
    socket.on('error', () => {});
    socket.on('message', (packet) => {
      const first = packet[0]!;
      if (first < 4) this.#answered(packet);
      else if (first >= 20 && first <= 63) {
        this.dtlsDatagrams += 1;
        this.#transport?.onData(packet, undefined);
      } else if (packet[1]! >= 192 && packet[1]! <= 223) this.#report(packet);
      else this.#listen(packet);
    });
  }

  #answered(packet: Buffer): void {
    const type = packet.readUInt16BE(0);
    this.answers.set(type, (this.answers.get(type) ?? 0) + 1);
    if (type !== 0x101) return;
    const mapped = stunAttributes(packet).get(0x20)!;
    const address = mapped.subarray(4).map((byte, n) => byte ^ packet[4 + n]!);
    this.reflexive = `${[...address].join('.')}:${mapped.readUInt16BE(2) ^ (COOKIE >>> 16)}`;
    if (this.#dtls === undefined) this.handshake();
  }

  /** Says hello. */
  handshake(): void {
    const transport = {
      type: 'udp',
      address: { address: '', family: 'IPv4', port: 0 },
      closed: false,
      onData: (): void => {},
      send: async (bytes: Buffer): Promise<void> => this.send(bytes),
      close: async (): Promise<void> => {},
    };
    this.#transport = transport;
    this.#dtls = new DtlsClient({
      transport,
      cert: this.#certificate.certPem,
      key: this.#certificate.keyPem,
      signatureHash: SIGNATURE,
      srtpProfiles: [...this.#profiles],
      extendedMasterSecret: true,
    });
    const dtls = this.#dtls;
    this.#hellos.push(dtls);
    dtls.onConnect.subscribe(() => this.#secure(dtls));
    dtls.connect().catch((error: unknown) => this.#connected.reject(error));
  }

  #secure(dtls: DtlsClient): void {
    const profile = dtls.srtp.srtpProfile as 1 | 7;
    this.profile = profile;
    const { localKey, localSalt, remoteKey, remoteSalt } = dtls.extractSessionKeys(16, profile === GCM ? 12 : 14);
    const keys = {
      localMasterKey: localKey,
      localMasterSalt: localSalt,
      remoteMasterKey: remoteKey,
      remoteMasterSalt: remoteSalt,
    };
    this.#srtp = new SrtpSession({ keys, profile });
    this.#srtcp = new SrtcpSession({ keys, profile });
    this.#connected.resolve();
    this.#timers.push(steadily(20, () => this.say()));
  }

  #report(packet: Buffer): void {
    try {
      const plain = this.#srtcp!.decrypt(packet);
      for (let at = 0; at + 4 <= plain.length; at += 4 * (plain.readUInt16BE(at + 2) + 1)) {
        this.reports.set(plain[at + 1]!, (this.reports.get(plain[at + 1]!) ?? 0) + 1);
      }
    } catch {
      this.broken += 1;
    }
  }

  #listen(packet: Buffer): void {
    try {
      const plain = this.#srtp!.decrypt(packet);
      this.packets += 1;
      const payload = plain.subarray(12);
      if (this.#sound === undefined) this.ear.take(Int16Array.from(payload, fromMuLaw));
      else if (this.#sound.hear !== undefined) this.ear.take(this.#sound.hear(payload));
    } catch {
      this.broken += 1;
    }
  }
}

function closing(dtls: { recordSequenceNumber: number; epoch: number }, fragment: Buffer): unknown {
  const header = {
    contentType: 21,
    protocolVersion: { major: 254, minor: 253 },
    epoch: 1,
    sequenceNumber: ++dtls.recordSequenceNumber,
    contentLen: fragment.length,
  };
  return {
    recordLayerHeader: header,
    fragment,
    serialize(this: { fragment: Buffer }): Buffer {
      const bytes = Buffer.alloc(13);
      bytes[0] = 21;
      bytes.writeUInt16BE(0xfefd, 1);
      bytes.writeUInt16BE(1, 3);
      bytes.writeUIntBE(header.sequenceNumber, 5, 6);
      bytes.writeUInt16BE(this.fragment.length, 11);
      return Buffer.concat([bytes, this.fragment]);
    },
  };
}

const bound = (address: string): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, address, () => resolve(socket));
  });
