/** What no sample can be: it marks a place where nothing has come. G.711 never decodes to it; other codecs are moved by one step. */
const MISSING = -32768;

/** Samples by their place in the sender's time, with holes. Its size is a power of two. */
export class SampleRing {
  readonly size: number;
  /** Where the hole of the last `read` begins and ends, relative to its start; equal: none. */
  gapFrom = 0;
  gapTo = 0;
  readonly #samples: Int16Array;
  readonly #mask: number;

  constructor(least: number) {
    this.size = 2 ** Math.ceil(Math.log2(least));
    this.#samples = new Int16Array(this.size).fill(MISSING);
    this.#mask = this.size - 1;
  }

  /** Puts samples[skip … count) to position + skip. */
  write(position: number, samples: Int16Array, skip: number, count: number): void {
    const ring = this.#samples;
    const mask = this.#mask;
    const start = position & mask;
    for (let index = skip; index < count; index++) {
      const sample = samples[index]!;
      ring[(start + index) & mask] = sample === MISSING ? MISSING + 1 : sample;
    }
  }

  /** Copies what is there, zeros where nothing is, and tells from the first to the last missing sample. */
  read(position: number, out: Int16Array, count: number): void {
    const ring = this.#samples;
    const mask = this.#mask;
    const start = position & mask;
    let first = count;
    let last = 0;
    for (let index = 0; index < count; index++) {
      const sample = ring[(start + index) & mask]!;
      if (sample === MISSING) {
        if (first === count) first = index;
        last = index + 1;
        out[index] = 0;
      } else out[index] = sample;
    }
    this.gapFrom = last === 0 ? 0 : first;
    this.gapTo = last;
  }

  /** How many of `count` samples have come. */
  present(position: number, count: number): number {
    let present = 0;
    for (let index = 0; index < count; index++) if (this.#samples[(position + index) & this.#mask] !== MISSING) present++;
    return present;
  }

  /** Mean absolute value of samples that are all there. */
  level(position: number, count: number): number {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += Math.abs(this.#samples[(position + index) & this.#mask]!);
    return sum / count;
  }

  /** Makes two stretches into one: the first fades out while the one right after it fades in. */
  crossfade(position: number, out: Int16Array, count: number): void {
    const ring = this.#samples;
    for (let index = 0; index < count; index++) {
      const from = ring[(position + index) & this.#mask]!;
      const to = ring[(position + count + index) & this.#mask]!;
      out[index] = from + ((to - from) * index) / count;
    }
  }

  /** Forgets `count` samples. */
  forget(position: number, count: number): void {
    if (count >= this.size) {
      this.#samples.fill(MISSING);
      return;
    }
    const start = position & this.#mask;
    const end = start + count;
    this.#samples.fill(MISSING, start, Math.min(end, this.size));
    if (end > this.size) this.#samples.fill(MISSING, 0, end - this.size);
  }
}
