import { AnyRate } from '../audio/index.ts';

/** Rates at which the engine is fed. */
export type FeedRate = 8000 | 16_000 | 48_000;

/** The lowest that carries all of a sound. */
export const feedRateFor = (rate: number): FeedRate => (rate <= 8000 ? 8000 : rate <= 16_000 ? 16_000 : 48_000);

/** Brings sound to one rate, though it may change its own on the way. */
export class SampleRate {
  readonly to: FeedRate;
  #rate: AnyRate | undefined;

  constructor(to: FeedRate) {
    this.to = to;
  }

  process(samples: Int16Array, from: number): Int16Array {
    if (this.#rate?.from === from) return this.#rate.process(samples);
    const tail = this.flush();
    this.#rate = new AnyRate({ from, to: this.to });
    const sound = this.#rate.process(samples);
    return tail.length === 0 ? sound : Int16Array.of(...tail, ...sound);
  }

  flush(): Int16Array {
    return this.#rate?.flush() ?? new Int16Array(0);
  }
}
