import { AnyRate } from '../audio/index.ts';
import type { SoundRate, StreamRate } from './options.ts';
import { type Packing, packed, type Unpacked } from './packing.ts';
import { FRAMES } from './rates.ts';

/** AudioSocket: a kind, a length in network order, and so many bytes. */
const HEADER = 3;
const HANG_UP = 0x00;
const ERROR = 0xff;
/** The kinds of sound, s16le in mono, by the samples in a second (Asterisk's page on AudioSocket; what is older than 2025 knows the first alone). */
const KINDS: Readonly<Record<SoundRate, number>> = {
  8000: 0x10,
  12000: 0x11,
  16000: 0x12,
  24000: 0x13,
  32000: 0x14,
  44100: 0x15,
  48000: 0x16,
  96000: 0x17,
  192000: 0x18,
};
const RATES: ReadonlyMap<number, number> = new Map(Object.entries(KINDS).map(([rate, kind]) => [kind, Number(rate)]));

/** The rate in which a stream takes part whose messages have this one: the nearest that loses nothing that a room can have. */
export const innerRate = (sound: SoundRate): StreamRate => (sound === 8000 || sound === 24_000 ? sound : sound <= 16_000 ? 16_000 : 48_000);

const samplesOf = (bytes: Uint8Array): Int16Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int16Array.from({ length: bytes.length >> 1 }, (_, n) => view.getInt16(2 * n, true));
};

/** AudioSocket's messages of sound at any of its rates. What comes may be of another rate than what goes: its kind says so. */
export class AudioSocketPacking implements Packing {
  readonly #rate: StreamRate;
  readonly #kind: number;
  /** Samples of a message. */
  readonly #size: number;
  readonly #out: AnyRate | undefined;
  /** What does not fill a message yet. */
  #rest = new Int16Array(0);
  /** Of what comes, by its rate; the last one is kept, because nobody changes it in the middle. */
  #in: AnyRate | undefined;

  constructor(rate: StreamRate, sound: SoundRate = rate) {
    this.#rate = rate;
    this.#kind = KINDS[sound];
    this.#size = sound / FRAMES;
    this.#out = sound === rate ? undefined : new AnyRate({ from: rate, to: sound });
  }

  /** As many messages of 20 ms as are full, one behind the other. */
  pack(samples: Int16Array): Uint8Array {
    if (this.#out === undefined) return this.#message(samples);
    const fresh = this.#out.process(samples);
    const all = new Int16Array(this.#rest.length + fresh.length);
    all.set(this.#rest);
    all.set(fresh, this.#rest.length);
    const count = Math.floor(all.length / this.#size);
    this.#rest = all.slice(count * this.#size);
    return Buffer.concat(Array.from({ length: count }, (_, n) => this.#message(all.subarray(n * this.#size, (n + 1) * this.#size))));
  }

  /** Several messages may come in one frame; from one that says it is longer than the frame on, nothing is understood. */
  readonly unpack = (frame: Uint8Array): Unpacked => {
    const sound: Uint8Array[] = [];
    for (let at = 0; at + HEADER <= frame.length; ) {
      const kind = frame[at]!;
      const from = at + HEADER;
      const to = from + ((frame[at + 1]! << 8) | frame[at + 2]!);
      if (kind === HANG_UP || kind === ERROR) return { sound, hangsUp: true };
      if (to > frame.length) break;
      const rate = RATES.get(kind);
      if (rate !== undefined) sound.push(this.#brought(frame.subarray(from, to), rate));
      at = to;
    }
    return { sound, hangsUp: false };
  };

  #brought(bytes: Uint8Array, rate: number): Uint8Array {
    if (rate === this.#rate) return bytes;
    if (this.#in?.from !== rate) this.#in = new AnyRate({ from: rate, to: this.#rate });
    return packed(this.#in.process(samplesOf(bytes)), 0).bytes;
  }

  #message(samples: Int16Array): Uint8Array {
    const { bytes, view } = packed(samples, HEADER);
    view.setUint8(0, this.#kind);
    view.setUint16(1, bytes.length - HEADER);
    return bytes;
  }
}
