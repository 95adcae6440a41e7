/** Bytes of a unit: what is written is a whole number of units, so that every record begins where a double may lie. */
const UNIT = 8;
/** The header; what the writer moves and what the reader moves lie in lines of their own. */
const HEADER = 192;
const WRITTEN = 0;
const LOST = 1;
const ENDED = 2;
const READ = 16;
const CLOSED = 17;
const STARVED = 18;
const COUNT = 19;
const WANTED = 20;
/** A record's own header, in units. */
const FRONT = 4;
/** What stands where a record would not have fitted before the end of the memory. */
const FILLER = 0;

/** Memory for a ring of at least so many bytes. */
export function ringMemory(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER + 2 ** Math.ceil(Math.log2(Math.max(4096, Math.min(bytes, 2 ** 30)))));
}

/** What the two ends of a ring have in common: its memory as each of them needs to see it. */
class RingEnd {
  /** The ways to see what a record carries; it begins where a double may. */
  readonly samples: Int16Array;
  readonly bytes: Uint8Array;
  readonly doubles: Float64Array;
  protected readonly head: Int32Array;
  protected readonly words: Int32Array;
  /** In units. */
  protected readonly size: number;

  constructor(memory: SharedArrayBuffer) {
    this.head = new Int32Array(memory, 0, HEADER / 4);
    this.words = new Int32Array(memory, HEADER);
    this.doubles = new Float64Array(memory, HEADER);
    this.samples = new Int16Array(memory, HEADER);
    this.bytes = new Uint8Array(memory, HEADER);
    this.size = this.doubles.length;
  }

  /** Records that did not fit, since the beginning. */
  get lost(): number {
    return Atomics.load(this.head, LOST) >>> 0;
  }

  /** The writer will write nothing more. */
  get isEnded(): boolean {
    return Atomics.load(this.head, ENDED) === 1;
  }

  /** The reader will read nothing more. */
  get isClosed(): boolean {
    return Atomics.load(this.head, CLOSED) === 1;
  }

  /** The rate that the reader has most use of, Hz; 0: it has not said yet. */
  get wanted(): number {
    return Atomics.load(this.head, WANTED);
  }

  /** How often the reader found nothing where it needed something. */
  get starved(): number {
    return Atomics.load(this.head, STARVED) >>> 0;
  }
}

/**
 * The writing end of a ring of records between two threads; one writes, one reads, neither ever waits. What does not fit is lost and counted, and the
 * next record that fits says how many were lost before it. Allocates nothing after it was made.
 */
export class RingWriter extends RingEnd {
  #at = 0;
  /** What the reader had read when it was last looked at. */
  #read: number;
  #gap = 0;
  #units = 0;
  #records = 0;

  constructor(memory: SharedArrayBuffer) {
    super(memory);
    this.#at = Atomics.load(this.head, WRITTEN);
    this.#read = Atomics.load(this.head, READ);
  }

  /** Records of this writer that are not read yet; the one that is being read counts. */
  get waiting(): number {
    return (this.#records - Atomics.load(this.head, COUNT)) | 0;
  }

  /** How many records of so many bytes would surely fit now. */
  room(bytes: number): number {
    const units = FRONT + Math.ceil(bytes / UNIT);
    const free = this.size - ((this.#at - Atomics.load(this.head, READ)) | 0);
    // One may have to stay empty at the end of the memory.
    return Math.max(0, Math.floor(free / units) - 1);
  }

  /** Begins a record with so many bytes. Gives where they go in `bytes`, half of it in `samples`; -1: it does not fit. */
  reserve(bytes: number): number {
    const units = FRONT + (((bytes + UNIT - 1) / UNIT) | 0);
    const place = this.#at & (this.size - 1);
    const rest = this.size - place;
    if (!this.#hasRoom(units <= rest ? units : rest + units)) return -1;
    this.#units = units;
    if (units <= rest) return (place + FRONT) * UNIT;
    this.words[2 * place] = rest;
    this.words[2 * place + 1] = FILLER;
    this.#at = (this.#at + rest) | 0;
    return FRONT * UNIT;
  }

  /** Finishes what `reserve` began; it is seen after `publish`. Positional, because it runs for every frame. `kind` is not 0. */
  commit(kind: number, bytes: number, about: number, rate: number, flags: number, index: number): void {
    const word = 2 * (this.#at & (this.size - 1));
    this.words[word] = this.#units;
    this.words[word + 1] = kind;
    this.words[word + 2] = bytes;
    this.words[word + 3] = about;
    this.words[word + 4] = (rate << 8) | flags;
    this.words[word + 5] = this.#gap;
    this.doubles[word / 2 + 3] = index;
    this.#gap = 0;
    this.#records = (this.#records + 1) | 0;
    this.#at = (this.#at + this.#units) | 0;
  }

  /** A record that was worth reading did not fit. */
  lose(): void {
    this.#gap += 1;
    Atomics.add(this.head, LOST, 1);
  }

  /** The reader may read what was committed. */
  publish(): void {
    Atomics.store(this.head, WRITTEN, this.#at);
  }

  /** Nothing more will come; who says so of a writer that has died need not be the writer. */
  end(): void {
    this.publish();
    Atomics.store(this.head, ENDED, 1);
  }

  #hasRoom(units: number): boolean {
    if (((this.#at - this.#read) | 0) + units <= this.size) return true;
    this.#read = Atomics.load(this.head, READ);
    return ((this.#at - this.#read) | 0) + units <= this.size;
  }
}

/** The reading end. Allocates nothing after it was made. */
export class RingReader extends RingEnd {
  /** The record that `next` found: its kind and what else it was committed with. */
  kind = 0;
  length = 0;
  about = 0;
  rate = 0;
  flags = 0;
  /** Records that were lost right before it. */
  gap = 0;
  index = 0;
  /** Where what it carries begins in `bytes`, half of it in `samples`. */
  at = 0;
  #next: number;
  #written: number;
  #count = 0;

  constructor(memory: SharedArrayBuffer) {
    super(memory);
    this.#next = Atomics.load(this.head, READ);
    this.#written = this.#next;
  }

  /** Goes on to the next record, which stays as it is until the next call. False: there is none yet. */
  next(): boolean {
    if (!this.#isThere()) return false;
    let word = 2 * (this.#next & (this.size - 1));
    if (this.words[word + 1] === FILLER) {
      this.#next = (this.#next + this.words[word]!) | 0;
      word = 0;
    }
    const rateAndFlags = this.words[word + 4]!;
    this.kind = this.words[word + 1]!;
    this.length = this.words[word + 2]!;
    this.about = this.words[word + 3]!;
    this.rate = rateAndFlags >> 8;
    this.flags = rateAndFlags & 0xff;
    this.gap = this.words[word + 5]!;
    this.index = this.doubles[word / 2 + 3]!;
    this.at = (word / 2 + FRONT) * UNIT;
    this.#next = (this.#next + this.words[word]!) | 0;
    this.#count = (this.#count + 1) | 0;
    return true;
  }

  want(rate: number): void {
    Atomics.store(this.head, WANTED, rate);
  }

  starve(): void {
    Atomics.add(this.head, STARVED, 1);
  }

  close(): void {
    Atomics.store(this.head, CLOSED, 1);
  }

  /** Everything before the next record is read; the writer may take its place. */
  #isThere(): boolean {
    if (Atomics.load(this.head, READ) !== this.#next) {
      Atomics.store(this.head, COUNT, this.#count);
      Atomics.store(this.head, READ, this.#next);
    }
    if (this.#written !== this.#next) return true;
    this.#written = Atomics.load(this.head, WRITTEN);
    return this.#written !== this.#next;
  }
}
