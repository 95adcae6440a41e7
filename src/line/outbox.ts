import { type Alarm, type Chance, type Clock, dashed, type Log, newId } from '../base/index.ts';
import type { LineApi } from './line-api.ts';

/** What an outbox needs. */
export interface OutboxOptions {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  readonly api: LineApi;
  readonly token: string;
  /** The chat, as LINE names it. */
  readonly to: string;
}

/** Texts that wait above which the oldest are dropped; texts of one message (LINE Messaging API, push). */
const MOST = 200;
const AT_ONCE = 5;
/** ms before it is tried again. */
const AGAIN = [1_000, 2_000, 4_000, 8_000, 16_000];

/** What is on its way to one chat: in order, each once, tried again where LINE is out of order. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting: string[] = [];
  #isSending = false;
  #isClosed = false;
  #alarm: Alarm | undefined;
  #dropped = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  say(text: string): void {
    if (this.#isClosed || text === '') return;
    this.#waiting.push(text);
    if (this.#waiting.length > MOST) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    if (!this.#isSending) void this.#next();
  }

  /** What waits is not sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#alarm?.cancel();
  }

  async #next(): Promise<void> {
    this.#isSending = true;
    while (!this.#isClosed && this.#waiting.length > 0) {
      const { clock, chance, log } = this.#options;
      const texts = this.#waiting.splice(0, AT_ONCE);
      const isThere = await this.#send(texts, dashed(newId(chance, clock.epoch())));
      if (!isThere) this.#dropped += texts.length;
      if (this.#dropped > 0) log.warn('texts did not reach a LINE chat', { texts: this.#dropped });
      this.#dropped = 0;
    }
    this.#isSending = false;
  }

  async #send(texts: readonly string[], key: string): Promise<boolean> {
    const { api, token, to } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await api.push(token, { to, texts, key });
      if (outcome !== 'later') return outcome === 'done';
      const wait = AGAIN[attempt];
      if (wait === undefined || this.#isClosed) return false;
      await this.#rest(wait);
    }
  }

  #rest(ms: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      this.#alarm = clock.wake(clock.now() + ms, resolve);
    });
  }
}
