import { type Alarm, type Clock, Failure, type Log } from '../base/index.ts';
import type { EngineLimits, EngineMetrics, ThreadLoad } from './engine-types.ts';
import { LatenessSum } from './lateness-sum.ts';
import { type Counts, noTotals, type ThreadMetrics, Totals } from './metric-totals.ts';
import type { Effect } from './overload.machine.ts';
import type { Signal, ThreadSettings } from './thread/messages.ts';
import { ThreadGauge } from './thread-gauge.ts';
import { type Ready, ThreadLink } from './thread-link.ts';
import type { StartThread } from './worker-thread.ts';

const SECOND = 1000;
/** Questions in a row without an answer: so many and the thread is told to be stuck, so many more and it is ended. */
const STUCK = 3;
const HOPELESS = 10;
/** Seconds without any leg until nothing is measured any more. */
const REST = 10;
/** ms until a thread that could not even begin is tried again. */
const TRY_AGAIN = 1000;
/** Differences of load smaller than this are not worth a thought. */
const STEP = 0.05;

/** One thread from its start to its end; `thread` is its number, which its successor has too. */
export interface Seat {
  readonly thread: number;
  readonly link: ThreadLink;
  readonly gauge: ThreadGauge;
  hasBegun: boolean;
  /** Seconds that the last question has waited for its answer. */
  unanswered: number;
  isAsked: boolean;
  last: Counts;
}

/** What threads tell the engine. */
export interface ThreadsEvents {
  /** A thread was started; what it is told now it does first. */
  readonly onStart: (link: ThreadLink) => void;
  readonly onSignals: (seat: Seat, signals: readonly Signal[]) => void;
  readonly onApplied: (seat: Seat, room: string, version: number) => void;
  readonly onDeath: (seat: Seat, reason: string) => void;
  readonly onOverload: (thread: number, effect: Effect) => void;
}

/** What threads are made of. */
export interface ThreadsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Threads at most. */
  readonly count: number;
  readonly limits: EngineLimits;
  readonly start: StartThread;
  /** Asked anew for every thread that is started. */
  readonly settings: (thread: number) => ThreadSettings;
  readonly events: ThreadsEvents;
}

/**
 * The media threads. One runs from the beginning, and beyond that one more than have legs: a new room never waits for a thread to start, and
 * a small house on a big machine does not pay for all of them.
 */
export class Threads {
  readonly #options: ThreadsOptions;
  readonly #seats: (Seat | undefined)[];
  readonly #totals = new Totals();
  #watch: Alarm | undefined;
  #quiet = 0;
  #retry: Alarm | undefined;
  #hasWarned = false;
  #closing: Promise<void> | undefined;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.count }, () => undefined);
  }

  /** Starts the first thread; fails when it does not run. */
  async open(): Promise<void> {
    await this.#ask(this.#start(0));
  }

  /** The thread for a new room. Fails with limit/overloaded. */
  choose(): Seat {
    const running = this.#running();
    const ready = running.filter(({ link }) => link.isReady);
    const seats = ready.length > 0 ? ready : running.length > 0 ? running : [this.#start(0)];
    const willing = seats.filter(({ gauge }) => gauge.admits);
    const [first = seats[0]!, ...others] = willing;
    if (willing.length === 0) throw overloaded(first);
    return others.reduce((best, each) => (isLess(each, best) ? each : best), first);
  }

  /** All that run. */
  links(): ThreadLink[] {
    return this.#running().map(({ link }) => link);
  }

  /** The thread of this number, if it takes legs. */
  willing(thread: number): Seat | undefined {
    const seat = this.#seats[thread];
    return seat?.gauge.admits ? seat : undefined;
  }

  /** A leg is on its way to this thread. */
  arrive(seat: Seat): void {
    seat.gauge.legs += 1;
    this.#startSpare();
    this.#quiet = 0;
    this.#arm();
  }

  leave(seat: Seat): void {
    seat.gauge.legs -= 1;
  }

  loads(): ThreadLoad[] {
    return this.#running().map(({ gauge }) => gauge.load());
  }

  /** Lateness of the last seconds over all threads, p99 in ms. */
  get lateP99Ms(): number {
    const sum = new LatenessSum();
    for (const { gauge } of this.#running()) for (const part of gauge.lateness) sum.add(part);
    return sum.quantile(0.99);
  }

  /** Asks every thread; one that does not answer is taken as it was last. */
  async metrics(): Promise<EngineMetrics> {
    const asking = this.#running().filter(({ unanswered }) => unanswered === 0);
    await Promise.all(asking.map((seat) => this.#ask(seat).catch(() => {})));
    return this.#totals.read(this.#running().map(({ last }) => last));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#watch?.cancel();
    this.#retry?.cancel();
    await Promise.all(
      this.#running().map(({ link, gauge }) => {
        gauge.close();
        return link.close();
      }),
    );
  }

  #running(): Seat[] {
    return this.#seats.filter((seat) => seat !== undefined);
  }

  #start(thread: number): Seat {
    const { clock, limits, start, settings, events } = this.#options;
    const gauge = new ThreadGauge({ thread, limits, clock, onEffect: (effect) => events.onOverload(thread, effect) });
    const link = new ThreadLink(start, settings(thread), {
      clock,
      events: {
        onSignals: (signals) => events.onSignals(seat, signals),
        onApplied: (room, version) => events.onApplied(seat, room, version),
        onReady: (ready) => this.#begin(seat, ready),
        onDeath: (reason) => this.#bury(seat, reason),
      },
    });
    const seat: Seat = { thread, link, gauge, hasBegun: false, unanswered: 0, isAsked: false, last: noTotals() };
    this.#seats[thread] = seat;
    events.onStart(link);
    return seat;
  }

  #startSpare(): void {
    const free = this.#seats.indexOf(undefined);
    if (free >= 0 && this.#retry === undefined && this.#running().every(({ gauge }) => gauge.legs > 0)) this.#start(free);
  }

  #begin(seat: Seat, { sockets, opus, reason }: Ready): void {
    seat.hasBegun = true;
    const { log } = this.#options;
    log.debug('media thread is ready', { thread: seat.thread, sockets, opus });
    if (reason === undefined || this.#hasWarned) return;
    this.#hasWarned = true;
    log.warn('batched sockets are not to be had, media takes the slower ones', { sockets, reason });
  }

  /** The successor is there before anybody hears of the death, so that whoever then opens a leg finds it. */
  #bury(seat: Seat, reason: string): void {
    const { thread, gauge } = seat;
    const { legs } = gauge;
    gauge.close();
    this.#seats[thread] = undefined;
    this.#totals.bury(seat.last);
    if (this.#closing === undefined) {
      if (seat.hasBegun) this.#start(thread);
      else this.#tryAgain(thread);
    }
    this.#options.log.error('a media thread died', { thread, reason, legs });
    if (!gauge.admits) this.#options.events.onOverload(thread, { do: 'end', reason: 'the thread has ended' });
    this.#options.events.onDeath(seat, reason);
  }

  /** What cannot begin would fail as often as it is started; so not at once. */
  #tryAgain(thread: number): void {
    const { clock } = this.#options;
    this.#retry?.cancel();
    this.#retry = clock.wake(clock.now() + TRY_AGAIN, () => {
      this.#retry = undefined;
      if (this.#seats[thread] === undefined) this.#start(thread);
    });
  }

  #arm(): void {
    const { clock } = this.#options;
    if (this.#closing === undefined) this.#watch ??= clock.wake(clock.now() + SECOND, () => this.#measure());
  }

  /** Once a second while there are legs, and a little longer. */
  #measure(): void {
    this.#watch = undefined;
    const seats = this.#running();
    const isQuiet = seats.every(({ gauge }) => gauge.legs === 0 && gauge.admits);
    this.#quiet = isQuiet ? this.#quiet + 1 : 0;
    if (this.#quiet >= REST) {
      for (const { gauge } of seats) gauge.rest();
      return;
    }
    for (const seat of seats) this.#measureOne(seat);
    this.#arm();
  }

  #measureOne(seat: Seat): void {
    if (!seat.link.isReady) return;
    if (seat.isAsked) {
      seat.unanswered += 1;
      if (seat.unanswered >= STUCK) seat.gauge.stalled(seat.unanswered * SECOND);
      if (seat.unanswered === HOPELESS) seat.link.kill(`it has not answered for ${HOPELESS} s`);
      return;
    }
    seat.isAsked = true;
    this.#ask(seat).then(
      () => {
        seat.isAsked = false;
        seat.unanswered = 0;
        seat.gauge.second(seat.link.used());
      },
      // Its death is told where it is buried.
      () => {},
    );
  }

  async #ask(seat: Seat): Promise<void> {
    const { tickLateness, ...counts } = (await seat.link.ask({ do: 'metrics' })) as ThreadMetrics;
    seat.last = counts;
    seat.gauge.count(tickLateness);
    this.#totals.late(tickLateness);
  }
}

/** Less is expected to be to do in the one than in the other; where that is nearly the same, it has fewer legs. */
function isLess(one: Seat, other: Seat): boolean {
  const steps = Math.floor(one.gauge.expected / STEP) - Math.floor(other.gauge.expected / STEP);
  return steps < 0 || (steps === 0 && one.gauge.legs < other.gauge.legs);
}

/** The refusal of a leg by a thread that has too much to do. */
export const overloaded = ({ thread, gauge }: Seat): Failure =>
  new Failure('limit', 'overloaded', gauge.load().reason ?? `media thread ${thread} is overloaded`);
