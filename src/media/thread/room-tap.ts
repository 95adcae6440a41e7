import type { ThreadTapWhat } from './messages.ts';
import { CONCEALED, LEFT, MIX, SILENT, TALKING, TapWriter, TICK } from './tap-ring.ts';

/** Who can be heard in a room: a leg, or a speaker without a socket. */
export interface Speaker {
  readonly id: string;
  /** What readers know it by. */
  readonly name: string;
  /** The name of a stream as a leg. */
  readonly leg?: string | null;
  readonly voice: {
    readonly frame: Int16Array;
    readonly former: Int16Array | null;
    readonly concealed: number;
    readonly detector: { readonly talking: boolean };
    settle(): void;
  };
}

/** One source of a tap, and what its reader knows of it. */
interface Stem {
  readonly number: number;
  readonly name: Uint8Array;
  readonly speaker: Speaker;
  slot: number;
  /** Gain into the room's sum at the end of the last tick, and at the end of this one. */
  before: number;
  now: number;
  concealed: number;
  isNew: boolean;
  isTold: boolean;
  isToldSilent: boolean;
}

/**
 * Somebody listens to a room without being in it. In each tick what is wanted is copied into a ring of shared memory; what does not fit is lost, and
 * the tick never waits. Who is there is told in the same ring, so that whoever has its memory needs nothing else.
 */
export class RoomTap {
  readonly id: number;
  /** What most hear. */
  readonly wantsMix: boolean;
  /** The leg whose ears it has; null: nobody's. */
  readonly ear: string | null;
  /** What `ear` says is among what it hears. */
  readonly isBothWays: boolean;
  /** Its place among the listeners of the room's mix, when it wants one sum of what `ear` hears; -1: it hears nothing. */
  listener = -1;
  /** One sound, and not one of each. */
  readonly isOne: boolean;
  /** Only this leg's. */
  readonly #leg: string | null;
  readonly #writer: TapWriter;
  /** Epoch of the clock that ticks go by, ms since 1970. */
  readonly #zero: number;
  readonly #encoder = new TextEncoder();
  #speakers: readonly Speaker[] = [];
  #stems: Stem[] = [];
  /** Numbers of those who have gone, until that is told. */
  readonly #gone: number[] = [];
  #numbers = 0;
  #rate = 0;
  #hasBegun = false;
  #isMixSilent = false;
  /** Something of this tick was lost. */
  #isTorn = false;

  constructor({ id, what, memory, zero }: { id: number; what: ThreadTapWhat; memory: SharedArrayBuffer; zero: number }) {
    this.id = id;
    this.wantsMix = what === 'mix';
    this.isBothWays = typeof what === 'object' && 'call' in what;
    this.ear = typeof what !== 'object' ? null : 'stream' in what ? what.stream : 'call' in what ? what.call : null;
    this.isOne = this.wantsMix || (typeof what === 'object' && 'stream' in what && !what.apart);
    this.#leg = typeof what === 'object' && 'leg' in what ? what.leg : null;
    this.#writer = new TapWriter(memory);
    this.#zero = zero;
  }

  /** Who is in the room, in the order of their slots, and how loud each is for this tap; whenever legs, plan or rate change. */
  meet(speakers: readonly Speaker[], gains: readonly { readonly slot: number; readonly gain: number }[], rate: number): void {
    this.#speakers = speakers;
    const hasNewRate = rate !== this.#rate;
    this.#rate = rate;
    if (this.isOne) return;
    const known = new Map(this.#stems.map((stem) => [stem.speaker, stem]));
    const gainOf = new Map(gains.map(({ slot, gain }) => [slot, gain]));
    this.#stems = speakers.flatMap((speaker, slot) => {
      if (this.#leg !== null && this.#leg !== speaker.id) return [];
      if (this.ear !== null && this.ear === speaker.leg) return [];
      const stem = known.get(speaker) ?? this.#stemOf(speaker);
      known.delete(speaker);
      stem.slot = slot;
      stem.now = gainOf.get(slot) ?? 0;
      // As in the mixer: gains glide, but who is new there has his from the beginning.
      if (stem.isNew || hasNewRate) stem.before = stem.now;
      return [stem];
    });
    for (const { number, isTold } of known.values()) if (isTold) this.#gone.push(number);
  }

  /** One tick of the room: `active` by slot, `mix` is what most hear; null: nothing. Positional, because it runs for every frame. */
  offer(index: number, now: number, active: Uint8Array, mix: Int16Array | null): void {
    const writer = this.#writer;
    this.#isTorn = false;
    if (!this.#hasBegun) this.#hasBegun = writer.began(index, this.#zero + now);
    while (this.#gone.length > 0 && writer.tell(LEFT, index, this.#gone[this.#gone.length - 1]!)) this.#gone.pop();
    if (this.isOne) this.#offerMix(index, active, mix);
    else for (let i = 0; i < this.#stems.length; i++) this.#offerStem(this.#stems[i]!, index, active);
    if (!this.#isTorn) writer.tell(TICK, index, MIX);
    writer.publish();
  }

  #offerMix(index: number, active: Uint8Array, mix: Int16Array | null): void {
    if (mix === null) {
      if (!this.#isMixSilent) this.#isMixSilent = this.#writer.tell(SILENT, index, MIX);
      return;
    }
    let flags = 0;
    for (let slot = 0; slot < this.#speakers.length; slot++) {
      const speaker = this.#speakers[slot]!;
      if (active[slot] === 1 && speaker.voice.detector.talking && (this.ear === null || speaker.leg !== this.ear)) flags = TALKING;
    }
    if (this.#writer.sound(index, MIX, mix, 1, 1, flags)) this.#isMixSilent = false;
    else this.#isTorn = true;
  }

  #offerStem(stem: Stem, index: number, active: Uint8Array): void {
    const writer = this.#writer;
    const { voice } = stem.speaker;
    const isHeard = active[stem.slot] === 1 && (stem.before !== 0 || stem.now !== 0);
    if (!stem.isTold) stem.isTold = writer.came(index, stem.number, stem.name);
    if (!stem.isTold) {
      if (isHeard) {
        writer.lose();
        this.#isTorn = true;
      }
    } else if (isHeard) {
      const { concealed } = voice;
      const flags = (voice.detector.talking ? TALKING : 0) | (concealed > stem.concealed ? CONCEALED : 0);
      if (writer.sound(index, stem.number, voice.frame, stem.before, stem.now, flags)) stem.isToldSilent = false;
      else this.#isTorn = true;
    } else if (!stem.isToldSilent) stem.isToldSilent = writer.tell(SILENT, index, stem.number);
    stem.before = stem.now;
    stem.concealed = voice.concealed;
    stem.isNew = false;
  }

  #stemOf(speaker: Speaker): Stem {
    return {
      number: this.#numbers++,
      name: this.#encoder.encode(speaker.name),
      speaker,
      slot: 0,
      before: 0,
      now: 0,
      concealed: speaker.voice.concealed,
      isNew: true,
      isTold: false,
      isToldSilent: false,
    };
  }
}
