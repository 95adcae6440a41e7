import type { Alarm, Clock } from '../base/index.ts';

/** Waits longer after each failure in a row, up to a limit. */
export class Patience {
  /** Failures in a row. */
  failures = 0;
  readonly #clock: Clock;
  readonly #first: number;
  readonly #longest: number;
  #alarm: Alarm | undefined;
  #over: (() => void) | undefined;
  #stopped = false;

  /** Times in ms; the wait doubles with each failure. */
  constructor(clock: Clock, first: number, longest: number) {
    this.#clock = clock;
    this.#first = first;
    this.#longest = longest;
  }

  /** After a failure: resolves when it is time to try again, or at once when stopped. */
  wait(): Promise<void> {
    const ms = Math.min(this.#longest, this.#first * 2 ** this.failures);
    this.failures += 1;
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#over = resolve;
      this.#alarm = this.#clock.wake(this.#clock.now() + ms, resolve);
    });
  }

  /** It has worked. */
  done(): void {
    this.failures = 0;
  }

  /** Ends the wait that runs, and every later one. */
  stop(): void {
    this.#stopped = true;
    this.#alarm?.cancel();
    this.#over?.();
  }
}
