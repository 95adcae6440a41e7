import { RingReader, RingWriter } from './shared-ring.ts';

/** Kinds of what a tap's ring carries. */
export const BEGAN = 1;
export const CAME = 2;
export const LEFT = 3;
export const SOUND = 4;
export const SILENT = 5;
export const TICK = 6;

/** Flags of sound. */
export const TALKING = 1;
export const CONCEALED = 2;

/** The source of the mix. */
export const MIX = -1;

/** What a room tells a tap. A record that does not fit is lost; whatever must not be, is told again by who tells it. */
export class TapWriter {
  readonly #ring: RingWriter;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new RingWriter(memory);
  }

  /** `epoch`: ms since 1970 of this tick. */
  began(index: number, epoch: number): boolean {
    const at = this.#ring.reserve(8);
    if (at < 0) return false;
    this.#ring.doubles[at / 8] = epoch;
    this.#ring.commit(BEGAN, 8, MIX, 0, 0, index);
    return true;
  }

  /** `name`: of the source with this number, in UTF-8. */
  came(index: number, source: number, name: Uint8Array): boolean {
    const at = this.#ring.reserve(name.length);
    if (at < 0) return false;
    this.#ring.bytes.set(name, at);
    this.#ring.commit(CAME, name.length, source, 0, 0, index);
    return true;
  }

  /** LEFT, SILENT and TICK: what carries nothing. */
  tell(kind: number, index: number, source: number): boolean {
    if (this.#ring.reserve(0) < 0) return false;
    this.#ring.commit(kind, 0, source, 0, 0, index);
    return true;
  }

  /** 20 ms that go from one gain to another. Positional, because it runs for every frame. */
  sound(index: number, source: number, frame: Int16Array, before: number, now: number, flags: number): boolean {
    const count = frame.length;
    const place = this.#ring.reserve(2 * count) / 2;
    if (place < 0) {
      this.#ring.lose();
      return false;
    }
    const { samples } = this.#ring;
    if (before === 1 && now === 1) samples.set(frame, place);
    else {
      // As in the room's sum, bit by bit.
      const slope = (now - before) / count;
      for (let i = 0; i < count; i++) samples[place + i] = clip(Math.trunc(frame[i]! * (before + slope * (i + 1))));
    }
    this.#ring.commit(SOUND, 2 * count, source, count * 50, flags, index);
    return true;
  }

  /** A frame of a source whose name did not fit yet. */
  lose(): void {
    this.#ring.lose();
  }

  publish(): void {
    this.#ring.publish();
  }
}

const clip = (sample: number): number => (sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample);

/** A ring of a room's tap as its reader sees it; knows nothing of what a name means. */
export class TapRing {
  readonly #ring: RingReader;
  readonly #names = new Map<number, string>();
  readonly #decoder = new TextDecoder();
  #name: string | null = null;

  constructor(memory: SharedArrayBuffer) {
    this.#ring = new RingReader(memory);
  }

  get lost(): number {
    return this.#ring.lost;
  }

  get kind(): number {
    return this.#ring.kind;
  }

  get flags(): number {
    return this.#ring.flags;
  }

  get index(): number {
    return this.#ring.index;
  }

  get rate(): number {
    return this.#ring.rate;
  }

  get gap(): number {
    return this.#ring.gap;
  }

  /** The source of what `next` found; null: the mix. */
  get name(): string | null {
    return this.#name;
  }

  /** Nothing more will be written than what is there already. */
  get isEnded(): boolean {
    return this.#ring.isEnded;
  }

  next(): boolean {
    const ring = this.#ring;
    if (!ring.next()) return false;
    const { kind, about } = ring;
    if (kind === CAME) this.#names.set(about, this.#decoder.decode(ring.bytes.slice(ring.at, ring.at + ring.length)));
    this.#name = about === MIX ? null : (this.#names.get(about) ?? null);
    if (kind === LEFT) this.#names.delete(about);
    return true;
  }

  /** The sound that `next` found, where it lies: it is another's after the next `next`. */
  sound(): Int16Array {
    const place = this.#ring.at / 2;
    return this.#ring.samples.subarray(place, place + this.#ring.length / 2);
  }

  /** When the tick that `next` found as BEGAN was, ms since 1970. */
  epoch(): number {
    return this.#ring.doubles[this.#ring.at / 8]!;
  }

  close(): void {
    this.#ring.close();
  }
}
