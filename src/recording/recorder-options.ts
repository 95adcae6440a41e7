import type { Clock, Closable, Log } from '../base/index.ts';
import type { Archive, Execute, Recorder, RecordingRecord } from '../conference/index.ts';
import type { Engine } from '../media/index.ts';
import type { StartRecorderThread } from './recorder-thread.ts';

/** What a recorder needs. */
export interface RecorderOptions {
  readonly engine: Pick<Engine, 'tap'>;
  readonly archive: Pick<Archive, 'save' | 'recording' | 'unfinished'>;
  /** The door of the domain: outcomes go in as `recording.ended` and `recording.gapped`, facts come out. */
  readonly execute: Execute;
  /** Where recordings are made and left when they are finished: `folder/account/recording/file`. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of the ring between a room and the worker; default 1 MB with stems, 512 kB without. */
  readonly ringBytes?: number;
  /** How long the disk may refuse before a recording ends, ms. Default 10 s. */
  readonly patienceMs?: number;
  /** All files of a recording are in its folder, and its record says `storing`. */
  readonly onStoring?: (record: RecordingRecord) => void;
  /** For tests. Default: a worker of this process. */
  readonly startThread?: StartRecorderThread;
}

/** The recorder with its life. */
export interface OpenRecorder extends Recorder, Closable {
  /** Once, before any call is let in: finishes what a crash left half made. Resolves when all of it is told, or waits for a disk. */
  repair(): Promise<void>;
  /** Starts the worker before there is anything to write; resolves when it is ready. */
  warm(): Promise<void>;
  /** Recordings that are being written now. */
  readonly running: number;
}
