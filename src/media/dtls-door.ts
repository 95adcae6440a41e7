import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type Alarm, type Clock, Failure, type Log } from '../base/index.ts';
import type { DtlsStart, Identity } from './dtls/messages.ts';
import type { Fingerprint } from './thread/messages.ts';
import type { ThreadLink } from './thread-link.ts';

const ENTRY = new URL('./dtls/main.ts', import.meta.url);
/** ms until a worker that died before it could begin is tried again. */
const TRY_AGAIN = 1000;

/** The worker of DTLS as the engine sees it. */
export interface DtlsWorker {
  /** One more media thread, at the other end of this way. */
  connect(port: MessagePort): void;
  close(): Promise<unknown>;
}

/** What it tells. */
export interface DtlsWorkerEvents {
  /** It runs, with this identity. */
  readonly onReady: (identity: Identity) => void;
  readonly onExit: (reason: string) => void;
}

/** Starts the worker. */
export type StartDtls = (start: DtlsStart, events: DtlsWorkerEvents) => DtlsWorker;

/** The real one. */
export const dtlsWorker: StartDtls = (workerData, { onReady, onExit }) => {
  const worker = new Worker(ENTRY, { workerData, name: 'parley-dtls' });
  let reason = 'it ended';
  worker.once('message', onReady);
  worker.on('error', (error) => {
    reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  worker.once('exit', () => onExit(reason));
  return { connect: (port) => worker.postMessage(port, [port]), close: () => worker.terminate() };
};

/** What the door needs. */
export interface DtlsDoorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly start: StartDtls;
  /** The media threads that run. */
  readonly links: () => readonly ThreadLink[];
}

/**
 * The engine's end of DTLS: one worker from the first browser on, joined to every media thread. When it dies, those who have keys notice nothing, those in
 * the middle of a handshake are told, and another one goes on with the same certificate.
 */
export class DtlsDoor {
  readonly #options: DtlsDoorOptions;
  #worker: DtlsWorker | undefined;
  #identity: Identity | undefined;
  #isReady = false;
  #waiting = Promise.withResolvers<Fingerprint>();
  #retry: Alarm | undefined;
  #isClosed = false;

  constructor(options: DtlsDoorOptions) {
    this.#options = options;
    this.#waiting.promise.catch(() => {});
  }

  /** The fingerprint of our certificate, once handshakes can be done. Rejects with unavailable/no_dtls. */
  async ready(): Promise<Fingerprint> {
    if (this.#worker === undefined && this.#retry === undefined) this.#start();
    return this.#isReady && this.#identity !== undefined ? this.#identity.fingerprint : await this.#waiting.promise;
  }

  /** A media thread was started. */
  join(link: ThreadLink): void {
    if (!this.#isReady || this.#worker === undefined) return;
    const { port1, port2 } = new MessageChannel();
    this.#worker.connect(port1);
    link.tell({ do: 'dtls', port: port2 });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    this.#waiting.reject(new Failure('unavailable', 'closed', 'the media engine is closed'));
    await this.#worker?.close();
  }

  #start(): void {
    this.#retry = undefined;
    if (this.#isClosed) return;
    const start = this.#identity === undefined ? {} : { identity: this.#identity };
    this.#worker = this.#options.start(start, {
      onReady: (identity) => this.#begin(identity),
      onExit: (reason) => this.#bury(reason),
    });
  }

  #begin(identity: Identity): void {
    this.#identity = identity;
    this.#isReady = true;
    for (const link of this.#options.links()) this.join(link);
    this.#waiting.resolve(identity.fingerprint);
  }

  #bury(reason: string): void {
    const { clock, log } = this.#options;
    const hadBegun = this.#isReady;
    this.#worker = undefined;
    this.#isReady = false;
    if (this.#isClosed) return;
    log.error('the worker of DTLS died', { reason });
    if (!hadBegun)
      this.#waiting.reject(new Failure('unavailable', 'no_dtls', 'browsers cannot be served: the worker of DTLS does not start'));
    this.#waiting = Promise.withResolvers();
    this.#waiting.promise.catch(() => {});
    if (hadBegun) this.#start();
    else this.#retry = clock.wake(clock.now() + TRY_AGAIN, () => this.#start());
  }
}
