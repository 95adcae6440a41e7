/** How loud prompts are to be: as loud as levelled voices, dBFS of the effective value while there is sound. */
const TARGET = -23;
/** No sound is made louder or quieter by more, dB. */
const MOST = 6;
const LEAST = -15;
/** What is closer than this stays as it is. */
const CLOSE = 2;
/** Only what is less than so far below the loudest counts: pauses do not. A power ratio, -15 dB. */
const BELOW_LOUDEST = 0.03;
const FULL = 32_768;
/** Peaks are not made louder than this, 1 dB below full scale. */
const CEILING = 29_204;

/** Measures the first seconds of a sound by stretches of 20 ms, and says what all of it is to be multiplied by. */
export class Loudness {
  readonly #stretch: number;
  readonly #powers: number[] = [];
  #sum = 0;
  #count = 0;
  #peak = 0;

  constructor(rate: number) {
    this.#stretch = rate / 50;
  }

  push(samples: Int16Array): void {
    for (const sample of samples) {
      this.#sum += sample * sample;
      this.#peak = Math.max(this.#peak, Math.abs(sample));
      if (++this.#count < this.#stretch) continue;
      this.#powers.push(this.#sum / this.#count);
      this.#sum = 0;
      this.#count = 0;
    }
  }

  /** One factor for the whole sound, so that its own dynamics stay as they were made. */
  get gain(): number {
    if (this.#count > 0 && this.#powers.length === 0) this.#powers.push(this.#sum / this.#count);
    const loudest = this.#powers.reduce((most, each) => Math.max(most, each), 0);
    const heard = this.#powers.filter((each) => each > loudest * BELOW_LOUDEST);
    if (heard.length === 0) return 1;
    const level = 10 * Math.log10(heard.reduce((sum, each) => sum + each, 0) / heard.length / FULL ** 2);
    const off = Math.max(LEAST, Math.min(MOST, TARGET - level));
    if (Math.abs(off) < CLOSE) return 1;
    const gain = 10 ** (off / 20);
    return gain > 1 ? Math.max(1, Math.min(gain, CEILING / this.#peak)) : gain;
  }
}

/** Multiplies in place, within the scale. */
export function amplify(samples: Int16Array, gain: number): Int16Array {
  if (gain === 1) return samples;
  for (let index = 0; index < samples.length; index++) {
    samples[index] = Math.max(-32_768, Math.min(32_767, Math.round(samples[index]! * gain)));
  }
  return samples;
}
