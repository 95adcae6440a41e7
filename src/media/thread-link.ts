import { Worker } from 'node:worker_threads';
import { Failure } from '../base/index.ts';
import type { Order, Report, Signal, ThreadSettings } from './thread/messages.ts';

type Asking<T> = T extends { readonly ask: number } ? Omit<T, 'ask'> : never;
/** An order that has an answer. */
export type Question = Asking<Order>;
/** An order that has none. */
export type Command = Exclude<Order, { readonly ask: number }>;

/** What a link tells its owner. */
export interface LinkEvents {
  readonly onSignals: (signals: readonly Signal[]) => void;
  readonly onApplied: (room: string, version: number) => void;
  readonly onReady: (sockets: 'batched' | 'dgram', reason: string | undefined) => void;
  /** Once, when the thread ended without having been told to. */
  readonly onDeath: (reason: string) => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Failure) => void;
}

/** The near end of one media thread: orders go in, answers and signals come out. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #events: LinkEvents;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #asks = 0;
  #closing = false;
  #gone = false;
  #reason = 'the thread ended';

  constructor(entry: URL, settings: ThreadSettings, events: LinkEvents) {
    this.#events = events;
    this.#worker = new Worker(entry, { workerData: settings, name: 'parley-media' });
    this.#worker.on('message', (report: Report) => this.#hear(report));
    this.#worker.on('error', (error) => {
      this.#reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#leave();
        resolve();
      });
    });
  }

  tell(command: Command): void {
    if (!this.#gone) this.#worker.postMessage(command);
  }

  ask(question: Question): Promise<unknown> {
    if (this.#gone) return Promise.reject(new Failure('unavailable', 'thread_died', 'the media thread has ended'));
    const ask = ++this.#asks;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ask, { resolve, reject });
      this.#worker.postMessage({ ...question, ask });
    });
  }

  /** Resolves when the thread has exited. */
  close(): Promise<void> {
    if (!this.#closing) this.tell({ do: 'close' });
    this.#closing = true;
    return this.#exited;
  }

  #hear(report: Report): void {
    if (report.say === 'signals') this.#events.onSignals(report.signals);
    else if (report.say === 'applied') this.#events.onApplied(report.room, report.version);
    else if (report.say === 'ready') this.#events.onReady(report.sockets, report.reason);
    else this.#settle(report);
  }

  #settle(report: Extract<Report, { readonly ask: number }>): void {
    const waiting = this.#waiting.get(report.ask);
    this.#waiting.delete(report.ask);
    if (report.say === 'answer') waiting?.resolve(report.value);
    else waiting?.reject(new Failure(report.kind, report.code, report.message));
  }

  #leave(): void {
    this.#gone = true;
    const failure = this.#closing
      ? new Failure('unavailable', 'closed', 'the media engine is closed')
      : new Failure('unavailable', 'thread_died', 'the media thread has ended');
    for (const { reject } of this.#waiting.values()) reject(failure);
    this.#waiting.clear();
    if (!this.#closing) this.#events.onDeath(this.#reason);
  }
}
