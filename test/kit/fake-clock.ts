import type { Alarm, Clock } from '../../src/base/index.ts';

/** A clock that moves only when told to, and rings alarms in order on the way. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #start: number;
  readonly #alarms = new Set<{ at: number; fn: () => void }>();

  /** `epoch` is what people's watches show at the start, in ms since 1970. */
  constructor(epoch = 1_700_000_000_000) {
    this.#start = epoch;
  }

  now(): number {
    return this.#now;
  }

  epoch(): number {
    return this.#start + this.#now;
  }

  /** Alarms still waiting: zero after a clean close. */
  get armed(): number {
    return this.#alarms.size;
  }

  wake(at: number, fn: () => void): Alarm {
    const alarm = { at, fn };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#alarms].filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#alarms.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    this.#now = end;
  }
}
