import { type Clock, Runner } from '../base/index.ts';
import type { EngineLimits, ThreadLoad } from './engine-types.ts';
import { LatenessSum } from './lateness-sum.ts';
import { admits, type Effect, type Input, overload, type State } from './overload.machine.ts';
import type { LatenessCounts } from './thread/counters.ts';

/** Seconds that the figures are about. */
const WINDOW = 3;
/** Measured once a second, so three measurements in a row begin it and six end it. */
const PATIENCE = { begin: 2000, end: 5000 };
/** Below this share of a limit is well under it. */
const RELIEF = 0.8;
/** A thread that uses less of its time than this is not late because of its legs, and one leg less would not help it … */
const LITTLE = 0.25;
/** … so its lateness counts only from so many times the limit on. */
const FAR = 5;
/** What a leg costs before it was measured: 250 µs a second, the aim for G.711. */
const LEG_SHARE = 0.000_25;
/** Fewer legs than this and the measured share says more about the machine than about legs. */
const TELLING = 20;

/** How long a thread has worked and waited since it began, ms. */
export interface Used {
  readonly active: number;
  readonly idle: number;
}

const NONE: LatenessCounts = { bins: [], max: 0 };

interface Second {
  readonly busy: number;
  readonly lateness: LatenessCounts;
}

/** How much one thread has to do, second by second, and whether that is too much. */
export class ThreadGauge {
  /** Legs that live there or are on their way. */
  legs = 0;
  readonly #thread: number;
  readonly #limits: Required<Pick<EngineLimits, 'lateMs' | 'busy'>>;
  readonly #runner: Runner<State, Input, Effect>;
  #seconds: readonly Second[] = [];
  #used: Used | undefined;
  #legsThen = 0;
  /** What was counted of the running second, whoever asked for it. */
  #running: LatenessCounts = NONE;

  constructor({
    thread,
    limits,
    clock,
    onEffect,
  }: { thread: number; limits: EngineLimits; clock: Clock; onEffect: (effect: Effect) => void }) {
    this.#thread = thread;
    this.#limits = { lateMs: limits.lateMs ?? 20, busy: limits.busy ?? 0.85 };
    this.#runner = new Runner(overload(PATIENCE), { at: 'admitting' }, clock, onEffect);
  }

  get admits(): boolean {
    return admits(this.#runner.state);
  }

  count({ bins, max }: LatenessCounts): void {
    this.#running = { bins: [...this.#running.bins, ...bins], max: Math.max(this.#running.max, max) };
  }

  /** A second is over. The first call only begins the measurement. */
  second(used: Used): void {
    const before = this.#used;
    this.#used = used;
    const lateness = this.#running;
    this.#running = NONE;
    if (before === undefined) return;
    const active = used.active - before.active;
    const whole = active + used.idle - before.idle;
    const busy = whole > 0 ? Math.min(1, Math.max(0, active / whole)) : 0;
    this.#seconds = [...this.#seconds, { busy, lateness }].slice(-WINDOW);
    this.#legsThen = this.legs;
    this.#judge(busy, p99([lateness]));
  }

  /** The thread has not answered for so long, ms. */
  stalled(ms: number): void {
    this.#runner.feed({ type: 'over', reason: `media thread ${this.#thread} has not answered for ${ms} ms` });
  }

  load(): ThreadLoad {
    const { state } = this.#runner;
    return {
      thread: this.#thread,
      busy: this.busy,
      lateP99Ms: p99(this.lateness),
      legs: this.legs,
      admits: this.admits,
      ...('reason' in state ? { reason: state.reason } : {}),
    };
  }

  get busy(): number {
    return this.#seconds.reduce((sum, { busy }) => sum + busy, 0) / Math.max(1, this.#seconds.length);
  }

  /** The share that will be used once the legs that came or went since the last second are measured too. */
  get expected(): number {
    const each = this.#legsThen < TELLING ? LEG_SHARE : Math.max(LEG_SHARE / 2, this.busy / this.#legsThen);
    return Math.max(0, this.busy + (this.legs - this.#legsThen) * each);
  }

  /** The lateness of the last seconds. */
  get lateness(): readonly LatenessCounts[] {
    return this.#seconds.map(({ lateness }) => lateness);
  }

  /** Nothing was to do for long: what was measured before says nothing any more. */
  rest(): void {
    this.#seconds = [];
    this.#used = undefined;
    this.#running = NONE;
    this.#legsThen = this.legs;
  }

  close(): void {
    this.#runner.close();
  }

  #judge(busy: number, late: number): void {
    const { lateMs, busy: most } = this.#limits;
    const name = `media thread ${this.#thread} is overloaded`;
    const isLate = late > (busy < LITTLE ? FAR * lateMs : lateMs);
    if (isLate) this.#runner.feed({ type: 'over', reason: `${name}: its ticks begin up to ${Math.round(late)} ms late` });
    else if (busy > most) this.#runner.feed({ type: 'over', reason: `${name}: ${Math.round(busy * 100)} % of its time is used` });
    else this.#runner.feed({ type: late <= lateMs * RELIEF && busy <= most * RELIEF ? 'under' : 'between' });
  }
}

const p99 = (parts: readonly LatenessCounts[]): number => {
  const sum = new LatenessSum();
  for (const part of parts) sum.add(part);
  return sum.quantile(0.99);
};
