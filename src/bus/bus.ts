import { type Closable, Failure } from '../base/index.ts';
import type { Entry, Fact, Signal } from '../conference/index.ts';
import type { Bus, BusCounts, BusOptions, Consumer, Following, FollowOptions } from './bus-types.ts';
import { ConsumerRun } from './consumer-run.ts';
import { Follower, forgotten } from './follower.ts';
import { Members } from './members.ts';
import { SignalOrder } from './signal-order.ts';
import { Tail } from './tail.ts';

/** Carries facts and signals in one process; the facts come from the journal. */
export const openBus = (options: BusOptions): Bus => new JournalBus(options);

class JournalBus implements Bus {
  readonly #options: BusOptions;
  readonly #members = new Members();
  readonly #order = new SignalOrder((signal, pair) => this.#members.signal(signal, pair));
  readonly #tail: Tail;
  readonly #followers = new Set<Follower>();
  /** By name; undefined while the cursor is looked up. */
  readonly #consumers = new Map<string, ConsumerRun | undefined>();
  #readErrors = 0;
  #closing: Promise<void> | undefined;

  constructor(options: BusOptions) {
    this.#options = options;
    const { clock, log, journal, pollMs } = options;
    this.#tail = new Tail({
      clock,
      log,
      journal,
      pollMs,
      entry: (entry) => this.#tell(entry),
      published: () => this.#order.ticket,
      drained: (ticket) => this.#order.drained(ticket),
    });
  }

  publish(facts: readonly Fact[]): void {
    if (this.#closing !== undefined) return;
    this.#order.published(facts);
    this.#tail.wake();
  }

  signal(signal: Signal): void {
    if (this.#closing === undefined) this.#order.give(signal);
  }

  async follow(options: FollowOptions): Promise<Following> {
    await this.#begin();
    const { after, account } = options;
    if (after !== undefined) {
      const { journal } = this.#options;
      const [from, to] = [await journal.forgottenTo(account), await journal.last()];
      if (after < from) throw forgotten(after);
      if (after > to)
        throw new Failure('not-found', 'position_unknown', 'No fact has this position yet.', { details: { after, last: to } });
    }
    this.#refuseClosed();
    const follower = new Follower(options, {
      ...this.#options,
      tail: this.#tail,
      members: this.#members,
      pairs: () => this.#order.pairs,
      failed: () => this.#failed(),
      gone: (gone) => void this.#followers.delete(gone),
    });
    this.#followers.add(follower);
    void follower.run();
    return follower;
  }

  async consume(consumer: Consumer): Promise<Closable> {
    const { name } = consumer;
    if (this.#consumers.has(name)) throw new Error(`there is a consumer ${name} already`);
    this.#consumers.set(name, undefined);
    try {
      await this.#begin();
      const begin = await this.#cursor(consumer);
      this.#refuseClosed();
      const run = new ConsumerRun(consumer, begin, {
        ...this.#options,
        tail: this.#tail,
        members: this.#members,
        failed: () => this.#failed(),
      });
      this.#consumers.set(name, run);
      return { close: () => run.close().finally(() => this.#forget(name, run)) };
    } catch (error) {
      this.#consumers.delete(name);
      throw error;
    }
  }

  counts(): BusCounts {
    const runs = [...this.#consumers.values()].filter((each) => each !== undefined);
    return {
      followers: this.#followers.size,
      consumers: runs.map(({ name, cursor, failures }) => ({ name, lag: Math.max(0, this.#tail.position - cursor), failures })),
      readErrors: this.#tail.readErrors + this.#readErrors,
      droppedSignals: this.#order.dropped,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const each of this.#followers) each.close();
    await Promise.all([...this.#consumers.values()].map((each) => each?.close()));
    await this.#tail.close();
  }

  #tell(entry: Entry): void {
    this.#order.before(entry);
    this.#members.entry(entry);
  }

  async #begin(): Promise<void> {
    this.#refuseClosed();
    await this.#tail.begin();
  }

  /** A consumer that was never here gets a cursor at once: after a crash he goes on from there. What is forgotten by then he does not miss. */
  async #cursor({ name, from }: Consumer): Promise<{ cursor: number; forgotten: number }> {
    const { journal } = this.#options;
    const known = await journal.cursor(name);
    if (known !== undefined) return { cursor: known, forgotten: 0 };
    const cursor = from === 'start' ? 0 : await journal.last();
    await journal.moveCursor(name, cursor);
    return { cursor, forgotten: await journal.forgottenTo() };
  }

  #forget(name: string, run: ConsumerRun): void {
    if (this.#consumers.get(name) === run) this.#consumers.delete(name);
  }

  #failed(): void {
    this.#readErrors += 1;
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new Failure('unavailable', 'closed', 'The server is stopping.');
  }
}
