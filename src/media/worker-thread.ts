import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Descriptors } from './thread/descriptors.ts';
import type { Order, Report, ThreadSettings, ThreadStart } from './thread/messages.ts';
import type { Used } from './thread-gauge.ts';

/** MB for short-lived objects. The tick makes hardly any, and little memory used again and again stays in the processor's cache. */
const YOUNG = 4;

/** A media thread as the engine sees it. */
export interface Thread {
  post(order: Order): void;
  /** What the thread has done with its time since it began. */
  used(): Used;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** What a thread tells; after `onExit` it tells nothing more and holds nothing. */
export interface ThreadEvents {
  readonly onReport: (report: Report) => void;
  readonly onError: (reason: string) => void;
  readonly onExit: () => void;
}

/** Starts a media thread. */
export type StartThread = (settings: ThreadSettings, events: ThreadEvents) => Thread;

/** Media threads are workers that run `entry`. */
export const workerThreads =
  (entry: URL): StartThread =>
  (settings, { onReport, onError, onExit }) => {
    const descriptors = new Descriptors();
    const workerData: ThreadStart = { settings, descriptors: descriptors.memory };
    const worker = new Worker(entry, { workerData, name: 'parley-media', resourceLimits: { maxYoungGenerationSizeMb: YOUNG } });
    worker.on('message', onReport);
    worker.on('error', (error) => onError(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.once('exit', () => {
      for (const fd of descriptors.left()) release(fd);
      onExit();
    });
    return {
      post: (order) => worker.postMessage(order, order.do === 'dtls' ? [order.port] : []),
      used: () => worker.performance.eventLoopUtilization(),
      kill: () => void worker.terminate(),
    };
  };

function release(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was closed by whoever died while closing it.
  }
}
