import { dtmfTones, type Rate, ToneSource } from '../../audio/index.ts';
import { FRAMES, specOf } from './codec.ts';
import { Ear } from './ear.ts';
import type { Effort } from './effort.ts';
import type { ThreadCodec } from './messages.ts';
import type { RtpSender } from './rtp-sender.ts';
import type { Destination } from './socket-port.ts';

const EVENTS = '0123456789*#ABCD';
const FRAME_MS = 1000 / FRAMES;
/** The last packet of an event is sent so many times (RFC 4733 §2.5.1.4). */
const ENDS = 3;
/** The longest duration that one packet can tell (RFC 4733 §2.5.1.3), in units of the timestamp. */
const SEGMENT = 0xffff;
/** Peak of each tone, -8 dBm0. */
const LOUD = 8870;
/** Keys that may wait; whoever presses more loses them. */
const MOST = 256;

/** What was agreed on with the far end that is pressed at. */
export interface KeyAgreement {
  readonly codec: ThreadCodec;
  /** Payload type of its events; null: it hears tones. */
  readonly event: number | null;
  /** Hz of their timestamps. */
  readonly clockRate: number;
}

/** A key that waits, or is being pressed; times in frames. */
interface Press {
  readonly key: string;
  readonly on: number;
  readonly off: number;
}

const framesOf = (ms: number): number => Math.ceil(ms / FRAME_MS);

/**
 * Presses keys at a far end, one after the other, in the place of what it would hear: as events (RFC 4733), or as tones (ITU-T Q.23) where it knows none.
 * Only keys are made of objects here; a leg at which nothing is pressed has none.
 */
export class KeySender {
  readonly #effort: Effort;
  #presses: Press[] = [];
  /** Frames of the first one that have passed. */
  #passed = 0;
  /** Where its event began. */
  #time = 0;
  /** What of its duration was told in former segments. */
  #told = 0;
  #tone: ToneSource | null = null;
  #ear: Ear | null = null;
  #frame = new Int16Array(0);
  #ticks = 0;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  /** A key is being pressed, so nothing else is to be sent. */
  get isBusy(): boolean {
    return this.#presses.length > 0;
  }

  add(keys: string, { ms, gapMs }: { readonly ms: number; readonly gapMs: number }): void {
    for (const key of keys) if (this.#presses.length < MOST) this.#presses.push({ key, on: framesOf(ms), off: framesOf(gapMs) });
  }

  /** The next 20 ms; null: nobody is reached, and time goes on all the same. */
  step(sender: RtpSender, agreed: KeyAgreement, to: Destination | null): void {
    const press = this.#presses[0]!;
    if (to === null) sender.skip(1);
    else if (agreed.event === null) this.#sound(sender, agreed.codec, to);
    else this.#tell(sender, agreed, to);
    this.#passed += 1;
    if (this.#passed < press.on + press.off) return;
    this.#presses.shift();
    this.#passed = 0;
    this.#tone = null;
    if (this.#presses.length > 0) return;
    this.#ear?.close();
    this.#ear = null;
    sender.mark();
  }

  /** Positional, as what calls it. */
  #tell(sender: RtpSender, { event, clockRate }: KeyAgreement, to: Destination): void {
    const { key, on } = this.#presses[0]!;
    if (this.#passed === 0) {
      this.#time = sender.timestamp;
      this.#told = 0;
      sender.skip(0);
    }
    if (this.#passed < on + ENDS - 1) {
      const whole = (Math.min(this.#passed + 1, on) * FRAME_MS * clockRate) / 1000;
      const packet = { payloadType: event!, event: EVENTS.indexOf(key), marker: this.#passed === 0, end: this.#passed >= on - 1 };
      for (; whole - this.#told > SEGMENT; this.#told += SEGMENT) {
        sender.event({ ...packet, end: false, time: this.#time + this.#told, duration: SEGMENT }, to);
      }
      sender.event({ ...packet, time: this.#time + this.#told, duration: whole - this.#told }, to);
    }
    sender.skip(1);
  }

  #sound(sender: RtpSender, codec: ThreadCodec, to: Destination): void {
    const { key, on } = this.#presses[0]!;
    const rate = specOf(codec).rate as Rate;
    this.#ear ??= new Ear(codec, { roomRate: rate, effort: this.#effort });
    if (this.#frame.length !== rate / FRAMES) this.#frame = new Int16Array(rate / FRAMES);
    this.#tone ??= new ToneSource({ rate, tones: dtmfTones(key)!.map((hertz) => ({ hertz, amplitude: LOUD })) });
    if (this.#passed < on) this.#tone.fill(this.#frame);
    else this.#frame.fill(0);
    this.#ramp(this.#passed === 0, this.#passed === on - 1);
    this.#ear.feed(this.#frame, this.#ticks++, null);
    sender.send(this.#ear, to);
  }

  /** A tone begins and ends within 2.5 ms. */
  #ramp(begins: boolean, ends: boolean): void {
    const { length } = this.#frame;
    const ramp = length >> 3;
    for (let n = 0; n < ramp; n++) {
      if (begins) this.#frame[n] = (this.#frame[n]! * (n + 1)) / ramp;
      if (ends) this.#frame[length - 1 - n] = (this.#frame[length - 1 - n]! * (n + 1)) / ramp;
    }
  }
}
