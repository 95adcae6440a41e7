import assert from 'node:assert/strict';
import { MediaStreamTrack, RTCPeerConnection, RtpHeader, RtpPacket, usePCMU } from 'werift';
import { WebSocket } from 'ws';
import { Ear } from './ear.ts';
import { eventually } from './house.ts';
import { fromMuLaw, toMuLaw, tone } from './sound.ts';

/** A frame of `/api/join`. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape.
type Frame = any;

export interface GuestOptions {
  /** `http://127.0.0.1:port`. */
  readonly server: string;
  readonly code: string;
  readonly name?: string;
  readonly pin?: string;
  readonly resume?: string;
  /** Out of a former call that is over. */
  readonly back?: string;
  readonly hz: number;
}

/** A page that has joined by an invitation, without a browser: WebRTC by werift, which shares no code with ours, a tone in PCMU, an ear. */
export class Guest {
  readonly frames: Frame[] = [];
  readonly tone: number;
  readonly ear = new Ear();
  /** Close code of its websocket. */
  closed: number | undefined;
  #peer: RTCPeerConnection;
  #socket: WebSocket;
  #timer: NodeJS.Timeout | undefined;
  readonly #options: GuestOptions;
  #sample = 0;
  #sequence = 1;

  constructor(options: GuestOptions) {
    this.#options = options;
    this.tone = options.hz;
    this.#peer = this.#newPeer();
    this.#socket = this.#newSocket();
  }

  get name(): string {
    return this.#options.name ?? 'Guest';
  }

  /** Comes, and does what the server asks; resolves when its offer was answered. */
  static async open(options: GuestOptions): Promise<Guest> {
    const guest = new Guest(options);
    await guest.#enter({});
    return guest;
  }

  /** Says hello and waits for nothing. */
  static async knock(options: GuestOptions): Promise<Guest> {
    const guest = new Guest(options);
    await guest.#join({});
    return guest;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** The last frame of a type. */
  last(type: string): Frame | undefined {
    return this.frames.findLast((each) => each.type === type);
  }

  /** Waits for a frame that fits. */
  async hear(type: string, fits: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return eventually(
      () => this.frames.find((each) => each.type === type && fits(each)),
      `no ${type} came; there were ${JSON.stringify(this.frames).slice(-1500)}`,
    );
  }

  say(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** What stands on the wire, whatever it is. */
  raw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  readonly hears = (): readonly number[] => this.ear.hears();

  /** ICE begins anew, over the same websocket. */
  async restart(): Promise<void> {
    const before = this.frames.length;
    await this.#peer.setLocalDescription(await this.#peer.createOffer({ iceRestart: true }));
    this.say({ type: 'offer', sdp: this.#peer.localDescription?.sdp });
    const answer = await eventually(() => this.frames.slice(before).find((each) => each.type === 'answer'), 'no answer to the restart');
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    // werift takes the new credentials and then forgets to check with them.
    await this.#peer.iceTransports[0]?.connection.connect();
  }

  /** Its network is gone without a word: websocket and media. */
  async vanish(): Promise<void> {
    this.#silence();
    this.#socket.terminate();
    await this.#peer.close();
  }

  /** Comes back as the same one, by a new page. */
  async resume(resume: string = this.last('answer').resume): Promise<void> {
    this.frames.length = 0;
    this.closed = undefined;
    this.#peer = this.#newPeer();
    this.#socket = this.#newSocket();
    await this.#enter({ resume });
  }

  async close(): Promise<void> {
    this.#silence();
    this.#socket.close();
    await this.#peer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #enter(more: object): Promise<void> {
    await this.#join(more);
    const answer = await this.hear('answer');
    assert.match(answer.sdp, /^a=ice-lite\r$/m);
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    await eventually(() => this.#peer.connectionState === 'connected', 'ICE and DTLS came to nothing');
    this.#timer ??= setInterval(() => this.#speak(), 20);
  }

  async #join(more: object): Promise<void> {
    const { code, name, pin, resume, back } = this.#options;
    const secret = { ...(resume === undefined ? {} : { resume }), ...(back === undefined ? {} : { back }) };
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    const sdp = this.#peer.localDescription?.sdp;
    await eventually(() => this.isOpen, 'no websocket');
    this.say({
      type: 'join',
      code,
      sdp,
      ...(name === undefined ? {} : { name }),
      ...(pin === undefined ? {} : { pin }),
      ...secret,
      ...more,
    });
  }

  #track!: MediaStreamTrack;

  #newPeer(): RTCPeerConnection {
    const peer = new RTCPeerConnection({
      codecs: { audio: [usePCMU()] },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
    });
    this.#track = new MediaStreamTrack({ kind: 'audio' });
    const transceiver = peer.addTransceiver(this.#track, { direction: 'sendrecv' });
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => this.ear.take(Int16Array.from(packet.payload, fromMuLaw)));
    });
    return peer;
  }

  #newSocket(): WebSocket {
    const socket = new WebSocket(`${this.#options.server.replace(/^http/, 'ws')}/api/join`);
    socket.on('message', (data) => this.frames.push(JSON.parse(String(data))));
    socket.on('close', (code) => {
      if (socket === this.#socket) this.closed = code;
    });
    socket.on('error', () => {});
    return socket;
  }

  #speak(): void {
    const payload = Buffer.from(Uint8Array.from(tone(this.tone, { from: this.#sample, length: 160 }), toMuLaw));
    const header = new RtpHeader({ payloadType: 0, sequenceNumber: this.#sequence, timestamp: this.#sample, marker: false });
    this.#track.writeRtp(new RtpPacket(header, payload));
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#sample += 160;
  }

  #silence(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
