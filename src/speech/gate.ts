import { Failure } from '../base/index.ts';

/** Lets so many work at once and so many wait, in the order in which they came. */
export class Gate {
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: { readonly go: () => void; readonly refuse: (error: Failure) => void }[] = [];
  #working = 0;
  #isClosed = false;

  constructor({ atOnce, mayWait }: { readonly atOnce: number; readonly mayWait: number }) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  /** Does it when it is its turn. Refuses with limit/speech_busy when too many wait. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw closed();
    if (this.#working >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) throw new Failure('limit', 'speech_busy', 'too much is being spoken at once');
      await new Promise<void>((go, refuse) => this.#waiting.push({ go, refuse }));
    } else this.#working += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#working -= 1;
      else next.go();
    }
  }

  /** Refuses all who wait, and all who come. */
  close(): void {
    this.#isClosed = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(closed());
  }
}

export const closed = (): Failure => new Failure('unavailable', 'closed', 'the server is stopping');
