import { type CodecSpec, isStateful, openDecoder, openEncoder, type Rate, Resampler, type SoundEncoder } from '../../audio/index.ts';
import { FRAMES, MOST_SAMPLES, opusPtime, specOf } from './codec.ts';
import type { Effort } from './effort.ts';
import type { ThreadCodec } from './messages.ts';

/** What a room without a voice sounds like. */
export const silence = new Int16Array(MOST_SAMPLES);
/** After so much silence an encoder with a memory has forgotten what was before it: its packets repeat themselves, ticks. */
const STILL = 50;
/** The largest packet of Opus that is sent, bytes; the others are shorter. */
const LARGEST = 1276;
const resampled = new Int16Array(MOST_SAMPLES);
const faded = new Int16Array(MOST_SAMPLES);

/** The way from the room's samples to an ear until the room's rate changed; it is used once more. */
interface FormerWay {
  readonly resampler: Resampler | null;
  readonly samples: number;
  /** What came this way last. */
  readonly last: Int16Array;
}

/**
 * What one or many listeners hear, encoded: the way from the room's samples to payloads. Most listeners of a room share one; who talks, or hears
 * otherwise than the rest, has one of his own as long as that lasts.
 */
export class Ear {
  /** What this tick's packets carry, one behind the other. */
  readonly bytes: Uint8Array;
  /** Packets that became full in this tick, when the codec knows packets (Opus); else the bytes of the tick. */
  packets = 0;
  /** Bytes of each packet, or of the tick; 0 in a packet's place: silence that is not sent (DTX). */
  readonly lengths = new Int32Array(2);
  /** The codec makes packets of its own (Opus). */
  readonly isPacketed: boolean;
  /** The tick in which this was fed last. */
  fedAt = -1;
  /** Ticks of equal sound until a listener may come from another ear to this one unheard. */
  readonly settles: number;
  readonly #effort: Effort;
  readonly #encoder: SoundEncoder;
  readonly #codec: ThreadCodec;
  readonly #spec: CodecSpec;
  readonly #resampler: Resampler | null;
  readonly #roomRate: Rate;
  readonly #roomSamples: number;
  readonly #count: number;
  /** What was fed last, for resamplers that must go on from it. */
  readonly #last: Int16Array;
  /** Samples that wait for a longer packet of Opus, and how long it is. */
  readonly #waiting: Int16Array;
  readonly #whole: number;
  #waits = 0;
  #stillFor = 0;
  #former: FormerWay | null = null;
  /** The last sample that was encoded; and what comes next follows something else, so it must begin there. */
  #end = 0;
  #joins = false;

  constructor(codec: ThreadCodec, { roomRate, effort, encoder }: { roomRate: Rate; effort: Effort; encoder?: SoundEncoder }) {
    const spec = specOf(codec);
    this.#codec = codec;
    this.#effort = effort;
    this.#spec = spec;
    this.#encoder = encoder ?? openEncoder(spec);
    this.#count = spec.rate / FRAMES;
    this.#roomSamples = roomRate / FRAMES;
    this.#resampler = spec.rate === roomRate ? null : new Resampler({ from: roomRate, to: spec.rate as Rate });
    this.#roomRate = roomRate;
    this.#last = new Int16Array(this.#resampler === null ? 0 : this.#roomSamples);
    const isOpus = spec.name === 'opus';
    this.#whole = isOpus ? (spec.rate / 1000) * opusPtime(codec.ptime) : this.#count;
    this.#waiting = new Int16Array(this.#whole > this.#count ? this.#whole : 0);
    this.isPacketed = isOpus;
    this.bytes = new Uint8Array(isOpus ? 2 * LARGEST : spec.name === 'L16' ? 2 * this.#count : spec.clockRate / FRAMES);
    this.settles = isStateful(spec.name) ? 10 : this.#resampler === null ? 0 : 1;
  }

  /** Encodes 20 ms of the room. `before`: the same at the rate that the room had until now. */
  feed(samples: Int16Array, tick: number, before: Int16Array | null): void {
    this.fedAt = tick;
    this.#stillFor = samples === silence ? this.#stillFor + 1 : 0;
    if (this.#stillFor > STILL && this.#isSteady && this.#former === null && !this.#joins) return;
    if (this.isPacketed) this.#encoder.strive(this.#effort.complexity);
    let own = samples;
    if (this.#resampler !== null) {
      for (let index = 0; index < this.#roomSamples; index++) this.#last[index] = samples[index]!;
      this.#resampler.process(samples, this.#roomSamples, resampled);
      own = resampled;
    }
    if (this.#former !== null) own = this.#fade(own, before);
    if (this.#joins) own = this.#meet(own);
    this.#end = own[this.#count - 1]!;
    this.#encode(own);
  }

  /** What comes next is of another room. `end`: the last sample that was sent before. */
  join(end = this.#end): void {
    this.#joins = true;
    this.#end = end;
  }

  /** The last sample that was encoded. */
  get end(): number {
    return this.#end;
  }

  get isJoining(): boolean {
    return this.#joins;
  }

  /** Silence can be sent by repeating the last packet: it is a whole one, and the listener did not ask for DTX. */
  get #isSteady(): boolean {
    return this.#whole <= this.#count && this.#spec.dtx !== true && this.lengths[0]! > 0 && isStateful(this.#spec.name);
  }

  /** Goes on where another ear of the same codec is. */
  follow(other: Ear): void {
    this.#encoder.follow(other.#encoder);
    this.#resampler?.prime(other.#last, other.#last.length);
    this.#waiting.set(other.#waiting);
    this.#waits = other.#waits;
    this.#former = other.#former === null ? null : alike(other.#former);
    this.#end = other.#end;
    this.#joins = other.#joins;
  }

  /** The same stream for a room of another rate; this one must not be used any more. */
  at(roomRate: Rate): Ear {
    if (roomRate === this.#roomRate) return this;
    const moved = new Ear(this.#codec, { roomRate, effort: this.#effort, encoder: this.#encoder });
    if (moved.#resampler !== null) {
      new Resampler({ from: this.#roomRate, to: roomRate }).process(this.#before(), this.#roomSamples, moved.#last);
      moved.#resampler.prime(moved.#last, moved.#roomSamples);
    }
    moved.#waiting.set(this.#waiting);
    moved.#waits = this.#waits;
    moved.fedAt = this.fedAt;
    moved.#end = this.#end;
    moved.#joins = this.#joins;
    moved.#former = this.#former ?? { resampler: this.#resampler, samples: this.#roomSamples, last: this.#last };
    return moved;
  }

  /** Where the bytes of a packet begin. */
  begin(packet: number): number {
    return packet * LARGEST;
  }

  close(): void {
    this.#encoder.close();
  }

  /** Filters are not equally slow: from the old way to the new one within this frame, lest it be heard as a click. */
  #fade(own: Int16Array, before: Int16Array | null): Int16Array {
    const former = this.#former;
    this.#former = null;
    if (former === null || before?.length !== former.samples) return own;
    if (former.resampler === null) faded.set(before);
    else former.resampler.process(before, former.samples, faded);
    const count = this.#count;
    for (let index = 0; index < count; index++) faded[index] = faded[index]! + ((own[index]! - faded[index]!) * (index + 1)) / count;
    return faded;
  }

  /** From where the old sound ended to the new one within some ms, for a step would be heard as a click. */
  #meet(own: Int16Array): Int16Array {
    this.#joins = false;
    const count = this.#count >> 2;
    const step = this.#end - own[0]!;
    if (own !== faded) faded.set(own);
    for (let index = 0; index < count; index++) {
      const moved = faded[index]! + (step * (count - index)) / count;
      faded[index] = moved > 32_767 ? 32_767 : moved < -32_768 ? -32_768 : moved;
    }
    return faded;
  }

  /** The last 20 ms at the room's rate: as they came, else as what was sent says. */
  #before(): Int16Array {
    if (this.#resampler !== null) return this.#last;
    const before = new Int16Array(this.#roomSamples);
    if (!isStateful(this.#spec.name)) openDecoder(this.#spec).decode(this.bytes, 0, this.lengths[0]!, before);
    return before;
  }

  #encode(own: Int16Array): void {
    this.packets = 0;
    if (this.#spec.name !== 'opus') this.lengths[0] = this.#encoder.encode(own, this.#count, this.bytes, 0);
    else if (this.#whole > this.#count) this.#gather(own);
    else for (let at = 0; at < this.#count; at += this.#whole) this.#pack(at === 0 ? own : own.subarray(at), at === 0 ? 0 : LARGEST);
  }

  #gather(own: Int16Array): void {
    for (let index = 0; index < this.#count; index++) this.#waiting[this.#waits + index] = own[index]!;
    this.#waits += this.#count;
    if (this.#waits < this.#whole) return;
    this.#waits = 0;
    this.#pack(this.#waiting, 0);
  }

  #pack(samples: Int16Array, at: number): void {
    this.lengths[this.packets] = this.#encoder.encode(samples, this.#whole, this.bytes, at);
    this.packets += 1;
  }
}

/** Another one in the same state. */
function alike({ resampler, samples, last }: FormerWay): FormerWay {
  const copy = resampler === null ? null : new Resampler(resampler);
  copy?.prime(last, samples);
  return { resampler: copy, samples, last };
}
