import { type Alarm, type Clock, Failure, type Log } from '../base/index.ts';

/** Waits between tries, in ms: doubled each time. */
const FIRST_WAIT = 100;
const LONGEST_WAIT = 30_000;

/** Does again, later, what the domain could not do now; a judgement of the domain, such as not-found, is final. */
export class Insistence {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #pauses = new Map<Alarm, () => void>();
  #closed = false;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the work succeeded; rejects when it was judged, or failed after `close`. */
  async until(work: () => Promise<unknown>): Promise<void> {
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        await work();
        return;
      } catch (error) {
        const judged = error instanceof Failure && error.kind !== 'unavailable';
        if (judged || this.#closed) throw error;
        this.#log.warn('tried in vain, trying again', { error, wait });
        await this.#pause(wait);
        // Nothing is tried after the end: the next start finds the call in its record.
        if (this.#closed) throw error;
      }
    }
  }

  /** Ends every pause. */
  close(): void {
    this.#closed = true;
    for (const [alarm, resolve] of this.#pauses) {
      alarm.cancel();
      resolve();
    }
    this.#pauses.clear();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const alarm = this.#clock.wake(this.#clock.now() + ms, () => {
        this.#pauses.delete(alarm);
        resolve();
      });
      this.#pauses.set(alarm, resolve);
    });
  }
}
