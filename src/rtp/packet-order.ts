import { ReplayWindow } from './replay-window.ts';

/** What `push` gives: `next` has something now. */
export const READY = 1;
/** What `push` gives: kept until the missing one comes or its place is due. */
export const HELD = 0;
/** What `push` gives: this packet is held already or was given out. */
export const REPEATED = -1;
/** What `push` gives: it was given up, and what came after it was given out. */
export const LATE = -2;
/** What `push` gives: longer than 1500 bytes. */
export const TOO_LONG = -3;
/** What `push` gives: its number is far off; it counts only if the next one follows it. */
export const ASTRAY = -4;

/** So many packets are held at most. A power of two. */
const SLOTS = 16;
/** The longest packet that is taken, bytes. */
const LONGEST = 1500;
/** A step forward of at least so many packets is a new start, not loss (RFC 3550 A.1). */
const MAX_DROPOUT = 3000;
/** A step back of at most so many packets is reordering (RFC 3550 A.1). */
const MAX_MISORDER = 100;
const empty = new Uint8Array(0);
const nothing = [0, 0, 0, 0];

/**
 * Puts the packets of one sender in order for a decoder with a memory (Opus, G.722), before the jitter buffer.
 *
 * A packet whose predecessor was given out is given out at once, from where it lies. One that comes after a gap is copied and held until the missing
 * packets come, or the player needs their places (`due`), or there is no room for more. Then `next` gives it with `missing` and `gap`, so that the gap is
 * recovered from it (in-band FEC) or concealed. Numbers are unwrapped, so they are compared as they are.
 *
 * The order of calls: `push`; after READY, or when `due` is true, `next` until it gives false.
 */
export class PacketOrder {
  /** After `next`: the packet to decode is `length` bytes from `at`. Valid until the next `push`. */
  bytes: Uint8Array = empty;
  at = 0;
  length = 0;
  sequence = 0;
  timestamp = 0;
  arrivalMs = 0;
  /** After `next`: how many packets are missing before this one. */
  missing = 0;
  /** After `next`: how long they were, in samples (timestamp units). A pause of the sender is not a gap. */
  gap = 0;
  /** Samples (timestamp units) of a packet. Learned from the numbers; whoever decodes may set it, for he knows better. */
  samples = 0;
  /** Packets that were given up. */
  lost = 0;

  #opened = false;
  /** The number that is to be given next. */
  #expected = 0;
  /** Numbers before this one are not awaited any more. */
  #givenUp = 0;
  #skipped = 0;
  #lastTimestamp = 0;
  /** The player needs everything before this time; NaN: he did not say. */
  #due = Number.NaN;
  #stray = -1;
  readonly #given = new ReplayWindow();
  /** What is held: its number by the place, and its bytes. The bytes are made at the first gap; most calls have none for long. */
  readonly #numbers = new Float64Array(SLOTS).fill(Number.NaN);
  readonly #timestamps = new Float64Array(SLOTS);
  readonly #arrivals = new Float64Array(SLOTS);
  readonly #lengths = new Int32Array(SLOTS);
  #room = empty;
  #held = 0;
  /** The packet that was pushed, as long as it is neither given nor copied: its number, or NaN. */
  #fresh = Number.NaN;
  #freshBytes: Uint8Array = empty;
  #freshAt = 0;
  #freshLength = 0;
  #freshTimestamp = 0;
  #freshArrivalMs = 0;

  /** How many packets are held. */
  get held(): number {
    return this.#held;
  }

  /** Another SSRC speaks now. What is held is forgotten; `lost` stays. */
  reset(): void {
    this.#opened = false;
    this.#stray = -1;
    this.#due = Number.NaN;
    this.#fresh = Number.NaN;
    this.#numbers.fill(Number.NaN);
    this.#held = 0;
    this.#skipped = 0;
    this.samples = 0;
    this.#given.restore(-1, nothing);
  }

  /** One packet. After READY call `next` until it gives false. Positional, because it runs for every packet. */
  push(sequence: number, timestamp: number, bytes: Uint8Array, at: number, length: number, arrivalMs: number): number {
    if (length > LONGEST) return TOO_LONG;
    // What was not fetched is passed over: a caller's mistake must not stop the voice.
    while (!Number.isNaN(this.#fresh)) this.next();
    const number = this.#numberOf(sequence, timestamp);
    if (number < 0) return number;
    this.#fresh = number;
    this.#freshBytes = bytes;
    this.#freshAt = at;
    this.#freshLength = length;
    this.#freshTimestamp = timestamp;
    this.#freshArrivalMs = arrivalMs;
    // The place it needs must be free.
    this.#givenUp = Math.max(this.#givenUp, number - SLOTS + 1);
    if (number === this.#expected || this.#isGivenUp()) return READY;
    this.#hold();
    return HELD;
  }

  /** The player needs everything before `timestamp` now. True: something is held for which nothing more is awaited; call `next`. */
  due(timestamp: number): boolean {
    this.#due = timestamp;
    if (this.#held === 0) return false;
    while (this.#isGivenUp()) this.#skip();
    return this.#numbers[this.#expected & (SLOTS - 1)] === this.#expected;
  }

  /** The next packet in order. False: none now. */
  next(): boolean {
    for (;;) {
      if (this.#fresh === this.#expected) return this.#giveFresh();
      if (this.#numbers[this.#expected & (SLOTS - 1)] === this.#expected) return this.#giveHeld();
      if (!this.#isGivenUp()) return this.#hold();
      this.#skip();
    }
  }

  /** The unwrapped number of a packet, or why it is refused. */
  #numberOf(sequence: number, timestamp: number): number {
    if (!this.#opened) this.#open(sequence, timestamp);
    const step = ((sequence - this.#expected) << 16) >> 16;
    if (step >= MAX_DROPOUT || step < -MAX_MISORDER) {
      // Two in a row: the sender began anew without telling us.
      if (sequence !== this.#stray) {
        this.#stray = (sequence + 1) & 0xffff;
        return ASTRAY;
      }
      this.reset();
      this.#open(sequence, timestamp);
      return this.#expected;
    }
    this.#stray = -1;
    const number = this.#expected + step;
    if (step < 0) return this.#given.check(number) === 0 ? LATE : REPEATED;
    return this.#numbers[number & (SLOTS - 1)] === number ? REPEATED : number;
  }

  #open(sequence: number, timestamp: number): void {
    this.#opened = true;
    // One round on, so that no number is negative.
    this.#expected = sequence + 0x10000;
    this.#givenUp = this.#expected;
    this.#lastTimestamp = timestamp;
  }

  /** The one that is expected is not there, and is not awaited any more: there is no room, or its place is needed. */
  #isGivenUp(): boolean {
    const expected = this.#expected;
    if (this.#isHere(expected)) return false;
    if (expected < this.#givenUp) return true;
    if (this.#held === 0 && Number.isNaN(this.#fresh)) return false;
    let first = this.#held === 0 ? this.#fresh : expected + 1;
    // Whatever is held is among the next sixteen.
    while (!this.#isHere(first) && first <= expected + SLOTS) first++;
    const timestamp = first === this.#fresh ? this.#freshTimestamp : this.#timestamps[first & (SLOTS - 1)]!;
    // What is missing was right before what came: if there is a pause too, it is the pause that comes first.
    const place = timestamp - (first - expected) * this.#lengthOf(timestamp, first - expected);
    return ((this.#due - place) | 0) > 0;
  }

  #isHere(number: number): boolean {
    return this.#fresh === number || this.#numbers[number & (SLOTS - 1)] === number;
  }

  /** How long each of so many missing packets before this time was. */
  #lengthOf(timestamp: number, missing: number): number {
    if (this.samples > 0) return this.samples;
    return Math.max(0, Math.floor(((timestamp - this.#lastTimestamp) | 0) / (this.#skipped + missing + 1)));
  }

  #skip(): void {
    this.#expected++;
    this.#skipped++;
    this.lost++;
  }

  #giveFresh(): true {
    this.bytes = this.#freshBytes;
    this.at = this.#freshAt;
    this.length = this.#freshLength;
    this.arrivalMs = this.#freshArrivalMs;
    this.#fresh = Number.NaN;
    return this.#give(this.#freshTimestamp);
  }

  #giveHeld(): true {
    const slot = this.#expected & (SLOTS - 1);
    this.bytes = this.#room;
    this.at = slot * LONGEST;
    this.length = this.#lengths[slot]!;
    this.arrivalMs = this.#arrivals[slot]!;
    this.#numbers[slot] = Number.NaN;
    this.#held--;
    return this.#give(this.#timestamps[slot]!);
  }

  #give(timestamp: number): true {
    const step = (timestamp - this.#lastTimestamp) | 0;
    const each = this.#lengthOf(timestamp, 0);
    this.sequence = this.#expected & 0xffff;
    this.timestamp = timestamp;
    this.missing = this.#skipped;
    // What is longer than the missing packets can have been is a pause.
    this.gap = Math.max(0, Math.min(step - each, this.#skipped * each));
    if (this.#skipped === 0 && step > 0 && (this.samples === 0 || step < this.samples)) this.samples = step;
    this.#given.add(this.#expected);
    this.#lastTimestamp = timestamp;
    this.#skipped = 0;
    this.#expected++;
    return true;
  }

  /** Copies what was pushed, for it must wait. */
  #hold(): false {
    const number = this.#fresh;
    if (Number.isNaN(number)) return false;
    if (this.#room.length === 0) this.#room = new Uint8Array(SLOTS * LONGEST);
    const slot = number & (SLOTS - 1);
    const to = slot * LONGEST;
    for (let i = 0; i < this.#freshLength; i++) this.#room[to + i] = this.#freshBytes[this.#freshAt + i]!;
    this.#numbers[slot] = number;
    this.#timestamps[slot] = this.#freshTimestamp;
    this.#arrivals[slot] = this.#freshArrivalMs;
    this.#lengths[slot] = this.#freshLength;
    this.#held++;
    this.#fresh = Number.NaN;
    return false;
  }
}
