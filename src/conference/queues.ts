const nothing = (): void => {};

/** Runs work one at a time per key, in the order it was given. A queue exists only while something is in it. */
export class Queues {
  readonly #tails = new Map<string, Promise<void>>();
  #depth = 0;

  /** How much work waits or runs, over all keys. */
  get depth(): number {
    return this.#depth;
  }

  /** How many keys have work. */
  get size(): number {
    return this.#tails.size;
  }

  /** Runs `work` when everything given before under this key has ended, well or badly. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.#depth += 1;
    const job = (this.#tails.get(key) ?? Promise.resolve()).then(async () => {
      try {
        return await work();
      } finally {
        this.#depth -= 1;
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      }
    });
    const tail = job.then(nothing, nothing);
    this.#tails.set(key, tail);
    return job;
  }
}
