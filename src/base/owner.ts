/** Something that holds a resource. `close` is idempotent, returns the same promise, and resolves when nothing of it is left. */
export interface Closable {
  close(): Promise<void>;
}

/** Closes what it owns, last opened first, and collects errors. Whoever opens something owns it or hands it to an Owner. */
export class Owner implements Closable {
  readonly #owned: Closable[] = [];
  #closing: Promise<void> | undefined;

  own<T extends Closable>(child: T): T {
    this.#owned.push(child);
    return child;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const child of this.#owned.reverse()) {
      await child.close().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, 'some resources did not close');
  }
}
