import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Alarm, type Chance, type Clock, type Closable, Failure, type Log } from '../base/index.ts';
import type { Archive, RecordingFile, RecordingRecord } from '../conference/index.ts';
import type { Shelf } from './ports.ts';
import { folderOf, pathOf, typeOfFile } from './shelf-key.ts';
import type { Turns } from './turns.ts';

/** ms until what failed is tried again: twice as long each time, and up to a quarter of it more by chance. */
const PAUSE = { first: 5000, most: 600_000 };
/** Failures in a row after which a round ends: then it is the shelf, and not a recording. */
const ENOUGH = 3;

/** What carrying recordings to their shelf needs. */
export interface UploadsOptions {
  readonly archive: Pick<Archive, 'save' | 'recording' | 'unfinished'>;
  readonly shelf: Shelf;
  /** Where the recorder leaves finished files: `folder/account/recording/file`. */
  readonly folder: string;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Log;
  /** A recording is on its shelf. Default: nothing is done. */
  readonly onStored?: (record: RecordingRecord) => Promise<void>;
}

/** How it stands with the way to the shelf. */
export interface UploadCounts {
  /** Recordings that wait or are under way, as of the last look. */
  readonly waiting: number;
  readonly stored: number;
  readonly failed: number;
}

/**
 * Carries recordings whose state is `storing` to their shelf. The queue is the archive itself, so that nothing is lost by a restart; how far a file in parts
 * had come, the store knows. While the shelf fails everything waits, and the local files stay.
 */
export class Uploads implements Closable {
  readonly #options: UploadsOptions;
  #alarm: Alarm | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #pause = PAUSE.first;
  #isResting = false;
  #closed = false;
  #waiting = 0;
  readonly #sums = { stored: 0, failed: 0 };

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  counts(): UploadCounts {
    return { waiting: this.#waiting, ...this.#sums };
  }

  /** Something may be to carry: after the start, and whenever a recording has been saved as `storing`. Never throws. */
  kick(): void {
    if (this.#closed) return;
    this.#again = true;
    // While the shelf is left alone, the next round takes this one along.
    if (!this.#isResting) this.#start();
  }

  /** Waits for the file that is under way: who owns a shelf that can be closed closes it first. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm?.cancel();
    await this.#round;
  }

  #start(): void {
    this.#round ??= this.#work().finally(() => {
      this.#round = undefined;
    });
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      if (!(await this.#once())) return this.#rest();
      this.#pause = PAUSE.first;
    }
  }

  #rest(): void {
    if (this.#closed) return;
    const { clock, chance } = this.#options;
    const [byte = 0] = chance.bytes(1);
    const wait = this.#pause * (1 + byte / 1024);
    this.#pause = Math.min(2 * this.#pause, PAUSE.most);
    this.#isResting = true;
    this.#alarm = clock.wake(clock.now() + wait, () => {
      this.#isResting = false;
      this.kick();
    });
  }

  /** One look at the queue; false when something has to be tried again. */
  async #once(): Promise<boolean> {
    try {
      const queue = (await this.#options.archive.unfinished()).filter(({ state }) => state === 'storing');
      return await this.#carryAll(queue);
    } catch (error) {
      this.#options.log.error('the recordings that wait for their shelf cannot be read, trying again', { error });
      return false;
    }
  }

  async #carryAll(queue: readonly RecordingRecord[]): Promise<boolean> {
    this.#waiting = queue.length;
    let [failures, inARow] = [0, 0];
    for (const record of queue) {
      if (this.#closed || inARow >= ENOUGH) return failures === 0;
      if (await this.#carry(record)) inARow = 0;
      else [failures, inARow] = [failures + 1, inARow + 1];
    }
    return failures === 0;
  }

  /** False when it must be tried again. */
  async #carry({ account, id }: RecordingRecord): Promise<boolean> {
    const { log, turns } = this.#options;
    try {
      await turns.take(id, () => this.#store(account, id));
      return true;
    } catch (error) {
      if (this.#closed) return true;
      this.#sums.failed += 1;
      const reason = error instanceof Failure ? error.message : undefined;
      const what = reason === undefined ? { error } : { reason };
      log.warn('a recording does not get to its shelf, trying again', { account, recording: id, ...what });
      return false;
    }
  }

  async #store(account: RecordingRecord['account'], id: string): Promise<void> {
    const { archive, shelf, folder, log, onStored } = this.#options;
    // As it is now: somebody may have removed it, or a person from it.
    const record = await archive.recording(account, id);
    if (record?.state !== 'storing') return;
    // The disk of another node.
    if (!(await exists(join(folder, folderOf(account, id)))))
      return log.debug('a recording is on no disk of this machine', { recording: id });
    for (const file of record.files) await this.#put(record, file);
    const stored: RecordingRecord = { ...record, state: 'stored', place: shelf.place };
    await archive.save(stored);
    this.#sums.stored += 1;
    this.#waiting = Math.max(0, this.#waiting - 1);
    await onStored?.(stored);
  }

  #put({ account, id }: RecordingRecord, { name, bytes, sha256 }: RecordingFile): Promise<void> {
    const key = { account, recording: id, file: name };
    const path = join(this.#options.folder, pathOf(key));
    return this.#options.shelf.put(key, { path, bytes, sha256, type: typeOfFile(name) });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
