/** Rows of the map. One port may be taken once at every local address; addresses beyond so many share the last row. */
export const ROWS = 4;

/** An inclusive range of ports. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Which RTP ports of a range are taken, for all threads of an engine: one byte for each even port and local address, in shared memory. So no
 * port is kept for a thread that does not need it, and a used-up range is refused without asking the system for every port.
 */
export class PortMap {
  readonly memory: SharedArrayBuffer;
  /** RTP ports of the range, each with the RTCP port above it. */
  readonly places: number;
  readonly #first: number;
  /** Where the search goes on in each row, so that a port just left is the last to be taken again. */
  readonly #next: Int32Array;
  /** 0: free, else the number of its owner and one. */
  readonly #owners: Uint8Array;

  constructor({ from, to }: Range, memory?: SharedArrayBuffer) {
    this.#first = from + (from % 2);
    this.places = Math.max(0, Math.floor((to - this.#first + 1) / 2));
    this.memory = memory ?? new SharedArrayBuffer(ROWS * 4 + ROWS * this.places);
    this.#next = new Int32Array(this.memory, 0, ROWS);
    this.#owners = new Uint8Array(this.memory, ROWS * 4);
  }

  /** Takes the next free port; undefined: there is none. */
  take(row: number, owner: number): number | undefined {
    for (let tried = 0; tried < this.places; tried++) {
      const place = (Atomics.add(this.#next, row, 1) >>> 0) % this.places;
      if (Atomics.compareExchange(this.#owners, row * this.places + place, 0, owner + 1) === 0) return this.#first + 2 * place;
    }
    return undefined;
  }

  /** Takes this port; false: it is taken. A port that is not on the map is nobody's. */
  claim(row: number, port: number, owner: number): boolean {
    const index = this.#index(row, port);
    return index < 0 || Atomics.compareExchange(this.#owners, index, 0, owner + 1) === 0;
  }

  /** Whose this port is; undefined: nobody's. */
  ownerOf(row: number, port: number): number | undefined {
    const index = this.#index(row, port);
    const owner = index < 0 ? 0 : Atomics.load(this.#owners, index);
    return owner === 0 ? undefined : owner - 1;
  }

  /** Takes a port from another owner, who has let go of it. */
  give(row: number, port: number, owner: number): void {
    const index = this.#index(row, port);
    if (index >= 0) Atomics.store(this.#owners, index, owner + 1);
  }

  free(row: number, port: number): void {
    const index = this.#index(row, port);
    if (index >= 0) Atomics.store(this.#owners, index, 0);
  }

  /** Frees everything that a thread had; for when it has died. */
  bury(owner: number): void {
    for (let index = 0; index < this.#owners.length; index++) Atomics.compareExchange(this.#owners, index, owner + 1, 0);
  }

  #index(row: number, port: number): number {
    const place = (port - this.#first) / 2;
    return Number.isInteger(place) && place >= 0 && place < this.places ? row * this.places + place : -1;
  }
}
