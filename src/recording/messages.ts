import type { RecordingEnd } from '../conference/index.ts';
import type { Head, Present } from './journal.ts';
import type { Finished } from './writing/finish.ts';

/** What the recorder's worker is told. Times are epoch ms. */
export type RecorderOrder =
  | { readonly do: 'start'; readonly folder: string; readonly head: Head }
  | {
      readonly do: 'present';
      readonly id: string;
      readonly people: readonly Present[];
      readonly sequence: number;
      readonly notice: boolean;
    }
  | { readonly do: 'listen'; readonly id: string; readonly memory: SharedArrayBuffer }
  | { readonly do: 'pause' | 'resume'; readonly id: string; readonly at: number }
  | { readonly do: 'stop'; readonly id: string; readonly at: number; readonly reason: RecordingEnd }
  /** Makes the files of a folder whole; nobody writes there any more. */
  | { readonly do: 'finish'; readonly id: string; readonly folder: string }
  /** Ends what is open, so that the next start of the server finishes it. */
  | { readonly do: 'close' };

/** What it tells. */
export type RecorderReport =
  | { readonly say: 'ready' }
  | { readonly say: 'gapped'; readonly id: string; readonly from: number; readonly lostMs: number; readonly words: string }
  /** Its files are closed, and wait to be made whole. */
  | { readonly say: 'ended'; readonly id: string; readonly at: number; readonly reason: RecordingEnd; readonly words?: string }
  /** Undefined: nothing of it was kept. */
  | { readonly say: 'finished'; readonly id: string; readonly finished: Finished | undefined }
  | { readonly say: 'unfinished'; readonly id: string; readonly words: string };
