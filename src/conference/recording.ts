import type { Brand } from '../base/index.ts';
import type { CallId } from './ids.ts';

/** 32 hex digits. */
export type RecordingId = Brand<'RecordingId'>;

/** A recording that is being made in a room; at most one at a time. What has become of one that was ended is the archive's. */
export interface Recording {
  readonly id: RecordingId;
  /** What somebody called it. */
  readonly name?: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly state: 'running' | 'paused';
  /** One aligned track per participant beside the mix. */
  readonly stems: boolean;
  readonly format: 'wav' | 'ogg';
  /** Seconds of sound after which the recorder ends it by itself; absent: none. */
  readonly maxSeconds?: number;
  /** Also the time in which nobody is there is written. */
  readonly silence: boolean;
  /** A flow that is started once its files are stored, by 32 hex digits; absent: none. */
  readonly onEnd?: string;
  /** Seconds in which nobody talks, after which the recorder ends it by itself; absent: none. */
  readonly maxSilence?: number;
  /** Not a room but this call, wherever it is: what it says and what it hears. */
  readonly call?: CallId;
}

/** What has become of a recording, once all of it is written. */
export interface RecordingOutcome {
  readonly state: 'finished' | 'failed';
  /** Seconds of sound in the mix. */
  readonly seconds: number;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** For people: why it failed, or what was repaired. */
  readonly words?: string;
}
