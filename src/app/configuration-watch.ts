import type { AccountId } from '../accounts/index.ts';
import type { Alarm, Clock, Log } from '../base/index.ts';
import type { ConferenceId, Defaults, Events, Execute, Fact } from '../conference/index.ts';
import { type ConferenceDefaults, tellRoom, tellRooms } from './conference-defaults.ts';

/** What changed configurations are looked for with. */
export interface WatchNeeds {
  readonly clock: Clock;
  readonly log: Log;
  readonly defaults: Pick<ConferenceDefaults, 'of'>;
  readonly execute: Execute;
}

/** ms between two looks: as long as what was read of an account is believed. */
const EVERY = 1000;

/** An account with open rooms. */
interface Watched {
  readonly rooms: Set<ConferenceId>;
  /** Those that have opened since the last look: by what was believed then, which may have been changed already. */
  readonly fresh: Set<ConferenceId>;
  /** What its rooms are mixed by; undefined: nobody has looked yet. */
  defaults?: Defaults;
}

/** Looks whether another server of the same database has changed what accounts with open rooms configure, and tells their rooms. Without open rooms nothing is asked. */
export class ConfigurationWatch {
  readonly #needs: WatchNeeds;
  readonly #watched = new Map<AccountId, Watched>();
  #alarm: Alarm | undefined;
  #looking: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(needs: WatchNeeds) {
    this.#needs = needs;
  }

  /** What conferences publish into. */
  telling(events: Events): Events {
    return {
      publish: (facts) => {
        for (const each of facts) this.#take(each);
        events.publish(facts);
      },
      signal: (signal) => events.signal(signal),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm?.cancel();
    this.#watched.clear();
    await this.#looking;
  }

  #take({ type, account, conference }: Fact): void {
    if (type === 'room.opened') {
      const known = this.#watched.get(account) ?? { rooms: new Set(), fresh: new Set() };
      known.rooms.add(conference);
      known.fresh.add(conference);
      this.#watched.set(account, known);
      this.#arm();
    } else if (type === 'room.closed') {
      const known = this.#watched.get(account);
      known?.rooms.delete(conference);
      known?.fresh.delete(conference);
      if (known?.rooms.size === 0) this.#watched.delete(account);
    }
  }

  #arm(): void {
    if (this.#isClosed || this.#alarm !== undefined || this.#watched.size === 0) return;
    const { clock, log } = this.#needs;
    this.#alarm = clock.wake(clock.now() + EVERY, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => log.warn('nobody can see whether a configuration was changed elsewhere', { error }))
        .finally(() => {
          this.#alarm = undefined;
          this.#arm();
        });
    });
  }

  /** One after the other: a database with much to do is not asked for all at once. */
  async #look(): Promise<void> {
    const { defaults, execute, log } = this.#needs;
    for (const [account, known] of this.#watched) {
      const fresh = [...known.fresh];
      const now = await defaults.of(account);
      if (this.#isClosed) return;
      const isChanged = known.defaults !== undefined && known.defaults !== now;
      known.defaults = now;
      if (isChanged) await tellRooms(account, { execute, log });
      for (const each of fresh) {
        if (!isChanged) await tellRoom(account, each, execute);
        known.fresh.delete(each);
      }
    }
  }
}
