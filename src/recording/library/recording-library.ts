import { join } from 'node:path';
import type { AccountId } from '../../accounts/index.ts';
import { type Clock, Failure, type Log } from '../../base/index.ts';
import type {
  Archive,
  ByteRange,
  Erasing,
  FileOf,
  OldRecordings,
  OpenedFile,
  Peaks,
  RecordingQuery,
  RecordingRecord,
  Recordings,
} from '../../conference/index.ts';
import type { Shelf } from '../ports.ts';
import { folderOf } from '../shelf-key.ts';
import type { Turns } from '../turns.ts';
import { recordingWithout } from './erase.ts';
import { inParts } from './peak-sum.ts';
import { peaksOf } from './peaks.ts';

/** Old recordings that are removed in one go, so that a server that stops need not wait for thousands; and how many are looked at for it. */
const AT_ONCE = 50;
const LOOKED_AT = 1000;
/** Points that a picture has at most. */
const MOST_POINTS = 4096;

/** What the library needs. */
export interface LibraryOptions {
  readonly archive: Archive;
  /** Every file first lies there, and those of a server without another shelf stay. */
  readonly local: Shelf;
  /** The folder of `local`. */
  readonly folder: string;
  /** Where finished recordings go; undefined: they stay in the folder. */
  readonly remote: Shelf | undefined;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly log: Log;
}

const notFound = (id: string): Failure => new Failure('not-found', 'recording_not_found', 'no such recording', { details: { id } });
const noFile = (): Failure => new Failure('not-found', 'recording_file_not_found', 'the recording has no such file');
const isRunning = (): Failure => new Failure('conflict', 'recording_running', 'the recording is still being written');

/** Recordings with their files, wherever these are. */
export class RecordingLibrary implements Recordings {
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  list(query: RecordingQuery): Promise<readonly RecordingRecord[]> {
    return this.#options.archive.list(query);
  }

  async get(account: AccountId, id: string): Promise<RecordingRecord> {
    const record = await this.#options.archive.recording(account, id);
    if (record === undefined) throw notFound(id);
    return record;
  }

  async open(of: FileOf, range?: ByteRange): Promise<OpenedFile> {
    const seen = await this.#finished(of.account, of.recording);
    const opened = await this.#open(seen, of.file, range);
    if (opened !== undefined) return opened;
    // It may have gone to its shelf between two looks.
    const now = await this.#finished(of.account, of.recording);
    const again = now.place === seen.place ? undefined : await this.#open(now, of.file, range);
    if (again === undefined) throw noFile();
    return again;
  }

  async peaks(account: AccountId, id: string, points: number): Promise<Peaks> {
    const path = join(this.#options.folder, folderOf(account, id), 'peaks.json');
    // One makes the picture, whoever asked at the same time finds it.
    const parts = await this.#options.turns.take(`${id} peaks`, async () => {
      const record = await this.#finished(account, id);
      const open = (file: string) => this.open({ account, recording: id, file });
      return peaksOf(record, { clock: this.#options.clock, open, path });
    });
    return { seconds: parts.seconds, ...inParts(parts, Math.min(points, MOST_POINTS)) };
  }

  async remove(account: AccountId, id: string): Promise<RecordingRecord> {
    return this.#options.turns.take(id, async () => {
      const record = await this.#finished(account, id);
      const { local, archive } = this.#options;
      await this.#shelfOf(record).remove(account, id);
      // What was on its way is here too, and the picture.
      await local.remove(account, id);
      if (record.state === 'storing') await this.#options.remote?.remove(account, id);
      await archive.remove(account, id);
      return record;
    });
  }

  async forget({ account, before }: OldRecordings): Promise<number> {
    const { archive, log } = this.#options;
    let removed = 0;
    // More than are removed in one go: those that cannot be removed come first again and must not be in the way.
    for (const { id } of await archive.startedBefore(account, before, LOOKED_AT)) {
      if (removed === AT_ONCE) break;
      try {
        await this.remove(account, id);
        removed += 1;
      } catch (error) {
        if (error instanceof Failure && error.kind === 'not-found') continue;
        log.warn('an old recording could not be removed, trying again another day', { account, recording: id, error });
      }
    }
    return removed;
  }

  async erase({ whole = false, ...whose }: Erasing & { readonly whole?: boolean }): Promise<number> {
    const { archive, turns, clock, folder } = this.#options;
    let erased = 0;
    for (const { id, state } of await archive.ofCaller(whose)) {
      if (state === 'running') continue;
      if (whole) {
        await this.remove(whose.account, id);
        erased += 1;
        continue;
      }
      await turns.take(id, async () => {
        const record = await archive.recording(whose.account, id);
        if (record === undefined || record.state === 'running') return;
        const shelf = this.#shelfOf(record);
        await archive.save(await recordingWithout(record, whose, { shelf, folder, now: clock.epoch() }));
        erased += 1;
      });
    }
    return erased;
  }

  async #finished(account: AccountId, id: string): Promise<RecordingRecord> {
    const record = await this.get(account, id);
    if (record.state === 'running') throw isRunning();
    return record;
  }

  async #open(record: RecordingRecord, name: string, range: ByteRange | undefined): Promise<OpenedFile | undefined> {
    const file = record.files.find((each) => each.name === name);
    if (file === undefined) throw noFile();
    return this.#shelfOf(record).get({ account: record.account, recording: record.id, file: name }, range);
  }

  /** Where the files of a finished recording are now. */
  #shelfOf({ state, place }: RecordingRecord): Shelf {
    const { local, remote } = this.#options;
    if (state !== 'stored' || place === undefined || place === local.place) return local;
    if (remote?.place === place) return remote;
    throw new Failure('unavailable', 'shelf', `the recording is in ${place}, which is not where recordings are kept now`);
  }
}
