import type { Line } from '../journal.ts';
import { trackName } from '../journal.ts';
import type { Disk } from './disk.ts';
import { OggPart } from './ogg-opus.ts';
import type { Syncs } from './syncs.ts';
import { WavPart } from './wav-part.ts';

/** What all tracks of a recording share. */
export interface TrackHome {
  readonly folder: string;
  readonly format: 'wav' | 'ogg';
  readonly disk: Disk;
  readonly syncs: Syncs;
  /** Monotonic ms. */
  readonly now: () => number;
  readonly note: (line: Line) => void;
  /** What was noted is written. */
  readonly commit: () => void;
}

/** The mix (track 0) or a stem. A WAV file has one rate: where the room's changes, the next part begins; they are joined when the recording is finished. */
export class Track {
  readonly track: number;
  /** Frame of the recording at which it begins. */
  readonly frame: number;
  isLeft = false;
  readonly #home: TrackHome;
  #part: WavPart | OggPart | undefined;
  #from = 0;
  #parts = 0;

  constructor(home: TrackHome, track: number, frame: number) {
    this.#home = home;
    this.track = track;
    this.frame = frame;
  }

  /** May throw what the disk says. */
  write(frame: number, samples: Int16Array): void {
    const rate = 50 * samples.length;
    if (this.#part === undefined || (this.#part instanceof WavPart && this.#part.rate !== rate)) this.#open(frame, rate);
    this.#part!.write(frame - this.#from, samples);
  }

  /** What is held is written; up to `frames` of the recording there is silence. May throw what the disk says. */
  flush(frames = 0): void {
    const part = this.#part;
    if (part?.flush(Math.max(0, frames - this.#from))) this.#home.syncs.mark(part.file, this.#home.now());
  }

  close(): void {
    const part = this.#part;
    this.#part = undefined;
    if (part instanceof OggPart) part.close();
    if (part !== undefined) this.#home.syncs.close(part.file);
  }

  #open(frame: number, rate: number): void {
    const { folder, format, disk, note, commit } = this.#home;
    try {
      // The former part ends where this one begins, if need be in silence.
      if (this.#part !== undefined) this.flush(frame);
    } finally {
      this.close();
    }
    const part = this.#parts + 1;
    const path = `${folder}/${trackName({ track: this.track, format, part })}`;
    // Before the first sound there is silence.
    const from = part === 1 ? this.frame : frame;
    this.#part = format === 'wav' ? new WavPart({ disk, path, rate }) : new OggPart({ disk, path, rate, serial: this.track + 1 });
    this.#parts = part;
    this.#from = from;
    note({ do: 'part', track: this.track, part, rate, frame: from });
    // Before there is any sound in it: a file that the journal does not know is lost.
    commit();
  }
}
