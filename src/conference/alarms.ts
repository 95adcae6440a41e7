import type { AccountId } from '../accounts/index.ts';
import type { Alarm, Clock } from '../base/index.ts';
import type { ConferenceId } from './conference.ts';

/** Longest sleep, ms: the hour may be set forward or back meanwhile, so that one looks at it again. */
const LONGEST = 60_000;
/** ms after which what could not be done, or was not yet due, is tried again. */
const AGAIN = 5_000;

/** What wakes conferences. */
export interface AlarmsOptions {
  readonly clock: Clock;
  /** Its time has come. A rejection counts as "try again". */
  readonly ring: (account: AccountId, conference: ConferenceId) => Promise<unknown>;
}

interface Sleeper {
  readonly account: AccountId;
  readonly id: ConferenceId;
  /** Epoch ms. */
  readonly at: number;
  alarm: Alarm;
}

/** Wakes every conference in which something waits for time; one in which nothing does has no timer. */
export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #sleepers = new Map<string, Sleeper>();
  #isClosed = false;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** How many conferences wait for time. */
  get size(): number {
    return this.#sleepers.size;
  }

  /** From now on it waits for this moment (epoch ms), or for none. */
  set(account: AccountId, id: ConferenceId, at: number | undefined): void {
    const key = `${account}/${id}`;
    const known = this.#sleepers.get(key);
    if (known?.at === at) return;
    known?.alarm.cancel();
    this.#sleepers.delete(key);
    if (at === undefined || this.#isClosed) return;
    const sleeper: Sleeper = { account, id, at, alarm: { cancel: () => {} } };
    this.#sleepers.set(key, sleeper);
    this.#sleep(key, sleeper, 0);
  }

  /** Nobody is woken any more. */
  close(): void {
    this.#isClosed = true;
    for (const { alarm } of this.#sleepers.values()) alarm.cancel();
    this.#sleepers.clear();
  }

  #sleep(key: string, sleeper: Sleeper, least: number): void {
    const { clock } = this.#options;
    const left = Math.min(LONGEST, Math.max(least, sleeper.at - clock.epoch()));
    sleeper.alarm = clock.wake(clock.now() + left, () => this.#wake(key, sleeper));
  }

  #wake(key: string, sleeper: Sleeper): void {
    const { clock, ring } = this.#options;
    if (clock.epoch() < sleeper.at) {
      this.#sleep(key, sleeper, 0);
      return;
    }
    const again = (): void => {
      if (this.#sleepers.get(key) === sleeper) this.#sleep(key, sleeper, AGAIN);
    };
    ring(sleeper.account, sleeper.id).then(again, again);
  }
}
