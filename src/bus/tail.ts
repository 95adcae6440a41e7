import type { Alarm, Clock, Log } from '../base/index.ts';
import type { Entry, Journal } from '../conference/index.ts';
import { Patience } from './patience.ts';

/** Entries per read of the journal. */
export const PAGE = 500;

/** What the tail reader needs. */
export interface TailOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly pollMs?: number | undefined;
  /** The next entry. Must not throw. */
  readonly entry: (entry: Entry) => void;
  /** What was stored before this read began is told, if `published` gave this before it. */
  readonly drained: (ticket: number) => void;
  /** Asked before each read. */
  readonly published: () => number;
}

/** Reads the end of the journal once for everybody: when it is woken, and what comes while it reads is read together. */
export class Tail {
  /** Everything up to here has been told. Only true once `begin` has resolved. */
  position = 0;
  readErrors = 0;
  readonly #options: TailOptions;
  readonly #patience: Patience;
  #begun: Promise<void> | undefined;
  #running: Promise<void> | undefined;
  #wanted = false;
  #closed = false;
  #poll: Alarm | undefined;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock, 100, 5000);
    this.wake();
    this.#armPoll();
  }

  /** Resolves when the position is known; rejects when the journal cannot be read now. */
  begin(): Promise<void> {
    this.#begun ??= this.#options.journal.last().then(
      (position) => {
        this.position = position;
      },
      (error: unknown) => {
        this.#begun = undefined;
        throw error;
      },
    );
    return this.#begun;
  }

  /** Something was stored. */
  wake(): void {
    this.#wanted = true;
    if (this.#closed) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // Woken between the last look and here.
      if (this.#wanted) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#poll?.cancel();
    this.#patience.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      this.#wanted = false;
      try {
        await this.begin();
        await this.#drain();
        this.#worked();
      } catch (error) {
        await this.#failed(error);
      }
    }
  }

  async #drain(): Promise<void> {
    const { journal, entry, drained, published } = this.#options;
    for (;;) {
      const ticket = published();
      const entries = await journal.read(this.position, PAGE);
      if (this.#closed) return;
      for (const each of entries) {
        this.position = each.position;
        entry(each);
      }
      if (entries.length < PAGE) return drained(ticket);
    }
  }

  #worked(): void {
    if (this.#patience.failures > 0) this.#options.log.info('the journal can be read again');
    this.#patience.done();
  }

  async #failed(error: unknown): Promise<void> {
    this.readErrors += 1;
    if (this.#patience.failures === 0) this.#options.log.error('the journal cannot be read; facts reach nobody until it can', { error });
    this.#wanted = true;
    await this.#patience.wait();
  }

  #armPoll(): void {
    const { clock, pollMs } = this.#options;
    if (pollMs === undefined || this.#closed) return;
    this.#poll = clock.wake(clock.now() + pollMs, () => {
      this.wake();
      this.#armPoll();
    });
  }
}
