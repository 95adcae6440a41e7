import { takeDoubles } from '../base/index.ts';

/** Arrivals are kept by blocks of so many packets, of each only the outermost: little memory is touched, and little is searched. */
const BLOCK = 16;
/** So many blocks count at most, and one more is being filled. */
const BLOCKS = 17;
/** How far back the window looks, ms. What is older has no say in the delay. */
const LOOK_BACK = 4000;
/** One packet in this many may come too late before the delay grows. */
const ONE_IN = 100;
/** The latest three of a block (of 256 packets two may be left out) and its earliest. */
const TOP = 3;
const KEPT = TOP + 1;
const NEVER = Number.NEGATIVE_INFINITY;
/** The latest of all rows, while they are looked for. */
const top = new Float64Array(TOP);

/**
 * The last seconds of arrivals. Each is one number: when the packet came, less its place in the sender's time, both in ms.
 * Only differences between these numbers mean anything.
 */
export class ArrivalWindow {
  /** Row by row for each block, from `#from` on: latest, second, third, earliest. */
  readonly #rows: Float64Array;
  readonly #from: number;
  /** The row that is being filled, and what is in it. */
  #row = 0;
  #filled = 0;
  /** Whole rows that count now, and may count. */
  #whole = 0;
  #wanted = BLOCKS - 1;

  constructor() {
    const { cells, from } = takeDoubles(BLOCKS * KEPT);
    this.#rows = cells;
    this.#from = from;
  }

  /** How many arrivals count now. */
  get count(): number {
    return this.#whole * BLOCK + this.#filled;
  }

  /** `packetMs`: how much sound this packet carried. */
  add(entry: number, packetMs: number): void {
    const rows = this.#rows;
    if (this.#filled === BLOCK) this.#nextRow(packetMs);
    const at = this.#placeOf(this.#row);
    if (this.#filled === 0) {
      rows[at] = entry;
      rows[at + 1] = NEVER;
      rows[at + 2] = NEVER;
      rows[at + TOP] = entry;
    } else {
      if (entry > rows[at + TOP - 1]!) insert(rows, at, entry);
      if (entry < rows[at + TOP]!) rows[at + TOP] = entry;
    }
    this.#filled++;
  }

  /** Touches the row that is being filled. */
  warm(): number {
    return this.#rows[this.#placeOf(this.#row)]!;
  }

  /** The latest arrival, leaving out the one in a hundred that may be late. */
  latest(): number {
    top.fill(NEVER);
    for (let age = this.#filled === 0 ? 1 : 0; age <= this.#whole; age++) {
      const at = this.#placeOf((this.#row - age + BLOCKS) % BLOCKS);
      for (let place = at; place < at + TOP && this.#rows[place]! > top[TOP - 1]!; place++) insert(top, 0, this.#rows[place]!);
    }
    return top[Math.floor(this.count / ONE_IN)]!;
  }

  /** The earliest arrival. */
  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let age = this.#filled === 0 ? 1 : 0; age <= this.#whole; age++) {
      const entry = this.#rows[this.#placeOf((this.#row - age + BLOCKS) % BLOCKS) + TOP]!;
      if (entry < earliest) earliest = entry;
    }
    return earliest;
  }

  clear(): void {
    this.#filled = 0;
    this.#whole = 0;
  }

  #placeOf(row: number): number {
    return this.#from + row * KEPT;
  }

  #nextRow(packetMs: number): void {
    this.#wanted = Math.max(1, Math.min(BLOCKS - 1, Math.floor(LOOK_BACK / packetMs / BLOCK)));
    this.#whole = Math.min(this.#whole + 1, this.#wanted);
    this.#row = (this.#row + 1) % BLOCKS;
    this.#filled = 0;
  }
}

/** Puts a number that is above the last of `TOP` into its place among them. */
function insert(rows: Float64Array, at: number, entry: number): void {
  let place = at + TOP - 1;
  for (; place > at && entry > rows[place - 1]!; place--) rows[place] = rows[place - 1]!;
  rows[place] = entry;
}
