import type { Disk } from './disk.ts';

/** A file that was written since it was last known to survive a power cut. */
interface Dirty {
  isDirty: boolean;
  isFlying: boolean;
  isClosing: boolean;
  due: number;
}

/** Each file is synchronised at most this often, ms. */
const EVERY = 1000;
/** So many at once: the runtime has four threads for all its files, and others need them too. */
const AT_ONCE = 2;

/**
 * When files are made to survive a power cut: each a second after it was written, in turn, two at a time. A disk that cannot keep up makes the turn
 * longer, never the recorder late.
 */
export class Syncs {
  readonly #disk: Disk;
  readonly #files = new Map<number, Dirty>();
  #flying = 0;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Something is not on the disk for good yet. */
  get waits(): boolean {
    for (const { isDirty, isFlying } of this.#files.values()) if (isDirty || isFlying) return true;
    return false;
  }

  /** Something was written into it. */
  mark(file: number, now: number): void {
    const known = this.#files.get(file);
    if (known === undefined) this.#files.set(file, { isDirty: true, isFlying: false, isClosing: false, due: now + EVERY });
    else if (!known.isDirty) {
      known.isDirty = true;
      known.due = Math.max(known.due, now);
    }
  }

  /** Begins with those whose time has come, the longest written first. */
  turn(now: number): void {
    for (const [file, dirty] of this.#files) {
      if (this.#flying >= AT_ONCE) return;
      if (dirty.isDirty && !dirty.isFlying && dirty.due <= now) this.#fly(file, dirty, now);
    }
  }

  /** Closes the file, if need be when its sync is over. */
  close(file: number): void {
    const dirty = this.#files.get(file);
    if (dirty?.isFlying) dirty.isClosing = true;
    else this.#end(file);
  }

  #fly(file: number, dirty: Dirty, now: number): void {
    this.#flying += 1;
    dirty.isDirty = false;
    dirty.isFlying = true;
    dirty.due = now + EVERY;
    // To the end of the line.
    this.#files.delete(file);
    this.#files.set(file, dirty);
    // What a sync has to complain of, the next write or the finishing of the file says in words.
    this.#disk.sync(file, () => {
      this.#flying -= 1;
      dirty.isFlying = false;
      if (dirty.isClosing) this.#end(file);
    });
  }

  #end(file: number): void {
    this.#files.delete(file);
    this.#disk.close(file);
  }
}
