import { type Clock, Failure, type Log } from '../base/index.ts';
import type { Journal, Signal } from '../conference/index.ts';
import type { Following, FollowOptions, Item } from './bus-types.ts';
import type { Members } from './members.ts';
import { Patience } from './patience.ts';
import { type Page, Reader } from './reader.ts';
import { PAGE, type Tail } from './tail.ts';

/** Live entries that are kept while the last stretch is read. */
const COLLECTED = 10_000;

/** What a follower needs from the bus. */
export interface FollowerNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly tail: Tail;
  readonly members: Members;
  /** The newest pair of signals. */
  readonly pairs: () => number;
  /** A read of the journal has failed. */
  readonly failed: () => void;
  /** It follows no more. */
  readonly gone: (follower: Follower) => void;
}

/** One who follows: first what lies between, then live. */
export class Follower implements Following {
  readonly #options: FollowOptions;
  readonly #needs: FollowerNeeds;
  readonly #reader: Reader;
  readonly #patience: Patience;
  #closed = false;
  /** Only pairs of signals with a higher number began while this one was live. */
  #since = Number.POSITIVE_INFINITY;

  constructor(options: FollowOptions, needs: FollowerNeeds) {
    this.#options = options;
    this.#needs = needs;
    this.#patience = new Patience(needs.clock, 100, 5000);
    const { account, conference, after } = options;
    this.#reader = new Reader({
      ...needs,
      of: { ...(account !== undefined && { account }), ...(conference !== undefined && { conference }) },
      after: after ?? needs.tail.position,
      page: PAGE,
      bound: COLLECTED,
      heard: (signal, pair) => this.#hear(signal, pair),
    });
  }

  /** Replays, then lets live items through. */
  async run(): Promise<void> {
    // Whoever waits for `follow` has what closes it before the first item comes.
    for (let hops = 0; hops < 8; hops++) await undefined;
    while (!this.#closed && !this.#reader.live) {
      await this.#options.pace?.();
      if (!this.#closed) await this.#page();
    }
    if (this.#closed) return;
    this.#since = this.#options.signals === false ? Number.POSITIVE_INFINITY : this.#needs.pairs();
    this.#guarded(() => this.#options.caughtUp?.(this.#reader.position));
    if (!this.#closed) this.#reader.flow((entry) => this.#take({ kind: 'fact', entry }));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.close();
    this.#patience.stop();
    this.#needs.gone(this);
  }

  async #page(): Promise<void> {
    const { clock, log, failed } = this.#needs;
    const after = this.#reader.position;
    let page: Page;
    try {
      page = await this.#reader.page();
    } catch (error) {
      failed();
      log.debug('a page of the journal cannot be read for a follower', { error });
      return this.#patience.wait();
    }
    this.#patience.done();
    if (page.forgotten > after) return this.#end(forgotten(after));
    for (const entry of page.entries) this.#take({ kind: 'fact', entry });
    if (page.entries.length >= PAGE) await breath(clock);
  }

  #hear(signal: Signal, pair: number): void {
    if (pair > this.#since) this.#take({ kind: 'signal', signal });
  }

  #take(item: Item): void {
    if (!this.#closed) this.#guarded(() => this.#options.take(item));
  }

  #guarded(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#needs.log.error('a follower threw and is closed', { error });
      this.#end(undefined);
    }
  }

  #end(why: Failure | undefined): void {
    if (this.#closed) return;
    this.close();
    try {
      this.#options.ended?.(why);
    } catch (error) {
      this.#needs.log.error('a follower threw when it was told of its end', { error });
    }
  }
}

/** The refusal of a position that retention has overtaken. */
export const forgotten = (after: number): Failure =>
  new Failure('not-found', 'position_forgotten', 'What followed this position has been forgotten; begin with the present state.', {
    details: { after },
  });

/** Lets others run between two pages of a long replay. */
const breath = (clock: Clock): Promise<void> => new Promise((resolve) => void clock.wake(clock.now(), resolve));
