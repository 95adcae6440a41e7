import { Worker } from 'node:worker_threads';
import type { RecorderOrder, RecorderReport } from './messages.ts';

/** The worker that writes, as the recorder sees it. */
export interface RecorderThread {
  post(order: RecorderOrder): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** What it tells; after `onExit` it tells nothing more. */
export interface RecorderThreadEvents {
  readonly onReport: (report: RecorderReport) => void;
  readonly onExit: (reason: string) => void;
}

/** Starts a worker that writes. */
export type StartRecorderThread = (settings: { readonly patience: number }, events: RecorderThreadEvents) => RecorderThread;

/** A worker of this process. */
export const workerRecorder: StartRecorderThread = (workerData, { onReport, onExit }) => {
  const worker = new Worker(new URL('./writing/main.ts', import.meta.url), { workerData, name: 'parley-recorder' });
  let reason = 'it ended';
  worker.on('message', onReport);
  worker.on('error', (error) => {
    reason = error instanceof Error ? error.message : String(error);
  });
  worker.once('exit', () => onExit(reason));
  return { post: (order) => worker.postMessage(order), kill: () => void worker.terminate() };
};
