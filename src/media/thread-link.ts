import { type Alarm, type Clock, Failure } from '../base/index.ts';
import type { Order, Report, Signal, ThreadSettings } from './thread/messages.ts';
import type { Used } from './thread-gauge.ts';
import type { StartThread, Thread } from './worker-thread.ts';

type Asking<T> = T extends { readonly ask: number } ? Omit<T, 'ask'> : never;
/** An order that has an answer. */
export type Question = Asking<Order>;
/** An order that has none. */
export type Command = Exclude<Order, { readonly ask: number }>;

/** What a thread has that is ready. */
export type Ready = Extract<Report, { readonly say: 'ready' }>;

/** What a link tells its owner. */
export interface LinkEvents {
  readonly onSignals: (signals: readonly Signal[]) => void;
  readonly onApplied: (room: string, version: number) => void;
  readonly onReady: (ready: Ready) => void;
  /** Once, when the thread ended without having been told to. */
  readonly onDeath: (reason: string) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Failure) => void;
  /** For orders that are given a few at a time: when it was given. */
  sentAt: number | undefined;
}

/**
 * Opening and ending a leg take sockets and packets, a few hundredths of a ms each. A thread is given only so many at once, about a ms of work:
 * it ticks between them, and thousands of calls that end together make no tick late.
 */
const AT_ONCE = 32;
/**
 * A thread that answers later than this, in ms, has too much to do and takes orders only between long bursts of ticks. To be rid of its legs
 * soon helps it more than small portions, so these grow, up to so many.
 */
const SLOW = 50;
const MOST_AT_ONCE = 512;
/** A thread that has not ended so long after it was told to, in ms, is stopped where it is. */
const LAST_WAIT = 1500;

/** The leg that an order is about, for orders that must not overtake each other. */
const legOf = (order: Order): string | undefined =>
  order.do === 'open' ? order.leg.leg : 'leg' in order && typeof order.leg === 'string' ? order.leg : undefined;
const isHeavy = (order: Order): boolean => order.do === 'open' || order.do === 'end';

/** The near end of one media thread: orders go in, answers and signals come out. */
export class ThreadLink {
  readonly #thread: Thread;
  readonly #events: LinkEvents;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  /** Orders that wait until the thread has done others. */
  readonly #queue: Order[] = [];
  readonly #exited = Promise.withResolvers<void>();
  /** Heavy orders that the thread has not answered, and how many it may have. */
  #heavy = 0;
  #atOnce = AT_ONCE;
  #asks = 0;
  #closing = false;
  #gone = false;
  #ready = false;
  #reason = 'the thread ended';
  #killed: string | undefined;
  #lastWait: Alarm | undefined;

  constructor(start: StartThread, settings: ThreadSettings, { clock, events }: { clock: Clock; events: LinkEvents }) {
    this.#events = events;
    this.#clock = clock;
    this.#thread = start(settings, {
      onReport: (report) => this.#hear(report),
      onError: (reason) => {
        this.#reason = reason;
      },
      onExit: () => this.#leave(),
    });
  }

  /** The thread has said that it runs, and has not ended. */
  get isReady(): boolean {
    return this.#ready && !this.#gone && !this.#closing;
  }

  used(): Used {
    return this.#gone ? { active: 0, idle: 0 } : this.#thread.used();
  }

  tell(command: Command): void {
    if (!this.#gone && !this.#closing) this.#send(command);
  }

  ask(question: Question): Promise<unknown> {
    if (this.#gone || this.#closing) return Promise.reject(this.#failure());
    const ask = ++this.#asks;
    const order = { ...question, ask } as Order;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject, sentAt: undefined });
      this.#send(order);
    });
  }

  /** Resolves when the thread has exited. */
  close(): Promise<void> {
    if (!this.#closing && !this.#gone) {
      this.#queue.length = 0;
      this.#thread.post({ do: 'close' });
      this.#lastWait = this.#clock.wake(this.#clock.now() + LAST_WAIT, () => this.kill('it did not close'));
    }
    this.#closing = true;
    return this.#exited.promise;
  }

  /** Ends the thread whatever it does; its death is told like any other. */
  kill(reason: string): void {
    if (this.#gone) return;
    this.#killed = reason;
    this.#thread.kill();
  }

  /** What the same leg was told must arrive in the same order; other orders need not wait for the queue. */
  #send(order: Order): void {
    const leg = legOf(order);
    const mustWait = isHeavy(order)
      ? this.#heavy >= this.#atOnce || this.#queue.length > 0
      : leg !== undefined && this.#queue.some((each) => legOf(each) === leg);
    if (mustWait) this.#queue.push(order);
    else this.#post(order);
  }

  #post(order: Order): void {
    if (isHeavy(order) && 'ask' in order) {
      this.#heavy += 1;
      const waiting = this.#waiting.get(order.ask);
      if (waiting !== undefined) waiting.sentAt = this.#clock.now();
    }
    this.#thread.post(order);
  }

  #hear(report: Report): void {
    if (this.#gone) return;
    if (report.say === 'signals') this.#events.onSignals(report.signals);
    else if (report.say === 'applied') this.#events.onApplied(report.room, report.version);
    else if (report.say === 'ready') this.#begin(report);
    else this.#settle(report);
  }

  #begin(ready: Ready): void {
    this.#ready = true;
    this.#events.onReady(ready);
  }

  #settle(report: Extract<Report, { readonly ask: number }>): void {
    const waiting = this.#waiting.get(report.ask);
    if (waiting === undefined) return;
    this.#waiting.delete(report.ask);
    if (waiting.sentAt !== undefined) this.#next(this.#clock.now() - waiting.sentAt);
    if (report.say === 'answer') waiting.resolve(report.value);
    else waiting.reject(new Failure(report.kind, report.code, report.message));
  }

  /** A heavy order took so long, ms: the next may come. */
  #next(took: number): void {
    this.#heavy -= 1;
    this.#atOnce = took > SLOW ? Math.min(MOST_AT_ONCE, this.#atOnce + 1) : Math.max(AT_ONCE, this.#atOnce - 1);
    for (let order = this.#queue[0]; order !== undefined; order = this.#queue[0]) {
      if (isHeavy(order) && this.#heavy >= this.#atOnce) return;
      this.#queue.shift();
      this.#post(order);
    }
  }

  #failure(): Failure {
    return this.#closing
      ? new Failure('unavailable', 'closed', 'the media engine is closed')
      : new Failure('unavailable', 'thread_died', 'the media thread has ended');
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#lastWait?.cancel();
    this.#queue.length = 0;
    const failure = this.#failure();
    for (const { reject } of this.#waiting.values()) reject(failure);
    this.#waiting.clear();
    this.#exited.resolve();
    if (!this.#closing) this.#events.onDeath(this.#killed ?? this.#reason);
  }
}
