/** The ear of a sampled leg: keeps the last second, times pulses, says which tones it hears. */
import type { SoundDecoder } from '../src/audio/index.ts';
import { goertzel } from '../test/kit/measure.ts';
import type { PulseFinder } from './pulse.ts';
import { type CodecName, FRAMES, finderOf, formats, openEar, ownDelay, TONES } from './sounds.ts';

const decoded = new Int16Array(5760);

export class Ear {
  readonly #codec: CodecName;
  readonly #decoder: SoundDecoder;
  readonly #finder: PulseFinder;
  readonly #second: Int16Array;
  readonly #frame: number;
  /** The last two frames, and when they came. */
  readonly #pair: Int16Array;
  #before = 0;
  #at = 0;
  /** When a sound without any delay would have come; 0: none is awaited. */
  #awaited = 0;
  /** Pulses that never came. */
  missed = 0;

  constructor(codec: CodecName) {
    this.#codec = codec;
    this.#decoder = openEar(codec);
    this.#finder = finderOf(codec);
    this.#second = new Int16Array(formats[codec].earRate);
    this.#frame = formats[codec].earRate / FRAMES;
    this.#pair = new Int16Array(2 * this.#frame);
  }

  /** A talker with this codec has sent a pulse. Each codec's own delay is half in the talker and half in the ear, and none of the server's. */
  await(sentAt: number, talker: CodecName): void {
    if (this.#awaited > 0) this.missed += 1;
    this.#awaited = sentAt + (ownDelay[talker] + ownDelay[this.#codec]) / 2;
  }

  /** Hears one packet; gives the delay of a pulse when one was found, else undefined. */
  hear(bytes: Uint8Array, { at, length, when }: { at: number; length: number; when: number }): number | undefined {
    const count = this.#decoder.decode(bytes, at, length, decoded);
    if (count !== this.#frame) return undefined;
    const frame = decoded.subarray(0, count);
    this.#second.set(frame, this.#at);
    this.#at = (this.#at + count) % this.#second.length;
    this.#pair.copyWithin(0, count);
    this.#pair.set(frame, count);
    const before = this.#before;
    this.#before = when;
    if (this.#awaited === 0) return undefined;
    const onset = this.#finder.find(this.#pair);
    if (onset < 0) return undefined;
    const ms = (samples: number): number => (1000 * samples) / formats[this.#codec].earRate;
    const delay = (onset < count ? before + ms(onset) : when + ms(onset - count)) - this.#awaited;
    this.#awaited = 0;
    return delay;
  }

  /** The tones of the last second: those that are not far below the loudest. */
  hears(): number[] {
    const ordered = new Int16Array(this.#second.length);
    ordered.set(this.#second.subarray(this.#at));
    ordered.set(this.#second.subarray(0, this.#at), this.#second.length - this.#at);
    const strengths = TONES.map((hertz) => goertzel(ordered, formats[this.#codec].earRate, hertz));
    const least = Math.max(150, 0.2 * Math.max(...strengths));
    return TONES.filter((_, n) => strengths[n]! >= least);
  }

  close(): void {
    this.#decoder.close();
  }
}
