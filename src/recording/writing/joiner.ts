import { type Rate, Resampler } from '../../audio/index.ts';

/** How long two rates overlap where they meet, parts of a second: longer than any resampler's delay. */
const OVERLAP = 400;
const LARGEST = 960;

/** Brings sound of changing rates to one, frame by frame. Where the rate changes, what the old filter still holds fades into the new sound: no click. */
export class Joiner {
  readonly #to: Rate;
  readonly #out = new Int16Array(LARGEST);
  readonly #tail = new Int16Array(LARGEST);
  readonly #zeros = new Int16Array(LARGEST);
  #resampler: Resampler | undefined;
  #isSilent = true;

  constructor(to: Rate) {
    this.#to = to;
  }

  /** One frame; what is given is valid until the next one. */
  process(samples: Int16Array, rate: Rate): Int16Array {
    const count = this.#to / 50;
    const out = this.#out.subarray(0, count);
    const former = this.#resampler;
    const isSilent = samples.every((sample) => sample === 0);
    const isNew = former?.from !== rate;
    if (isNew) this.#resampler = new Resampler({ from: rate, to: this.#to });
    if (isSilent && this.#isSilent) out.fill(0);
    else this.#resampler!.process(samples, rate / 50, out);
    if (isNew && former !== undefined && !(isSilent && this.#isSilent)) this.#fade(former, out);
    this.#isSilent = isSilent;
    return out;
  }

  #fade(former: Resampler, out: Int16Array): void {
    const length = this.#to / OVERLAP;
    former.process(this.#zeros, former.from / 50, this.#tail);
    for (let i = 0; i < length; i++) {
      const share = (i + 1) / length;
      out[i] = Math.round(share * out[i]! + (former.from === this.#to ? 0 : (1 - share) * this.#tail[i]!));
    }
  }
}
