/** Lets one after the other work on the same thing, and different things at once. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs when everybody who came before for this name is done. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
