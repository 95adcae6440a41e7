import { DigitReceiver, ReceiveStatistics, type RtpView } from '../../rtp/index.ts';
import { opusPtime, signatureOf, specOf } from './codec.ts';
import type { Ear } from './ear.ts';
import type { Effort } from './effort.ts';
import { Ice } from './ice.ts';
import { mightSendTones } from './key-ear.ts';
import { KeySender } from './key-sender.ts';
import { LegSecurity } from './leg-security.ts';
import { LevelReport } from './level-report.ts';
import { LossDiary } from './loss-diary.ts';
import type { LegCounts, LegState, Signal, ThreadChange, ThreadCodec, ThreadDirection, ThreadLeg, ThreadSettings } from './messages.ts';
import { RtpSender } from './rtp-sender.ts';
import { SilenceDiary } from './silence-diary.ts';
import type { Destination, SocketPort } from './socket-port.ts';
import { Voice } from './voice.ts';

/** A source may move only when the old one has been silent for so long, ms. */
export const SILENT_BEFORE_MOVE = 200;
/** Takes between two looks at whether the far end has fallen silent. */
const LOOK_EVERY = 16;

/** The ports that a leg sends from. */
export interface LegPorts {
  readonly rtp: SocketPort;
  readonly rtcp: SocketPort;
}

/** One far end: what comes from it and what goes to it. Knows no other leg. */
export class Leg {
  readonly id: string;
  /** The name of its room; see `media-thread.ts`. */
  room: string;
  readonly pair: LegPorts;
  readonly cname: string;
  /** What goes to it. */
  readonly sender: RtpSender;
  /** The ear of all who hear the plain sum in this codec; the room sees to it. */
  shared: Ear | null = null;
  /** The ear of many that it hears by, or did until it was apart, or will. */
  ear: Ear | null = null;
  /** Its own ear, if it ever heard otherwise than the rest. */
  own: Ear | null = null;
  /** It hears by its own ear now, and for how many ticks that was not needed any more. */
  isApart = false;
  alike = 0;
  /** What is to be sent in this tick; null: nothing. */
  due: Ear | null = null;
  /** What its ears must be able to do; '' before a codec was agreed on. */
  signature = '';
  codec: ThreadCodec | null = null;
  telephoneEvent: number | null = null;
  #eventClock = 8000;
  #comfortNoise: number | null = null;
  #audioLevelId: number | null = null;
  /** Null: in the clear. */
  security: LegSecurity | null = null;
  /** Its far end is a browser; null: a telephone. */
  ice: Ice | null;
  /** It is offered to both, and may become a browser's; see `either.ts`. */
  readonly perhaps: Ice | null;
  readonly diary: SilenceDiary;
  readonly #losses = new LossDiary();
  direction: ThreadDirection = 'sendrecv';
  /** Where packets go: what signalling said, or where the far end really is. */
  destination: Destination | null = null;
  rtcp: Destination | null = null;
  remote: ThreadChange['remote'] | null = null;
  /** Address of the expected far end before anything is known for certain. */
  expected: Destination | null = null;
  /** Key of the source that is listened to; 0: none yet. */
  source = 0;
  /** `source` was learnt from a packet and is kept. */
  confirmed = false;
  /** `source` is what signalling named, so no other claim is better. */
  named = false;
  statistics: ReceiveStatistics | null = null;
  remoteSsrc = -1;
  packetsIn = 0;
  /** What senders of other SSRCs sent and lost before. */
  #dueBefore = 0;
  #lostBefore = 0;
  /** The far end sends extended reports (RFC 3611), so it is sent some. */
  extended = false;
  /** Estimated when it reported last; 0: not yet. */
  mos = 0;
  reportAt = 0;
  roundTrip: number | null = null;
  heardAt: number;
  /** When its last packet came, and when it was heard last above the noise, whoever may hear it; -1: never. */
  packetAt = -1;
  soundAt = -1;
  /** When its last report came. */
  reportedAt: number;
  readonly voice: Voice;
  #digits: DigitReceiver | null = null;
  #pressing: KeySender | null = null;
  readonly #mediaTimeout: number;
  readonly #quietAfter: number;
  #lostTold = false;
  /** How often it was told that nothing comes, since something came. */
  #quietTold = 0;
  /** One tick without its sound. */
  #pauses = false;
  #looks = 0;
  readonly #level: LevelReport;
  /** Others think that he talks. Kept here, so that a silent leg touches no report. */
  #isToldTalking = false;

  constructor(request: ThreadLeg, pair: LegPorts, { now, settings }: { now: number; settings: ThreadSettings }) {
    this.id = request.leg;
    this.room = request.room;
    this.pair = pair;
    this.sender = new RtpSender(pair.rtp, request);
    this.cname = request.cname;
    this.#level = new LevelReport(request.leg);
    this.heardAt = now;
    this.reportedAt = now;
    this.voice = new Voice({ energyLevel: settings.energyLevel });
    const own = request.webrtc ?? request.state?.ice?.own;
    const ice = own === undefined ? null : new Ice(own, now);
    this.perhaps = request.either === true ? ice : null;
    this.ice = request.either === true ? null : ice;
    // Whose a source is, ICE says; it is never guessed.
    this.confirmed = this.ice !== null;
    if (request.state !== undefined) this.#resume(request.state);
    this.diary = new SilenceDiary(now, settings);
    this.#mediaTimeout = settings.mediaTimeoutMs;
    this.#quietAfter = settings.quietAfterMs ?? Infinity;
  }

  /** What it takes along to another thread. */
  state({ now, epoch }: { readonly now: number; readonly epoch: number }): LegState {
    const { id: leg, pair, cname, sender, security, destination, ice } = this;
    const { address, port } = pair.rtp;
    const { ssrc, sequence, timestamp } = sender;
    return {
      ...{ leg, address, port, cname, ssrc, sequence, timestamp, at: epoch },
      agreed: this.#agreed(),
      srtp: security === null ? null : { sender: security.sender.state(), receiver: security.receiver.state() },
      ice: ice?.state(now) ?? null,
      source:
        ice === null && this.confirmed && destination !== null
          ? { address: destination.address, port: destination.port, named: this.named }
          : null,
      digits: this.#digits?.state() ?? null,
      end: (this.isApart ? this.own : this.ear)?.end ?? 0,
      counts: this.#counts(),
    };
  }

  #agreed(): ThreadChange {
    const { remote, codec, telephoneEvent, direction, security } = this;
    return {
      ...(remote === null || remote === undefined ? {} : { remote }),
      ...(codec === null ? {} : { codec }),
      telephoneEvent,
      telephoneEventClock: this.#eventClock,
      comfortNoise: this.#comfortNoise,
      audioLevelId: this.#audioLevelId,
      crypto: security?.crypto ?? null,
      direction,
    };
  }

  #counts(): LegCounts {
    const { packetsIn, sender, packetsDue: due, lost, voice, roundTrip, extended } = this;
    const { late, concealed, recovered } = voice;
    return { packetsIn, packetsOut: sender.packets, octetsOut: sender.octets, due, lost, late, concealed, recovered, roundTrip, extended };
  }

  /** Goes on as the leg that it was in another thread. */
  #resume({ agreed, srtp, counts, digits }: LegState): void {
    const { crypto = null } = agreed;
    this.packetsIn = counts.packetsIn;
    this.#dueBefore = counts.due;
    this.#lostBefore = counts.lost;
    this.roundTrip = counts.roundTrip;
    this.extended = counts.extended;
    this.voice.resume(counts);
    if (digits !== null) this.#digits = new DigitReceiver({ state: digits, clockRate: agreed.telephoneEventClock ?? 8000 });
    // Equal keys go on with their counters, so what is agreed on again changes nothing here.
    this.security = crypto === null ? null : new LegSecurity(crypto, null, srtp);
  }

  /** What readers of taps know it by. */
  get name(): string {
    return `leg ${this.id}`;
  }

  /** Packets that the far end has sent, as its numbers say, and of these the ones that never came (RFC 3550 A.3). */
  get packetsDue(): number {
    return this.#dueBefore + (this.statistics?.expected ?? 0);
  }

  get lost(): number {
    return this.#lostBefore + (this.statistics?.lost ?? 0);
  }

  get maySend(): boolean {
    return this.direction === 'sendrecv' || this.direction === 'sendonly';
  }

  /** Something is sent to it. Who wants nothing, on hold say, or is nowhere yet, is not encoded for. */
  get isReached(): boolean {
    return this.destination !== null && this.maySend;
  }

  get mayHear(): boolean {
    return this.direction === 'sendrecv' || this.direction === 'recvonly';
  }

  /** What signalling agreed on, but for the remote, which is the port's affair too. */
  agree(change: ThreadChange, now: number): void {
    const { codec, telephoneEvent, comfortNoise, audioLevelId, crypto, direction } = change;
    if (codec !== undefined) {
      this.#speak(codec);
      this.diary.begin(now);
    }
    if (codec !== undefined || telephoneEvent !== undefined) this.#agreeOnKeys(change);
    if (comfortNoise !== undefined) this.#comfortNoise = comfortNoise;
    if (audioLevelId !== undefined) this.#audioLevelId = audioLevelId;
    if (crypto !== undefined) {
      this.security = crypto === null ? null : new LegSecurity(crypto, this.security);
      this.sender.security = this.security?.sender ?? null;
    }
    if (direction !== undefined && direction !== this.direction) {
      this.direction = direction;
      this.heardAt = now;
      this.diary.begin(now);
      this.sender.mark();
      if (!this.mayHear) this.voice.forget();
    }
  }

  #agreeOnKeys({ telephoneEvent = this.telephoneEvent, telephoneEventClock = this.#eventClock }: ThreadChange): void {
    this.telephoneEvent = telephoneEvent;
    this.#eventClock = telephoneEventClock;
    this.#listen();
  }

  /** Whether the packet is of a kind that this leg agreed to. */
  expects(payloadType: number): boolean {
    if (this.codec === null) return false;
    return payloadType === this.codec.payloadType || payloadType === this.telephoneEvent || payloadType === this.#comfortNoise;
  }

  /** A browser is there, or nowhere (null). Without keys nothing is sent to it. */
  reach(to: Destination | null): void {
    this.destination = this.security === null ? null : to;
    this.rtcp = this.destination;
    this.sender.mark();
  }

  /** One packet from the leg's own source. Positional, because it runs for every packet. */
  hear(view: RtpView, bytes: Uint8Array, at: number, signals: Signal[]): void {
    this.packetsIn += 1;
    this.heardAt = at;
    this.packetAt = at;
    if (this.sender.log !== null) this.sender.log.came(view, view.payloadLength, at);
    this.#lostTold = false;
    if (view.ssrc !== this.remoteSsrc) this.#meet(view.ssrc);
    this.statistics?.received(view.sequence, view.timestamp, at);
    if (view.payloadType === this.telephoneEvent) {
      if (this.#digits === null) this.#meetKeys();
      this.#tell(this.#digits!, this.#digits!.push(view.timestamp, bytes, view.payloadAt, view.payloadLength), signals);
      this.voice.press(at);
    } else if (this.mayHear && view.payloadType === this.codec?.payloadType) {
      const level = this.#audioLevelId === null ? -1 : view.audioLevel(bytes, this.#audioLevelId);
      this.voice.hear(view, bytes, at, level);
      this.diary.heard();
    } else if (this.mayHear && view.payloadType === this.#comfortNoise) {
      this.voice.rest(bytes, view.payloadAt, view.payloadLength);
      this.diary.heard();
    }
  }

  /** Takes this tick's 20 ms; true when somebody talks in it, and then it is in `voice.frame`. */
  take(now: number, signals: Signal[]): boolean {
    if (this.#pauses) {
      this.#pauses = false;
      return false;
    }
    const talking = this.mayHear ? this.voice.take(now) : this.voice.skip();
    if (this.#digits !== null) this.#tell(this.#digits, this.#digits.due(now), signals);
    const { keys } = this.voice;
    if (keys !== null && keys.key !== undefined) this.#tellKey(keys.key, keys.ms, signals);
    if (talking) this.soundAt = now;
    if (this.sender.log !== null) this.sender.log.now = now;
    if (talking || this.#isToldTalking) this.#isToldTalking = this.#level.tell(this.voice.detector, now, signals);
    this.#looks += 1;
    if (this.#looks % LOOK_EVERY === 0) this.#missed(now, signals);
    return talking;
  }

  /** Its next room is served at another quarter, which comes before this one comes again: what has yet to arrive is not asked for. */
  pause(): void {
    this.#pauses = true;
  }

  /** Sends what is due; where nothing is, time goes on. */
  send(): void {
    const { due, codec, destination } = this;
    if (codec === null) return;
    this.due = null;
    if (this.#pressing?.isBusy === true) this.#press(this.#pressing, codec);
    else if (due === null || destination === null || !this.maySend) this.sender.skip(1);
    else this.sender.send(due, destination);
  }

  /** Presses keys at the far end, once what is pressed already is done. */
  press({ keys, ...times }: { readonly keys: string; readonly ms: number; readonly gapMs: number }, effort: Effort): void {
    this.#pressing ??= new KeySender(effort);
    this.#pressing.add(keys, times);
  }

  #press(keys: KeySender, codec: ThreadCodec): void {
    const agreed = { codec, event: this.telephoneEvent, clockRate: this.#eventClock };
    keys.step(this.sender, agreed, this.maySend ? this.destination : null);
  }

  /** So many frames were never made: time goes on without them, and sound begins anew. */
  skip(frames: number): void {
    this.sender.mark();
    this.sender.skip(frames);
  }

  /** Touches what is needed next; see `warm` in media-thread.ts. */
  warm(): number {
    return this.packetsIn + this.sender.sequence + (this.statistics === null ? 0 : this.statistics.packets);
  }

  /** Lets go of what codecs hold. */
  close(): void {
    this.voice.close();
    this.#leaveOwn();
  }

  #speak(codec: ThreadCodec): void {
    const signature = signatureOf(codec);
    if (this.codec?.name !== codec.name || specOf(this.codec).rate !== specOf(codec).rate) this.voice.speak(codec);
    if (signature !== this.signature) this.#leaveOwn();
    this.signature = signature;
    this.codec = codec;
    this.sender.agree(codec, codec.name === 'opus' ? opusPtime(codec.ptime) : codec.ptime);
  }

  #leaveOwn(): void {
    this.own?.close();
    this.own = null;
    this.ear = null;
    this.isApart = false;
  }

  #meet(ssrc: number): void {
    this.#dueBefore = this.packetsDue;
    this.#lostBefore = this.lost;
    this.remoteSsrc = ssrc;
    this.statistics = new ReceiveStatistics(this.codec === null ? 8000 : specOf(this.codec).clockRate);
    this.voice.forget();
  }

  #tell({ ms }: DigitReceiver, digit: string | undefined, signals: Signal[]): void {
    if (digit !== undefined) signals.push({ type: 'digit', leg: this.id, digit, ms, way: 'event' });
  }

  #tellKey(digit: string, ms: number, signals: Signal[]): void {
    signals.push({ type: 'digit', leg: this.id, digit, ms, way: 'tone' });
  }

  /** Its first event: from now on that is how it tells its keys, and their tones mean nothing. */
  #meetKeys(): void {
    this.#digits = new DigitReceiver({ clockRate: this.#eventClock });
    this.#listen();
  }

  #listen(): void {
    const knows = this.codec === null || this.#digits !== null || this.ice !== null;
    this.voice.listen(knows ? 'no' : mightSendTones(this.codec, this.telephoneEvent));
  }

  #missed(now: number, signals: Signal[]): void {
    this.#losses.look(this.id, now, this, signals);
    // A browser may be silent, and is found and has its keys first; whether it is there says its consent, see browsers.ts.
    if (this.ice !== null && this.security === null) return;
    if (this.codec !== null && this.mayHear) this.diary.look(this.id, now, signals);
    if (this.ice !== null || !this.mayHear || this.codec === null) return;
    this.#quiet(now - Math.max(this.heardAt, this.reportedAt), signals);
    const silentMs = now - this.heardAt;
    if (silentMs < this.#mediaTimeout || this.#lostTold) return;
    this.#lostTold = true;
    signals.push({ type: 'media-lost', leg: this.id, silentMs: Math.round(silentMs) });
  }

  #quiet(silentMs: number, signals: Signal[]): void {
    const times = Math.floor(silentMs / this.#quietAfter);
    if (times > this.#quietTold) signals.push({ type: 'media-quiet', leg: this.id, silentMs: Math.round(silentMs) });
    this.#quietTold = times;
  }
}
