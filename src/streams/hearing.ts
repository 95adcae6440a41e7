import type { LegId } from '../conference/index.ts';
import type { TapFrame, TapItem } from '../media/index.ts';
import { CONCEALED, packedLeg, TALKING } from './framing.ts';
import type { StreamRate } from './options.ts';
import type { Packing } from './packing.ts';
import { bring, FRAMES } from './rates.ts';

/** Ticks that are made up for when time was lost; after more the machine stood still, and what was then is of no use. */
const MOST_MISSED = 50;

/** What a listener makes of the items of a tap. */
export interface Hearing {
  take(item: TapItem): void;
}

interface Needs {
  readonly rate: StreamRate;
  readonly send: (frame: Uint8Array) => void;
}

/** Brings frames of one source, whatever rate the room has just now, to the program's. */
class Way {
  readonly #to: StreamRate;
  #from: number = 0;
  #bring: (samples: Int16Array) => Int16Array = (samples) => samples;

  constructor(to: StreamRate) {
    this.#to = to;
  }

  get from(): number {
    return this.#from === 0 ? this.#to : this.#from;
  }

  run(samples: Int16Array, rate: number): Int16Array {
    if (rate !== this.#from) this.#bring = bring(rate as StreamRate, this.#to);
    this.#from = rate;
    return this.#bring(samples);
  }
}

/** All in one: a frame for every 20 ms, also of silence, as programs expect who know no other clock. */
export class HearingMix implements Hearing {
  readonly #needs: Needs & { readonly packing: Packing };
  readonly #way: Way;
  /** The tick that was sent last; undefined: none yet. */
  #last: number | undefined;

  constructor(needs: Needs & { readonly packing: Packing }) {
    this.#needs = needs;
    this.#way = new Way(needs.rate);
  }

  take(item: TapItem): void {
    if (item.type === 'frame') this.#send(item.index, item.samples, item.rate);
    else if (item.type === 'tick' && item.index !== this.#last) this.#send(item.index, undefined, this.#way.from);
  }

  #send(index: number, samples: Int16Array | undefined, rate: number): void {
    const { packing, send } = this.#needs;
    const missed = Math.min(MOST_MISSED, index - (this.#last ?? index - 1) - 1);
    for (let i = 0; i <= missed; i++) {
      const frame = i === missed && samples !== undefined ? samples : new Int16Array(rate / FRAMES);
      send(packing.pack(this.#way.run(frame, rate)));
    }
    this.#last = index;
  }
}

/** Everybody apart: a frame for each who is heard, with his number; silence is not sent, the clock in each frame tells it. */
export class HearingLegs implements Hearing {
  readonly #needs: Needs & { readonly numberOf: (leg: LegId) => number | undefined };
  readonly #ways = new Map<string, Way>();

  constructor(needs: Needs & { readonly numberOf: (leg: LegId) => number | undefined }) {
    this.#needs = needs;
  }

  take(item: TapItem): void {
    if (item.type === 'frame') this.#send(item);
    else if (item.type === 'left') this.#ways.delete(item.source.id);
  }

  #send({ source, samples, rate, index, talking, concealed }: TapFrame & { readonly index: number }): void {
    const { numberOf, send } = this.#needs;
    // What nobody says (announcements) has the number that nobody has.
    const number = source === null ? undefined : (numberOf(source.id as LegId) ?? (source.kind === 'prompt' ? 0 : undefined));
    if (source === null || number === undefined) return;
    const way = this.#ways.get(source.id) ?? new Way(this.#needs.rate);
    this.#ways.set(source.id, way);
    const flags = (talking ? TALKING : 0) | (concealed ? CONCEALED : 0);
    send(packedLeg(way.run(samples, rate), { number, flags, index }));
  }
}
