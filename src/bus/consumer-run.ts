import type { Clock, Closable, Log } from '../base/index.ts';
import type { Entry, Journal } from '../conference/index.ts';
import type { Consumer } from './bus-types.ts';
import type { Members } from './members.ts';
import { Patience } from './patience.ts';
import { type Page, Reader } from './reader.ts';
import type { Tail } from './tail.ts';

const BATCH = 100;
/** Live entries that may wait for a consumer; beyond that he reads the journal again. */
const WAITING = 2000;

/** What a consumer needs from the bus. */
export interface ConsumerNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly tail: Tail;
  readonly members: Members;
  /** A read of the journal, or a move of the cursor, has failed. */
  readonly failed: () => void;
}

/** Gives one consumer every entry at least once, in order, and keeps his cursor. */
export class ConsumerRun implements Closable {
  readonly name: string;
  /** Saved: everything up to here was taken. */
  cursor: number;
  readonly #consumer: Consumer;
  readonly #needs: ConsumerNeeds;
  readonly #batch: number;
  readonly #reader: Reader;
  readonly #patience: Patience;
  readonly #log: Log;
  #closed = false;
  #arrived: (() => void) | undefined;
  /** What is known to be forgotten, so that it is said once. */
  #forgotten: number;
  readonly #running: Promise<void>;

  /** `forgotten`: what retention took before he came. */
  constructor(consumer: Consumer, { cursor, forgotten }: { cursor: number; forgotten: number }, needs: ConsumerNeeds) {
    this.name = consumer.name;
    this.cursor = cursor;
    this.#forgotten = forgotten;
    this.#consumer = consumer;
    this.#needs = needs;
    this.#batch = consumer.batch ?? BATCH;
    this.#log = needs.log.with({ consumer: consumer.name });
    this.#patience = new Patience(needs.clock, 1000, 60_000);
    this.#reader = new Reader({
      ...needs,
      of: {},
      after: cursor,
      page: this.#batch,
      bound: WAITING,
      arrived: () => this.#arrived?.(),
    });
    this.#running = this.#run();
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#patience.failures;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#reader.close();
    this.#patience.stop();
    this.#arrived?.();
    return this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const entries = this.#reader.live ? await this.#waiting() : await this.#page();
      const last = entries.at(-1);
      if (last === undefined || this.#closed) continue;
      if (await this.#insist(() => this.#consumer.take(entries), 'a consumer did not take what is to be delivered; it comes again')) {
        await this.#move(last.position);
      }
    }
  }

  /** Live entries, as soon as there are any. */
  async #waiting(): Promise<readonly Entry[]> {
    const entries = this.#reader.fetch(this.#batch);
    if (entries.length > 0) return entries;
    await new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    return [];
  }

  async #page(): Promise<readonly Entry[]> {
    const after = this.#reader.position;
    let page: Page = { entries: [], forgotten: 0 };
    const read = async (): Promise<void> => {
      page = await this.#reader.page();
    };
    await this.#insist(read, 'the journal cannot be read for a consumer', this.#needs.failed);
    this.#lament(after, page.forgotten);
    return page.entries;
  }

  #lament(after: number, forgotten: number): void {
    if (forgotten <= Math.max(after, this.#forgotten)) return;
    this.#forgotten = forgotten;
    this.#log.error('retention has forgotten facts that a consumer had not taken', { after, forgotten });
  }

  async #move(position: number): Promise<void> {
    const move = async (): Promise<void> => {
      await this.#needs.journal.moveCursor(this.name, position);
      this.cursor = position;
    };
    await this.#insist(move, 'the cursor of a consumer cannot be moved', this.#needs.failed);
  }

  /** Does it until it works; false when closed before. */
  async #insist(act: () => Promise<void>, complaint: string, failed: () => void = () => {}): Promise<boolean> {
    for (;;) {
      try {
        await act();
        if (this.#patience.failures > 0) this.#log.info('a consumer goes on', { failures: this.#patience.failures });
        this.#patience.done();
        return true;
      } catch (error) {
        failed();
        this.#log.warn(complaint, { error, failures: this.#patience.failures + 1, after: this.cursor });
        await this.#patience.wait();
        if (this.#closed) return false;
      }
    }
  }
}
