import type { Signal, Silence, ThreadSettings } from './messages.ts';
import type { Destination } from './socket-port.ts';

/** What kept a packet from being heard. */
export type Refusal = Exclude<Silence['why'], 'nothing-came'>;

/** Why nothing of a far end can be heard: remembers what came instead, and tells it once. */
export class SilenceDiary {
  readonly #silentAfter: number;
  #since: number;
  /** Something was heard, or it was told that nothing is. */
  #isDone = false;
  #why: Refusal | null = null;
  #from: Destination | null = null;
  #count = 0;
  #payloadType = 0;

  constructor(now: number, { silentAfterMs }: Pick<ThreadSettings, 'silentAfterMs'>) {
    this.#since = now;
    this.#silentAfter = silentAfterMs;
  }

  /** Nobody needs to know any more. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Something new was agreed on: from now on sound is expected. */
  begin(now: number): void {
    this.#since = now;
    this.#isDone = false;
    this.#why = null;
    this.#count = 0;
  }

  heard(): void {
    this.#isDone = true;
  }

  /** A packet could not be taken. `from` is called for the first one only. */
  refused(why: Refusal, from: () => Destination, payloadType: number): void {
    if (this.#isDone) return;
    if (this.#why !== why) {
      this.#why = why;
      this.#from = from();
      this.#count = 0;
    }
    this.#count += 1;
    this.#payloadType = payloadType;
  }

  /** Tells it when it is time. */
  look(leg: string, now: number, signals: Signal[]): void {
    const silentMs = now - this.#since;
    if (this.#isDone || silentMs < this.#silentAfter) return;
    this.#isDone = true;
    signals.push({ type: 'media-silent', leg, silentMs: Math.round(silentMs), ...this.#silence() });
  }

  #silence(): Silence {
    if (this.#why === null || this.#from === null) return { why: 'nothing-came' };
    const from = { address: this.#from.address, port: this.#from.port };
    if (this.#why === 'wrong-payload-type') return { why: this.#why, from, count: this.#count, payloadType: this.#payloadType };
    return { why: this.#why, from, count: this.#count };
  }
}
