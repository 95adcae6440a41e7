import { type Bytes, takeBytes } from '../base/index.ts';

/** More holes than this in one buffer and the two oldest become one, with what was between them. */
const HOLES = 16;
const none: Bytes = { bytes: new Uint8Array(0), words: new Int32Array(0), from: 0 };
const noSamples = new Int16Array(0);
const noHoles = new Float64Array(0);
const noLoudness = new Uint16Array(0);

/** The memory that packets were last read into, as words; it is nearly always the same. */
let lastBuffer: ArrayBufferLike | undefined;
let lastWords = none.words;

/** How loud each of 256 codes is, by the table of their samples: one for each law, shared by all rings. */
const loudness = new Map<Int16Array, Uint16Array>();

function loudnessOf(table: Int16Array): Uint16Array {
  const known = loudness.get(table) ?? Uint16Array.from(table, Math.abs);
  loudness.set(table, known);
  return known;
}

function wordsOf({ buffer }: Uint8Array): Int32Array {
  if (buffer !== lastBuffer) {
    lastBuffer = buffer;
    lastWords = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  }
  return lastWords;
}

/**
 * Sound by its place in the sender's time, with holes. It keeps what the packets carried: samples, or G.711 codes, which are half as long and are
 * turned into samples only where they are heard. It begins small, so that the buffers of a thousand legs fit into the processor's cache, and grows
 * when a sender's jitter asks for it. Its size is a power of two.
 */
export class SoundRing {
  size: number;
  /** The end of what has come. */
  end = 0;
  /** Where the hole of the last `read` begins and ends, relative to its start; equal: none. */
  gapFrom = 0;
  gapTo = 0;
  /** The beginning of what has come. */
  #begin = 0;
  /** From here to `end` there are no holes. */
  #solidFrom = 0;
  /** Codes lie among those of other rings, from `#base` on. */
  #codes = none.bytes;
  #words = none.words;
  #base = 0;
  #samples = noSamples;
  readonly #table: Int16Array | undefined;
  readonly #loud: Uint16Array;
  #mask: number;
  /** Beginnings and ends, in order. */
  #from = noHoles;
  #to = noHoles;
  #holes = 0;

  /** `table`: the sample of each of 256 codes, if codes are kept. */
  constructor(least: number, table?: Int16Array) {
    this.size = 2 ** Math.ceil(Math.log2(least));
    this.#mask = this.size - 1;
    this.#table = table;
    this.#loud = table === undefined ? noLoudness : loudnessOf(table);
    if (table === undefined) this.#samples = new Int16Array(this.size);
    else this.#settle(takeBytes(this.size));
  }

  /** Begins anew: nothing has come, and the next sample is expected here. */
  clear(position: number): void {
    this.end = position;
    this.#begin = position;
    this.#solidFrom = position;
    this.#holes = 0;
  }

  /** Makes room for everything from … to; memory is taken, which happens a few times in the life of a leg. */
  reserve(from: number, to: number): void {
    if (to - from <= this.size) return;
    const size = 2 ** Math.ceil(Math.log2(to - from));
    const [samples, codes, base, mask] = [this.#samples, this.#codes, this.#base, this.#mask];
    if (this.#table === undefined) this.#samples = new Int16Array(size);
    else this.#settle(takeBytes(size));
    for (let position = this.end - this.size; position < this.end; position++) {
      const place = position & (size - 1);
      if (this.#table === undefined) this.#samples[place] = samples[position & mask]!;
      else this.#codes[this.#base + place] = codes[base + (position & mask)]!;
    }
    this.size = size;
    this.#mask = size - 1;
  }

  /** Puts source[at + skip … at + count) to position + skip: codes or samples, as the ring keeps them. */
  write(position: number, source: Uint8Array | Int16Array, at: number, skip: number, count: number): void {
    const from = position + skip;
    const to = position + count;
    if (from > this.end) this.#leaveHole(this.end, from);
    else if (from < this.end) this.#putBack(from, to);
    if (this.#table === undefined) this.#keepSamples(from, source, at + skip, count - skip);
    else this.#keepCodes(from, source, at + skip, count - skip);
    if (to > this.end) this.end = to;
  }

  /** Touches the place where the next sound will be written. */
  warm(): number {
    const place = this.end & this.#mask;
    if (this.#table === undefined) return this.#samples[place]!;
    const next = (place + 64) & this.#mask;
    const base = this.#base;
    return this.#codes[base + place]! + this.#codes[base + next]! + this.#codes[base + ((next + 64) & this.#mask)]!;
  }

  /** Is all of it there? Cheap; says no where holes would have to be searched. */
  isSolid(position: number, count: number): boolean {
    return position >= this.#solidFrom && position + count <= this.end;
  }

  /** Samples of what is there, zeros where nothing is, and tells from the first to the last missing one. */
  read(position: number, out: Int16Array, count: number): void {
    this.gapFrom = 0;
    this.gapTo = 0;
    this.copy(position, out, count);
    if (!this.isSolid(position, count)) this.#showHoles(position, out, count);
  }

  /** Samples as they lie in the ring, for stretches without holes. */
  copy(position: number, out: Int16Array, count: number): void {
    const table = this.#table;
    const mask = this.#mask;
    const start = position & mask;
    if (table === undefined) {
      const samples = this.#samples;
      if (start + count <= this.size) for (let index = 0; index < count; index++) out[index] = samples[start + index]!;
      else for (let index = 0; index < count; index++) out[index] = samples[(start + index) & mask]!;
    } else {
      const [codes, base] = [this.#codes, this.#base];
      for (let index = 0; index < count; index++) out[index] = table[codes[base + ((start + index) & mask)]!]!;
    }
  }

  /** Mean absolute value of samples that are all there, of every so many-th of them. */
  level(position: number, count: number, every = 1): number {
    const start = position & this.#mask;
    if (this.#table !== undefined && every === 1 && start + count <= this.size) return this.#levelOfCodes(this.#base + start, count);
    const mask = this.#mask;
    const samples = this.#samples;
    let sum = 0;
    if (this.#table === undefined) {
      for (let index = 0; index < count; index += every) sum += Math.abs(samples[(start + index) & mask]!);
    } else {
      for (let index = 0; index < count; index += every) sum += this.#loud[this.#codes[this.#base + ((start + index) & mask)]!]!;
    }
    return sum / Math.ceil(count / every);
  }

  /** The same for codes that lie side by side; every silent leg is asked for it in every tick. Two sums do not wait for each other. */
  #levelOfCodes(from: number, count: number): number {
    const codes = this.#codes;
    const loud = this.#loud;
    const to = from + count - 1;
    let sum = 0;
    let other = 0;
    let at = from;
    for (; at < to; at += 2) {
      sum += loud[codes[at]!]!;
      other += loud[codes[at + 1]!]!;
    }
    if (at === to) sum += loud[codes[at]!]!;
    return (sum + other) / count;
  }

  /** How many of `count` samples have come. */
  present(position: number, count: number): number {
    const from = Math.max(position, this.#begin, this.end - this.size);
    const to = Math.min(position + count, this.end);
    let present = Math.max(0, to - from);
    for (let hole = 0; hole < this.#holes; hole++) {
      present -= Math.max(0, Math.min(to, this.#to[hole]!) - Math.max(from, this.#from[hole]!));
    }
    return present;
  }

  /** Makes two stretches into one: the first fades out while the one right after it fades in. */
  crossfade(position: number, out: Int16Array, count: number): void {
    for (let index = 0; index < count; index++) {
      const from = this.#at(position + index);
      const to = this.#at(position + count + index);
      out[index] = from + ((to - from) * index) / count;
    }
  }

  #at(position: number): number {
    const place = position & this.#mask;
    return this.#table === undefined ? this.#samples[place]! : this.#table[this.#codes[this.#base + place]!]!;
  }

  #keepCodes(position: number, source: Uint8Array | Int16Array, at: number, count: number): void {
    const mask = this.#mask;
    const start = position & mask;
    const bytes = source as Uint8Array;
    const to = this.#base + start;
    if (start + count > this.size) {
      const [codes, base] = [this.#codes, this.#base];
      for (let index = 0; index < count; index++) codes[base + ((start + index) & mask)] = bytes[at + index]!;
    } else if (((to | at | count | bytes.byteOffset) & 3) === 0) {
      // Nearly always: four codes at once.
      const [words, source] = [this.#words, wordsOf(bytes)];
      const [from, place] = [(bytes.byteOffset + at) >> 2, to >> 2];
      for (let index = 0; index < count >> 2; index++) words[place + index] = source[from + index]!;
    } else {
      const codes = this.#codes;
      for (let index = 0; index < count; index++) codes[to + index] = bytes[at + index]!;
    }
  }

  #keepSamples(position: number, source: Uint8Array | Int16Array, at: number, count: number): void {
    const samples = this.#samples;
    const mask = this.#mask;
    const start = position & mask;
    for (let index = 0; index < count; index++) samples[(start + index) & mask] = (source as Int16Array)[at + index]!;
  }

  #settle({ bytes, words, from }: Bytes): void {
    this.#codes = bytes;
    this.#words = words;
    this.#base = from;
  }

  #leaveHole(from: number, to: number): void {
    this.#admitHoles();
    while (this.#holes > 0 && this.#to[0]! <= to - this.size) this.#removeHole(0);
    if (this.#holes === HOLES) {
      this.#to[0] = this.#to[1]!;
      this.#removeHole(1);
    }
    this.#from[this.#holes] = from;
    this.#to[this.#holes] = to;
    this.#holes++;
    this.#solidFrom = to;
  }

  #removeHole(index: number): void {
    this.#from.copyWithin(index, index + 1, this.#holes);
    this.#to.copyWithin(index, index + 1, this.#holes);
    this.#holes--;
  }

  /** Something older than the newest came: before everything, or into a hole. */
  #putBack(from: number, to: number): void {
    if (from < this.#begin) {
      if (to < this.#begin && this.#holes < HOLES) this.#insertHole(0, to, this.#begin);
      this.#begin = from;
    }
    if (this.#holes > 0) this.#fillHole(from, to);
    this.#solidFrom = this.#holes === 0 ? this.#begin : this.#to[this.#holes - 1]!;
  }

  /** Most senders never leave one, so there is no room for any before the first. */
  #admitHoles(): void {
    if (this.#from !== noHoles) return;
    this.#from = new Float64Array(HOLES);
    this.#to = new Float64Array(HOLES);
  }

  #insertHole(index: number, from: number, to: number): void {
    this.#admitHoles();
    this.#from.copyWithin(index + 1, index, this.#holes);
    this.#to.copyWithin(index + 1, index, this.#holes);
    this.#from[index] = from;
    this.#to[index] = to;
    this.#holes++;
  }

  #fillHole(from: number, to: number): void {
    for (let hole = this.#holes - 1; hole >= 0; hole--) {
      const [begin, end] = [this.#from[hole]!, this.#to[hole]!];
      if (end <= from || begin >= to) continue;
      if (begin < from && end > to && this.#holes < HOLES) {
        this.#insertHole(hole + 1, to, end);
        this.#to[hole] = from;
      } else if (begin >= from && end <= to) this.#removeHole(hole);
      else if (begin < from) this.#to[hole] = from;
      else this.#from[hole] = to;
    }
  }

  #showHoles(position: number, out: Int16Array, count: number): void {
    const missing = Math.max(0, Math.min(count, this.#begin - position));
    const have = Math.max(missing, Math.min(count, this.end - position));
    let first = have < count ? have : count;
    let last = have < count ? count : missing;
    if (missing > 0) first = 0;
    out.fill(0, 0, missing);
    for (let hole = 0; hole < this.#holes; hole++) {
      const from = Math.max(0, this.#from[hole]! - position);
      const to = Math.min(have, this.#to[hole]! - position);
      if (from >= to) continue;
      out.fill(0, from, to);
      first = Math.min(first, from);
      last = Math.max(last, to);
    }
    if (have < count) out.fill(0, have, count);
    this.gapFrom = last === 0 ? 0 : first;
    this.gapTo = last;
  }
}
