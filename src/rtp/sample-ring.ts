/**
 * Marks a place where nothing has come. G.711 never decodes to it; from other codecs it is moved by one step.
 * Only stretches that have holes are searched for it, and only the writer who leaves a hole marks it, so that sound without loss costs nothing.
 */
const MISSING = -32768;

/** Samples by their place in the sender's time, with holes. Its size is a power of two. */
export class SampleRing {
  readonly size: number;
  /** The end of what has come. */
  end = 0;
  /** Where the hole of the last `read` begins and ends, relative to its start; equal: none. */
  gapFrom = 0;
  gapTo = 0;
  readonly #samples: Int16Array;
  readonly #mask: number;
  /** From here to `end` there are no holes. */
  #solidFrom = 0;

  readonly #isClean: boolean;

  /** `clean`: what is written never holds the mark, so that it can be copied as it is. */
  constructor(least: number, clean = false) {
    this.#isClean = clean;
    this.size = 2 ** Math.ceil(Math.log2(least));
    this.#samples = new Int16Array(this.size).fill(MISSING);
    this.#mask = this.size - 1;
  }

  /** Begins anew: nothing has come, and the next sample is expected here. */
  clear(position: number): void {
    this.#samples.fill(MISSING);
    this.end = position;
    this.#solidFrom = position;
  }

  /** Puts samples[skip … count) to position + skip. */
  write(position: number, samples: Int16Array, skip: number, count: number): void {
    const from = position + skip;
    if (from > this.end) {
      this.#mark(this.end, from);
      this.#solidFrom = from;
    }
    const ring = this.#samples;
    const start = from & this.#mask;
    if (this.#isClean && skip === 0 && count === samples.length && start + count <= this.size) {
      ring.set(samples, start);
      if (position + count > this.end) this.end = position + count;
      return;
    }
    // Known to be whole numbers, or the loops would count in floating point.
    const unwrapped = Math.min(count, skip + this.size - start) | 0;
    for (let index = skip | 0, to = start; index < unwrapped; index++, to++) {
      const sample = samples[index]!;
      ring[to] = sample === MISSING ? MISSING + 1 : sample;
    }
    for (let index = unwrapped, to = 0; index < count; index++, to++) {
      const sample = samples[index]!;
      ring[to] = sample === MISSING ? MISSING + 1 : sample;
    }
    if (position + count > this.end) this.end = position + count;
  }

  /** Is all of it there, without a search? */
  isSolid(position: number, count: number): boolean {
    return position >= this.#solidFrom && position + count <= this.end;
  }

  /** Copies what is there, zeros where nothing is, and tells from the first to the last missing sample. */
  read(position: number, out: Int16Array, count: number): void {
    const start = position & this.#mask;
    this.gapFrom = 0;
    this.gapTo = 0;
    if (!this.isSolid(position, count)) this.#search(position, out, count);
    else if (start + count <= this.size) this.#copy(start, out, count);
    else for (let index = 0; index < count; index++) out[index] = this.#samples[(start + index) & this.#mask]!;
  }

  #copy(start: number, out: Int16Array, count: number): void {
    const ring = this.#samples;
    for (let index = 0, from = start; index < count; index++, from++) out[index] = ring[from]!;
  }

  #search(position: number, out: Int16Array, count: number): void {
    let first = count;
    let last = 0;
    for (let index = 0; index < count; index++) {
      const sample = this.#at(position + index);
      if (sample === MISSING) {
        if (first === count) first = index;
        last = index + 1;
        out[index] = 0;
      } else out[index] = sample;
    }
    this.gapFrom = last === 0 ? 0 : first;
    this.gapTo = last;
  }

  #at(position: number): number {
    return position >= this.end ? MISSING : this.#samples[position & this.#mask]!;
  }

  /** Nothing has come for from … to. */
  #mark(from: number, to: number): void {
    if (to - from >= this.size) {
      this.#samples.fill(MISSING);
      return;
    }
    const start = from & this.#mask;
    const end = start + to - from;
    this.#samples.fill(MISSING, start, Math.min(end, this.size));
    if (end > this.size) this.#samples.fill(MISSING, 0, end - this.size);
  }

  /** How many of `count` samples have come. */
  present(position: number, count: number): number {
    let present = 0;
    for (let index = 0; index < count; index++) if (this.#at(position + index) !== MISSING) present++;
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
}
