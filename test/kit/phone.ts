import type { Ear } from './ear.ts';
import { type Direction, EVENTS, type FarMedia, parseSdp, printSdp } from './phone-sdp.ts';
import { RtpLine } from './rtp-line.ts';
import { SipLine, token } from './sip-line.ts';
import { answerTo, cseqNumber, digestAnswer, header, headers, parameter, type SipText, uriOf } from './sip-text.ts';
import { type CodecName, TONES } from './sound.ts';

type Lines = readonly (readonly [string, string])[];

export interface PhoneOptions {
  /** `host:port` of the server (or of another phone). */
  readonly server: string;
  /** What it says all the time, in Hz. Default the first of TONES. */
  readonly tone?: number;
  /** How loud it says it. Default AMPLITUDE. */
  readonly amplitude?: number;
  /** SIP user, and name in tables. Default `phone`. */
  readonly user?: string;
  /** SIP domain of its own address; a bare server address by default, which makes it a guest. */
  readonly domain?: string;
  readonly codec?: CodecName;
  /** ms per packet. Default 20. */
  readonly ptime?: number;
  readonly auth?: { readonly user: string; readonly password: string };
}

/** How a phone says hold: RFC 3264 §8.4, and the way of RFC 2543. */
export type HoldWay = 'sendonly' | 'inactive' | 'zero-address';

/** A call that was not let in. */
export class Refused extends Error {
  readonly status: number;
  readonly response: SipText;
  constructor(response: SipText) {
    super(`refused: ${response.start}`);
    this.status = response.status;
    this.response = response;
  }
}

interface Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly local: string;
  readonly remote: string;
  readonly target: string;
  readonly routes: readonly string[];
  sequence: number;
  far: FarMedia | undefined;
}

/** A telephone that a test can play on: real SIP and RTP over loopback UDP. One call at a time. */
export class Phone {
  readonly name: string;
  readonly tone: number;
  /** Answers an incoming call at once when true. */
  answers = true;
  /** Requests that came inside or outside the call, in order. */
  readonly received: SipText[] = [];
  /** Sent CSeq of the far end's last request in this call, for order checks. */
  #dialog: Dialog | undefined;
  #gone = false;
  #sip: SipLine;
  #rtp: RtpLine;
  #options: PhoneOptions;
  #version = 1;
  #direction: Direction = 'sendrecv';
  #ackFor: { sequence: number; send: () => void } | undefined;
  #ended: (() => void)[] = [];
  readonly #tag = token();

  private constructor(options: PhoneOptions, sip: SipLine, rtp: RtpLine) {
    this.#options = options;
    this.name = options.user ?? 'phone';
    this.tone = options.tone ?? TONES[0]!;
    this.#sip = sip;
    this.#rtp = rtp;
    sip.onRequest = (request, reply) => this.#asked(request, reply);
    sip.onStray = (response) => {
      if (response.status >= 200 && response.status < 300 && cseqNumber(response) === this.#ackFor?.sequence) this.#ackFor.send();
    };
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    const { tone = TONES[0]!, codec = 'PCMU', ptime = 20 } = options;
    return new Phone(
      options,
      await SipLine.open(options.server),
      await RtpLine.open({ hz: tone, codec, ptime, amplitude: options.amplitude }),
    );
  }

  /** `host:port` where it takes SIP. */
  get address(): string {
    return this.#sip.address;
  }

  get ear(): Ear {
    return this.#rtp.ear;
  }

  get rtp(): RtpLine {
    return this.#rtp;
  }

  get sip(): SipLine {
    return this.#sip;
  }

  get inCall(): boolean {
    return this.#dialog !== undefined;
  }

  /** The Call-ID of the call it is in. */
  get callId(): string {
    return this.#dialog?.callId ?? '';
  }

  /** What the far end last said of its media. */
  get far(): FarMedia | undefined {
    return this.#dialog?.far;
  }

  /** The tones of the last quarter of a second. */
  hears(): number[] {
    return this.ear.hears();
  }

  /** Calls a number; resolves when the call is up. Rejects with `Refused`. */
  async call(number: string, options: { offerInAck?: boolean; lines?: Lines } = {}): Promise<void> {
    const { response, fromTag, callId, sequence } = await this.#invite(number, options);
    if (response.status >= 300) throw new Refused(response);
    this.#dialog = {
      callId,
      localTag: fromTag,
      local: header(response, 'from'),
      remote: header(response, 'to'),
      target: uriOf(header(response, 'contact')),
      routes: [...headers(response, 'record-route')].reverse(),
      sequence,
      far: parseSdp(response.body),
    };
    this.#acknowledge(sequence, options.offerInAck ? this.#sdp() : '');
    this.#aim();
  }

  /** Calls and says what came of it: 200 or the refusal's status. */
  async tries(number: string): Promise<number> {
    return this.call(number).then(
      () => 200,
      (error: unknown) => {
        if (error instanceof Refused) return error.status;
        throw error;
      },
    );
  }

  /** Calls and takes it back at once. A 200 that crosses the CANCEL is acknowledged and hung up, as RFC 3261 §15 wants. */
  async callAndCancel(number: string): Promise<{ invite: number; cancel: number }> {
    let cancelled: Promise<SipText> | undefined;
    const { response, fromTag, callId, sequence } = await this.#invite(number, {
      sent: (lines, uri, branch) => {
        const kept = lines.filter(([name]) => ['From', 'To', 'Call-ID'].includes(name));
        const cseq = lines.find(([name]) => name === 'CSeq')?.[1].replace('INVITE', 'CANCEL') ?? '';
        cancelled = this.#sip.request({ method: 'CANCEL', uri, branch, lines: [...kept, ['CSeq', cseq]] });
      },
    });
    const cancel = await cancelled!;
    if (response.status < 300) {
      const [local, remote] = [header(response, 'from'), header(response, 'to')];
      const target = uriOf(header(response, 'contact'));
      this.#dialog = { callId, localTag: fromTag, local, remote, target, routes: [], sequence, far: undefined };
      this.#acknowledge(sequence, '');
      await this.hangUp();
    }
    return { invite: response.status, cancel: cancel.status };
  }

  /** Puts the far end on hold by re-INVITE, or by UPDATE. */
  async hold(way: HoldWay = 'sendonly', by: 'INVITE' | 'UPDATE' = 'INVITE'): Promise<void> {
    this.#direction = way === 'inactive' ? 'inactive' : way === 'sendonly' ? 'sendonly' : 'sendrecv';
    await this.#renegotiate(by, way === 'zero-address' ? '0.0.0.0' : undefined);
  }

  async resume(by: 'INVITE' | 'UPDATE' = 'INVITE'): Promise<void> {
    this.#direction = 'sendrecv';
    await this.#renegotiate(by);
  }

  /** Moves its media to new ports and says so. */
  async move(): Promise<void> {
    await this.#rtp.move();
    await this.#renegotiate('INVITE');
  }

  async hangUp(): Promise<void> {
    const dialog = this.#up();
    this.#over();
    const response = await this.#inDialog(dialog, 'BYE');
    if (response.status !== 200) throw new Error(`BYE was answered ${response.start}`);
  }

  /** Resolves when the far end has hung up (it has then been answered 200). */
  async ended(within = 15_000): Promise<void> {
    if (!this.inCall) return;
    await new Promise<void>((resolve, reject) => {
      const over = setTimeout(() => reject(new Error(`${this.name} got no BYE within ${within} ms`)), within);
      this.#ended.push(() => {
        clearTimeout(over);
        resolve();
      });
    });
  }

  /** Keys, one after the other: RFC 4733 in RTP, or INFO with dtmf-relay. */
  async sendDigits(keys: string, by: 'rtp' | 'info' = 'rtp'): Promise<void> {
    for (const key of keys) {
      if (by === 'rtp') {
        await this.#rtp.press(key, this.far?.events ?? EVENTS);
      } else {
        const type: Lines = [['Content-Type', 'application/dtmf-relay']];
        const response = await this.#inDialog(this.#up(), 'INFO', { lines: type, body: `Signal=${key}\r\nDuration=160\r\n` });
        if (response.status !== 200) throw new Error(`INFO was answered ${response.start}`);
      }
    }
  }

  /** Registers for `expires` seconds; gives the final status. */
  async register(expires = 60): Promise<number> {
    const domain = this.#options.domain ?? this.#sip.server;
    const aor = `sip:${this.name}@${domain}`;
    const callId = token();
    const response = await this.#withAuth((sequence, auth) =>
      this.#sip.request({
        method: 'REGISTER',
        uri: `sip:${domain}`,
        lines: [
          ['From', `<${aor}>;tag=${this.#tag}`],
          ['To', `<${aor}>`],
          ['Call-ID', callId],
          ['CSeq', `${sequence} REGISTER`],
          ['Contact', `<sip:${this.name}@${this.address}>`],
          ['Expires', String(expires)],
          ...auth('REGISTER', `sip:${domain}`),
        ],
      }),
    );
    return response.status;
  }

  /** OPTIONS outside a call; gives the response. */
  async options(user = ''): Promise<SipText> {
    const uri = user === '' ? `sip:${this.#sip.server}` : `sip:${user}@${this.#sip.server}`;
    const lines: Lines = [
      ['From', `<sip:${this.name}@${this.address}>;tag=${token()}`],
      ['To', `<${uri}>`],
      ['Call-ID', token()],
      ['CSeq', '1 OPTIONS'],
      ['Contact', `<sip:${this.name}@${this.address}>`],
    ];
    return this.#sip.request({ method: 'OPTIONS', uri, lines });
  }

  /** Hangs up if need be and lets go of its sockets. A far end that is gone is no failure here. */
  async close(): Promise<void> {
    if (this.#dialog !== undefined) {
      const dialog = this.#dialog;
      this.#over();
      await this.#inDialog(dialog, 'BYE', {}, 700).catch(() => {});
    }
    this.#letGo();
  }

  /** Lets go of its sockets without a word, as a phone whose battery is empty. */
  vanish(): void {
    this.#over();
    this.#letGo();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Once: a phone that vanished may still be closed by whoever opened it. */
  #letGo(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#sip.close();
    this.#rtp.close();
  }

  async #invite(
    number: string,
    options: { offerInAck?: boolean; lines?: Lines; sent?: (lines: Lines, uri: string, branch: string) => void },
  ): Promise<{ response: SipText; fromTag: string; callId: string; sequence: number }> {
    if (this.inCall) throw new Error(`${this.name} is in a call`);
    const domain = this.#options.domain ?? this.#sip.server;
    const uri = number.startsWith('sip:') ? number : `sip:${number}@${domain}`;
    const [callId, fromTag] = [`${token()}@kit`, token()];
    this.#direction = 'sendrecv';
    let used = 1;
    const response = await this.#withAuth(async (sequence, auth) => {
      used = sequence;
      const branch = `z9hG4bK${token()}`;
      const lines: Lines = [
        ['From', `"${this.name}" <sip:${this.name}@${this.#options.domain ?? this.address}>;tag=${fromTag}`],
        ['To', `<${uri}>`],
        ['Call-ID', callId],
        ['CSeq', `${sequence} INVITE`],
        ['Contact', `<sip:${this.name}@${this.address}>`],
        ['Allow', 'INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO'],
        ...auth('INVITE', uri),
        ...(options.offerInAck ? [] : [['Content-Type', 'application/sdp'] as const]),
        ...(options.lines ?? []),
      ];
      const answer = this.#sip.request({ method: 'INVITE', uri, branch, lines, body: options.offerInAck ? '' : this.#sdp() });
      options.sent?.(lines, uri, branch);
      const final = await answer;
      if (final.status >= 300) {
        const kept = lines.filter(([name]) => ['From', 'Call-ID'].includes(name));
        const rest: Lines = [...kept, ['To', header(final, 'to')], ['CSeq', `${sequence} ACK`]];
        await this.#sip.request({ method: 'ACK', uri, branch, lines: rest });
      }
      return final;
    });
    return { response, fromTag, callId, sequence: used };
  }

  async #withAuth(ask: (sequence: number, auth: (method: string, uri: string) => Lines) => Promise<SipText>): Promise<SipText> {
    const first = await ask(1, () => []);
    const { auth } = this.#options;
    const proxy = first.status === 407;
    if ((first.status !== 401 && !proxy) || auth === undefined) return first;
    const challenge = header(first, proxy ? 'proxy-authenticate' : 'www-authenticate');
    return ask(2, (method, uri) => [
      [proxy ? 'Proxy-Authorization' : 'Authorization', digestAnswer(challenge, { user: auth.user, password: auth.password, method, uri })],
    ]);
  }

  #sdp(address?: string): string {
    this.#version += 1;
    const { port, codec, ptime } = this.#rtp;
    return printSdp({
      port,
      codec,
      ptime,
      direction: this.#direction,
      version: this.#version,
      ...(address === undefined ? {} : { address }),
    });
  }

  /** Sends the ACK of a 2xx, and again whenever that 2xx comes again. */
  #acknowledge(sequence: number, body: string): void {
    const dialog = this.#up();
    const lines: Lines = body === '' ? [] : [['Content-Type', 'application/sdp']];
    const bytes = { lines, body };
    this.#ackFor = { sequence, send: () => void this.#inDialog(dialog, 'ACK', { ...bytes, sequence }) };
    this.#ackFor.send();
  }

  async #renegotiate(by: 'INVITE' | 'UPDATE', address?: string): Promise<void> {
    const dialog = this.#up();
    const type: Lines = [['Content-Type', 'application/sdp']];
    const response = await this.#inDialog(dialog, by, { lines: type, body: this.#sdp(address) });
    if (response.status >= 300) {
      if (by === 'INVITE') await this.#inDialog(dialog, 'ACK', { sequence: dialog.sequence });
      throw new Refused(response);
    }
    if (by === 'INVITE') this.#acknowledge(dialog.sequence, '');
    dialog.far = parseSdp(response.body) ?? dialog.far;
    this.#aim();
  }

  #inDialog(
    dialog: Dialog,
    method: string,
    { lines = [], body = '', sequence }: { lines?: Lines; body?: string; sequence?: number } = {},
    within?: number,
  ): Promise<SipText> {
    const number = sequence ?? ++dialog.sequence;
    const all: Lines = [
      ['From', dialog.local],
      ['To', dialog.remote],
      ['Call-ID', dialog.callId],
      ['CSeq', `${number} ${method}`],
      ...dialog.routes.map((route) => ['Route', route] as const),
      ...(method === 'BYE' ? [] : [['Contact', `<sip:${this.name}@${this.address}>`] as const]),
      ...lines,
    ];
    const to = /^sips?:(?:[^@]*@)?([^;>?]+)/.exec(dialog.target)?.[1];
    return this.#sip.request({ method, uri: dialog.target, lines: all, body, ...(to === undefined ? {} : { to }) }, within);
  }

  #aim(): void {
    const far = this.far;
    const mute = far === undefined || far.port === 0 || far.address === '0.0.0.0' || this.#direction === 'inactive';
    this.#rtp.aim(mute ? undefined : { address: far.address, port: far.port });
  }

  #up(): Dialog {
    if (this.#dialog === undefined) throw new Error(`${this.name} is in no call`);
    return this.#dialog;
  }

  #over(): void {
    this.#dialog = undefined;
    this.#rtp.aim(undefined);
    for (const tell of this.#ended.splice(0)) tell();
  }

  #asked(request: SipText, reply: (bytes: Buffer) => void): void {
    this.received.push(request);
    const say = (status: string, lines: Lines = [], body = ''): void => reply(answerTo(request, status, { toTag: this.#tag, lines, body }));
    const contact: Lines = [['Contact', `<sip:${this.name}@${this.address}>`]];
    const sdp: Lines = [...contact, ['Content-Type', 'application/sdp']];
    const inside = this.#dialog !== undefined && header(request, 'call-id') === this.#dialog.callId;
    if (request.method === 'ACK') {
      if (request.body !== '' && inside) this.#hearOffer(request);
    } else if (request.method === 'OPTIONS') say('200 OK', contact);
    else if (parameter(header(request, 'to'), 'tag') !== '' && !inside) say('481 Call/Transaction Does Not Exist');
    else if (request.method === 'BYE') {
      say('200 OK');
      this.#over();
    } else if (request.method === 'INVITE' && !inside) this.#rings(request, say);
    else if (request.method === 'INVITE' || request.method === 'UPDATE') {
      if (request.body !== '') this.#hearOffer(request);
      const plain = request.method === 'UPDATE' && request.body === '';
      say('200 OK', plain ? contact : sdp, plain ? '' : this.#sdp());
    } else if (['INFO', 'CANCEL', 'NOTIFY'].includes(request.method)) say('200 OK');
    else say('501 Not Implemented');
  }

  #rings(request: SipText, say: (status: string, lines?: Lines, body?: string) => void): void {
    if (!this.answers || this.inCall) {
      say('486 Busy Here');
      return;
    }
    this.#direction = 'sendrecv';
    const [callId, localTag] = [header(request, 'call-id'), this.#tag];
    const [remote, local] = [header(request, 'from'), `${header(request, 'to')};tag=${this.#tag}`];
    const target = uriOf(header(request, 'contact'));
    this.#dialog = { callId, localTag, local, remote, target, routes: headers(request, 'record-route'), sequence: 0, far: undefined };
    if (request.body !== '') this.#hearOffer(request);
    say(
      '200 OK',
      [
        ['Contact', `<sip:${this.name}@${this.address}>`],
        ['Content-Type', 'application/sdp'],
      ],
      this.#sdp(),
    );
  }

  #hearOffer(request: SipText): void {
    const dialog = this.#up();
    dialog.far = parseSdp(request.body) ?? dialog.far;
    const theirs = dialog.far?.direction ?? 'sendrecv';
    const mirror: Record<Direction, Direction> = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };
    this.#direction = mirror[theirs];
    this.#aim();
    if (theirs === 'inactive' || theirs === 'sendonly') this.#rtp.aim(undefined);
  }
}
