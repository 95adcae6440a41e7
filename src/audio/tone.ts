/** One sine; `amplitude` is its peak, 0 … 32767. */
export interface Tone {
  readonly hertz: number;
  readonly amplitude: number;
}

/** Sounds one or more sines without end; frames follow each other without a step. */
export class ToneSource {
  readonly #rate: number;
  readonly #tones: readonly Tone[];
  #at = 0;

  constructor({ rate, tones }: { readonly rate: number; readonly tones: readonly Tone[] }) {
    this.#rate = rate;
    this.#tones = tones;
  }

  /** The next out.length samples. */
  fill(out: Int16Array): void {
    for (let index = 0; index < out.length; index++) {
      let sample = 0;
      for (const { hertz, amplitude } of this.#tones) sample += amplitude * Math.sin((2 * Math.PI * hertz * this.#at) / this.#rate);
      out[index] = Math.max(-32768, Math.min(32767, Math.round(sample)));
      this.#at++;
    }
  }
}

/** Peak amplitude of one frequency in these samples (Goertzel). Exact when they hold whole periods; tones apart by less than rate / length blur. */
export function toneAmplitude(samples: Int16Array, rate: number, hertz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let last = 0;
  let before = 0;
  for (let index = 0; index < samples.length; index++) {
    const next = samples[index]! + coefficient * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - coefficient * last * before;
  return samples.length === 0 ? 0 : (2 * Math.sqrt(Math.max(0, power))) / samples.length;
}
