/** Finds where a burst of one frequency begins, whatever else sounds. */
const FLOOR = 700;

export class PulseFinder {
  readonly #size: number;
  readonly #hop: number;
  readonly #cosine: Float64Array;
  readonly #sine: Float64Array;
  readonly #marks = new Float64Array(512);

  /** `rate` and `hertz` in Hz. */
  constructor(rate: number, hertz: number) {
    // 5 ms under a Hann window: frequencies 400 Hz away and more are down by 31 dB.
    this.#size = rate / 200;
    this.#hop = rate / 4000;
    const weights = Float64Array.from({ length: this.#size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.#size));
    const sum = weights.reduce((all, each) => all + each, 0);
    this.#cosine = weights.map((each, i) => ((2 * each) / sum) * Math.cos((2 * Math.PI * hertz * i) / rate));
    this.#sine = weights.map((each, i) => ((2 * each) / sum) * Math.sin((2 * Math.PI * hertz * i) / rate));
  }

  /** The sample at which the burst begins; -1: none begins here, or too late to be sure of it. */
  find(samples: Int16Array): number {
    const marks = this.#marks;
    let [count, most] = [0, 0];
    for (let at = 0; at + this.#size <= samples.length; at += this.#hop) {
      const mark = this.#strength(samples, at);
      marks[count++] = mark;
      most = Math.max(most, mark);
    }
    if (most < FLOOR) return -1;
    let first = 0;
    while (marks[first]! < most / 2) first += 1;
    // Half of its strength is reached when it fills half of the window; what is to come may still be stronger.
    if (first === 0 || first * this.#hop + 2 * this.#size > samples.length) return -1;
    const [below, above] = [marks[first - 1]!, marks[first]!];
    return (first - 1 + (most / 2 - below) / (above - below)) * this.#hop + this.#size / 2;
  }

  #strength(samples: Int16Array, at: number): number {
    let [real, imaginary] = [0, 0];
    for (let i = 0; i < this.#size; i++) {
      real += samples[at + i]! * this.#cosine[i]!;
      imaginary += samples[at + i]! * this.#sine[i]!;
    }
    return Math.hypot(real, imaginary);
  }
}
