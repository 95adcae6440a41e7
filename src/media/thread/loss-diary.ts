import type { Signal } from './messages.ts';

/** How often it is looked whether packets are missing, ms. */
const LOOK = 10_000;
/** A share of lost packets that people hear, and a number below which it says nothing. */
const HEARD = 0.01;
const FEW = 5;

/** What a leg has counted: packets that came, and those that did not, or too late to be heard. */
export interface Arrived {
  readonly packetsIn: number;
  readonly lost: number;
  readonly voice: { readonly late: number };
}

/** Times in which packets of a leg were lost: remembers when the present one began, and tells it as long as it goes on. */
export class LossDiary {
  /** When it was looked at last, and what had come and not come until then; -1: never. */
  #at = -1;
  #came = 0;
  #lost = 0;
  /** The same of the last good look before a time of losses. */
  #begunAt = -1;
  #begunCame = 0;
  #begunLost = 0;

  /** Looks when it is time. */
  look(leg: string, now: number, { packetsIn, lost, voice }: Arrived, signals: Signal[]): void {
    if (this.#at >= 0 && now - this.#at < LOOK) return;
    const missing = lost + voice.late;
    const isBad = this.#at >= 0 && isHeard(packetsIn - this.#came, missing - this.#lost);
    if (!isBad) this.#begunAt = -1;
    else if (this.#begunAt < 0) {
      this.#begunAt = this.#at;
      this.#begunCame = this.#came;
      this.#begunLost = this.#lost;
    }
    this.#at = now;
    this.#came = packetsIn;
    this.#lost = missing;
    if (!isBad) return;
    const gone = missing - this.#begunLost;
    signals.push({
      type: 'media-losses',
      leg,
      sinceMs: Math.round(now - this.#begunAt),
      lost: gone,
      all: packetsIn - this.#begunCame + gone,
    });
  }
}

const isHeard = (came: number, lost: number): boolean => lost >= FEW && lost / (came + lost) >= HEARD;
