import type { RecordingEnd } from '../conference/index.ts';

/** What a recording was started with. */
export interface Head {
  readonly do: 'head';
  readonly version: 1;
  readonly id: string;
  readonly account: string;
  readonly conference: string;
  readonly instance: string;
  readonly name?: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly stems: boolean;
  readonly format: 'wav' | 'ogg';
  readonly silence: boolean;
  readonly maxSeconds?: number;
  readonly maxSilence?: number;
  readonly onEnd?: string;
  /** The call that is recorded, and no room. */
  readonly call?: string;
}

/** Somebody who was there when the recording began. */
export interface Present {
  readonly leg: string;
  readonly participant: string;
  readonly number: number;
  readonly role: string;
  readonly direction: 'inbound' | 'outbound';
  readonly callerName: string;
  readonly callerNumber: string;
  /** Epoch ms. */
  readonly joinedAt: number;
  readonly muted: readonly string[];
  /** What he has said of this recording until then; absent: he was not asked. */
  readonly consent?: 'asked' | 'given' | 'refused';
}

/** Why sound is missing: the recorder was too slow for the ring, the disk took nothing, or the machine stood still. */
export type GapReason = 'slow' | 'disk' | 'stood-still';

/**
 * A line of the small file `journal.jsonl` that is written beside the sound. What it says is enough to finish the files after any crash. `frame` counts
 * 20 ms of the recording; `at` is epoch ms.
 */
export type Line =
  | Head
  /** Who was there at the start, and the number of the conference's last fact then. */
  | { readonly do: 'present'; readonly people: readonly Present[]; readonly sequence: number; readonly notice: boolean }
  /** From this frame on, time goes on from `at`: the room's life began, or a pause is over. */
  | { readonly do: 'run'; readonly frame: number; readonly at: number }
  | {
      readonly do: 'track';
      readonly track: number;
      readonly source: { readonly kind: string; readonly id: string } | null;
      readonly frame: number;
    }
  /** A file of a track; the next one begins where the room's rate changes. */
  | { readonly do: 'part'; readonly track: number; readonly part: number; readonly rate: number; readonly frame: number }
  | { readonly do: 'left' | 'back'; readonly track: number; readonly frame: number; readonly at: number }
  | { readonly do: 'rate'; readonly rate: number; readonly frame: number }
  | { readonly do: 'pause' | 'resume'; readonly frame: number; readonly at: number }
  | {
      readonly do: 'gap';
      readonly frame: number;
      readonly frames: number;
      readonly at: number;
      readonly reason: GapReason;
      readonly words: string;
    }
  | { readonly do: 'end'; readonly frame: number; readonly at: number; readonly reason: RecordingEnd; readonly words?: string };

/** Its name in the folder of a recording; a folder that has one is not finished. */
export const JOURNAL = 'journal.jsonl';

/** Reads a journal up to the first line that is not whole. */
export function readJournal(text: string): Line[] {
  const lines: Line[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    try {
      lines.push(JSON.parse(line) as Line);
    } catch {
      return lines;
    }
  }
  return lines;
}

/** What a track's file is called; `part`: while it is being written. */
export function trackName({ track, format, part }: { track: number; format: 'wav' | 'ogg'; part?: number }): string {
  const name = track === 0 ? 'mix' : `stem-${String(track).padStart(3, '0')}`;
  return part === undefined ? `${name}.${format}` : `${name}.part-${part}.${format}`;
}
