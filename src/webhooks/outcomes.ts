import type { Alarm, Clock } from '../base/index.ts';
import type { WebhookStore } from './ports.ts';
import type { Delivery } from './webhook.ts';

/** ms for which an outcome may wait for others. */
const PATIENCE = 20;
/** So many do not wait for more. */
const TOGETHER = 64;

interface Waiting {
  readonly delivery: Delivery;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What came of messages, on its way into the store: many share a commit, because waiting for the disk takes longer than sending does. */
export class Outcomes {
  readonly #clock: Clock;
  readonly #store: Pick<WebhookStore, 'update'>;
  #waiting: Waiting[] = [];
  readonly #storing = new Set<Promise<void>>();
  #alarm: Alarm | undefined;

  constructor(clock: Clock, store: Pick<WebhookStore, 'update'>) {
    this.#clock = clock;
    this.#store = store;
  }

  /** Resolves when it is durable. It may wait for others until `flush`, or for a moment. */
  keep(delivery: Delivery): Promise<void> {
    const kept = new Promise<void>((done, failed) => {
      this.#waiting.push({ delivery, done, failed });
    });
    if (this.#waiting.length >= TOGETHER) this.flush();
    else this.#alarm ??= this.#clock.wake(this.#clock.now() + PATIENCE, () => this.flush());
    return kept;
  }

  /** Begins to store all that waits. */
  flush(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { delivery, done, failed } of waiting) {
      const stored = this.#store
        .update(delivery)
        .then(done, failed)
        .finally(() => this.#storing.delete(stored));
      this.#storing.add(stored);
    }
  }

  /** Nothing waits and nothing is on its way. Never rejects. */
  async settle(): Promise<void> {
    this.flush();
    await Promise.all(this.#storing);
  }
}
