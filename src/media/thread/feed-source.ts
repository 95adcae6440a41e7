import { type Rate, Resampler } from '../../audio/index.ts';
import { FRAMES, MOST_SAMPLES } from './codec.ts';
import type { Signal } from './messages.ts';
import { RingReader } from './shared-ring.ts';

/** Kind of what a feed's ring carries: 20 ms of sound. */
export const PLAY = 1;

/** What of a speaker is told of each frame. */
export interface FeedVoice {
  readonly talking: boolean;
}

/** A speaker without a socket: what another thread wrote, a frame in each tick, at the room's rate. Nobody levels it. */
export class FeedSource {
  readonly number: number;
  /** What hearing plans and readers of taps know it by. */
  readonly id: string;
  readonly name: string;
  frame: Int16Array = new Int16Array(160);
  /** While the room's rate has just changed: the same at the rate before. */
  former: Int16Array | null = null;
  /** As a voice of the room: whoever feeds says something, and nothing of it is made up. */
  readonly voice: FeedSource = this;
  readonly detector: FeedVoice = { talking: true };
  /** The rate that the room should have for it at least. */
  readonly wants: Rate = 8000;
  /** The name that it has as a leg, if it is one. */
  readonly leg: string | null = null;
  readonly concealed = 0;
  readonly #ring: RingReader;
  readonly #own = new Int16Array(MOST_SAMPLES);
  #roomRate: Rate = 8000;
  #rate: Rate = 8000;
  #resampler: Resampler | null = null;
  #formerResampler: Resampler | null = null;
  #hasBegun = false;
  #wasHeard = false;

  constructor({ number, name, memory }: { number: number; name: string; memory: SharedArrayBuffer }) {
    this.number = number;
    this.id = name;
    this.name = name;
    this.#ring = new RingReader(memory);
  }

  /** The room has this rate now; whoever writes is told, once somebody hears it. */
  fit(roomRate: Rate, isHeard: boolean): void {
    this.#ring.want(isHeard ? roomRate : 0);
    if (roomRate === this.#roomRate) return;
    if (this.former === null) {
      this.former = this.frame;
      this.#formerResampler = this.#resampler;
    }
    this.#roomRate = roomRate;
    this.frame = new Int16Array(roomRate / FRAMES);
    this.#resampler = this.#resamplerTo(roomRate);
    this.#prime();
  }

  /** The room has faded to its new rate. */
  settle(): void {
    this.former = null;
    this.#formerResampler = null;
  }

  /** Takes this tick's 20 ms; true when there are some, and then they are in `frame`. Only a stream has signals. */
  take(_now: number, _signals: Signal[]): boolean {
    const ring = this.#ring;
    if (!ring.next()) {
      if (this.#hasBegun && !ring.isEnded) ring.starve();
      this.#wasHeard = false;
      return false;
    }
    this.#hasBegun = true;
    if (ring.rate !== this.#rate) this.#turnTo(ring.rate as Rate);
    else if (!this.#wasHeard) this.#resampler?.reset();
    this.#wasHeard = true;
    const count = Math.min(ring.length / 2, this.#rate / FRAMES);
    const own = this.#own;
    const { samples } = ring;
    const from = ring.at / 2;
    for (let i = 0; i < count; i++) own[i] = samples[from + i]!;
    if (this.former !== null) this.#bring(this.#formerResampler, this.former);
    this.#bring(this.#resampler, this.frame);
    return true;
  }

  close(): void {
    this.#ring.close();
  }

  #bring(resampler: Resampler | null, to: Int16Array): void {
    if (resampler !== null) resampler.process(this.#own, this.#rate / FRAMES, to);
    else for (let i = 0; i < to.length; i++) to[i] = this.#own[i]!;
  }

  /** What is written has another rate from here on; that allocates, and is rare. */
  #turnTo(rate: Rate): void {
    this.#rate = rate;
    this.#resampler = this.#resamplerTo(this.#roomRate);
    if (this.former !== null) this.#formerResampler = this.#resamplerTo((this.former.length * FRAMES) as Rate);
  }

  #resamplerTo(roomRate: Rate): Resampler | null {
    return this.#rate === roomRate ? null : new Resampler({ from: this.#rate, to: roomRate });
  }

  /** The new filter goes on from what was played. */
  #prime(): void {
    if (this.#wasHeard) this.#resampler?.prime(this.#own, this.#rate / FRAMES);
  }
}
