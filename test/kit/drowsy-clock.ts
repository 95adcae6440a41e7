import type { Alarm, Clock } from '../../src/base/index.ts';
import { FakeClock } from './fake-clock.ts';
import { SeededChance } from './seeded-chance.ts';

/** A clock that counts its alarms, rings them a little late, as a busy machine does, and can oversleep, as a thread does that gets no processor. */
export class DrowsyClock implements Clock {
  readonly fake = new FakeClock();
  rung = 0;
  readonly #chance = new SeededChance(77);
  readonly #most: number;
  #asleepUntil = 0;

  /** `most`: how many ms late an alarm may ring. */
  constructor(most = 0) {
    this.#most = most;
  }

  now(): number {
    return this.fake.now();
  }

  epoch(): number {
    return this.fake.epoch();
  }

  wake(at: number, fn: () => void): Alarm {
    return this.fake.wake(Math.max(at + this.#most * this.#chance.next(), this.#asleepUntil), () => {
      this.rung += 1;
      fn();
    });
  }

  /** Alarms that are set from now on ring no sooner than in so many ms. */
  oversleep(ms: number): void {
    this.#asleepUntil = this.now() + ms;
  }
}
