const ROOM = 256;
/** How far back the window looks, ms. What is older has no say in the delay. */
const LOOK_BACK = 4000;
/** One packet in this many may come too late before the delay grows. */
const ONE_IN = 100;

/**
 * The last seconds of arrivals. Each is one number: when the packet came, less its place in the sender's time, both in ms.
 * Only differences between these numbers mean anything.
 */
export class ArrivalWindow {
  readonly #entries = new Float64Array(ROOM);
  readonly #latest = new Float64Array(1 + ROOM / ONE_IN);
  #written = 0;
  #looksBack = ROOM;

  /** How many arrivals count now. */
  get count(): number {
    return Math.min(this.#written, this.#looksBack);
  }

  /** `packetMs`: how much sound this packet carried. */
  add(entry: number, packetMs: number): void {
    this.#looksBack = Math.max(16, Math.min(ROOM, Math.round(LOOK_BACK / packetMs)));
    this.#entries[this.#written % ROOM] = entry;
    // Keeps the number small for ever without losing the place in the ring.
    this.#written = this.#written >= 2 * ROOM - 1 ? ROOM : this.#written + 1;
  }

  /** The latest arrival, leaving out the one in a hundred that may be late. */
  latest(): number {
    const latest = this.#latest;
    const count = this.count;
    const rank = Math.floor(count / ONE_IN);
    latest.fill(Number.NEGATIVE_INFINITY);
    for (let age = 1; age <= count; age++) {
      let entry = this.#entries[(this.#written - age + ROOM) % ROOM]!;
      // Nearly all end here.
      if (entry <= latest[rank]!) continue;
      for (let place = 0; place <= rank; place++) {
        const held = latest[place]!;
        if (entry <= held) continue;
        latest[place] = entry;
        entry = held;
      }
    }
    return latest[rank]!;
  }

  /** The earliest arrival. */
  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let age = 1; age <= this.count; age++) {
      const entry = this.#entries[(this.#written - age + ROOM) % ROOM]!;
      if (entry < earliest) earliest = entry;
    }
    return earliest;
  }

  clear(): void {
    this.#written = 0;
  }
}
